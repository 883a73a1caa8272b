import type Database from 'better-sqlite3';
import type { BulkRow, BulkSave } from '../../core/ports/bulk.ts';
import type { SubscriberFilter } from '../../core/ports/storage.ts';
import { bulkPerson } from './bulk-person.ts';
import { filterSql } from './subscriber-filter.ts';

interface Stored extends Omit<BulkRow, 'site' | 'action' | 'createdAt' | 'finishedAt'> {
  site_id: number;
  action: string;
  created_at: number;
  finished_at: number | null;
}
const COLUMNS =
  'id, site_id, action, state, people, looked, changed, undone, kept, problem, created_at, finished_at';
const toRow = ({ site_id, action, created_at, finished_at, ...row }: Stored): BulkRow => ({
  ...row,
  site: site_id,
  action: JSON.parse(action),
  createdAt: created_at,
  finishedAt: finished_at,
});

/** People of one piece, and milliseconds for which one call goes on; writing it down takes about as long again. */
const PIECE = 1000;
const TIME_AT_ONCE = 20;
/** Pieces that one call forgets. */
const FORGOTTEN = 5;

export function bulkReads(db: Database.Database) {
  const one = db.prepare<[number], Stored>(`SELECT ${COLUMNS} FROM bulk_change WHERE id = ?`);
  const some = db.prepare<[Record<string, unknown>], Stored>(
    `SELECT ${COLUMNS} FROM bulk_change WHERE (@site IS NULL OR site_id = @site) AND id < @before
     ORDER BY id DESC LIMIT @limit`,
  );
  const underWay = db.prepare<[], Stored>(
    `SELECT ${COLUMNS} FROM bulk_change WHERE state IN ('finding', 'changing', 'undoing') ORDER BY id`,
  );
  const newest = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM subscriber').pluck();
  return {
    'bulk.page': (site: number | null, after: number | null, limit: number): BulkRow[] =>
      some.all({ site, before: after ?? Number.MAX_SAFE_INTEGER, limit }).map(toRow),
    'bulk.underWay': (): BulkRow[] => underWay.all().map(toRow),
    'bulk.get': (id: number): BulkRow | null => {
      const row = one.get(id);
      return row ? toRow(row) : null;
    },
    'bulk.newestPerson': (): number => newest.get() ?? 0,
    'bulk.find': (filter: SubscriberFilter, after: number, upTo: number, limit: number): number[] => {
      const { sql, values } = filterSql(filter);
      return db
        .prepare<[Record<string, unknown>], number>(
          `SELECT s.id FROM subscriber s WHERE ${sql} AND s.id > @from AND s.id <= @upTo ORDER BY s.id LIMIT @limit`,
        )
        .pluck()
        .all({ ...values, from: after, upTo, limit });
    },
  };
}

interface Piece {
  number: number;
  waiting: string;
  changed: string;
}

/** Changes to many people at once, in transactions short enough to let everyone else in between. */
export function bulkWrites(db: Database.Database, secret: Uint8Array) {
  const one = db.prepare<[number], Stored>(`SELECT ${COLUMNS} FROM bulk_change WHERE id = ?`);
  const byRequest = db.prepare<[string], number>('SELECT id FROM bulk_change WHERE request_id = ?').pluck();
  const insert = db.prepare(
    `INSERT INTO bulk_change (site_id, action, state, created_at, request_id) VALUES (?, ?, 'finding', ?, ?)
     ON CONFLICT (request_id) DO NOTHING`,
  );
  const lastPiece = db
    .prepare<[number], number>('SELECT coalesce(max(number), 0) FROM bulk_piece WHERE bulk_change_id = ?')
    .pluck();
  const addPiece = db.prepare("INSERT INTO bulk_piece VALUES (?, ?, ?, '[]')");
  const waitingPiece = db.prepare<[number], Piece>(
    `SELECT number, waiting, changed FROM bulk_piece INDEXED BY bulk_piece_waiting
     WHERE bulk_change_id = ? AND waiting <> '[]' ORDER BY number LIMIT 1`,
  );
  const anyPiece = db.prepare<[number], Piece>(
    'SELECT number, waiting, changed FROM bulk_piece WHERE bulk_change_id = ? ORDER BY number LIMIT 1',
  );
  const savePiece = db.prepare(
    'UPDATE bulk_piece SET waiting = ?, changed = ? WHERE bulk_change_id = ? AND number = ?',
  );
  const dropPiece = db.prepare('DELETE FROM bulk_piece WHERE bulk_change_id = ? AND number = ?');
  const dropUntouched = db.prepare("DELETE FROM bulk_piece WHERE bulk_change_id = ? AND changed = '[]'");
  const dropRest = db.prepare(
    "UPDATE bulk_piece SET waiting = '[]' WHERE bulk_change_id = ? AND waiting <> '[]'",
  );
  const count = db.prepare('UPDATE bulk_change SET looked = looked + ?, changed = changed + ? WHERE id = ?');
  const countBack = db.prepare('UPDATE bulk_change SET undone = undone + ?, kept = kept + ? WHERE id = ?');
  const old = db
    .prepare<[number], number>('SELECT id FROM bulk_change WHERE finished_at < ? ORDER BY id LIMIT 1')
    .pluck();
  const remove = db.prepare('DELETE FROM bulk_change WHERE id = ?');
  const forget = db.prepare(
    'DELETE FROM bulk_former WHERE bulk_change_id = ? AND subscriber_id IN (SELECT value FROM json_each(?))',
  );
  const person = bulkPerson(db, secret);

  const get = (id: number): BulkRow | null => {
    const row = one.get(id);
    return row ? toRow(row) : null;
  };
  /** Goes through as many as there is time for, at least one. @returns those who are left */
  function through(people: number[], each: (person: number) => void): number[] {
    const until = performance.now() + TIME_AT_ONCE;
    let i = 0;
    for (const one of people) {
      if (i > 0 && performance.now() > until) break;
      each(one);
      i++;
    }
    return people.slice(i);
  }

  return {
    'bulk.insert': (
      { site, action, createdAt }: Pick<BulkRow, 'site' | 'action' | 'createdAt'>,
      requestId: string | null,
    ): { row: BulkRow; isNew: boolean } => {
      const { changes, lastInsertRowid } = insert.run(site, JSON.stringify(action), createdAt, requestId);
      const row = get(changes > 0 ? Number(lastInsertRowid) : (byRequest.get(requestId ?? '') ?? 0));
      if (row === null) throw new Error('the change was not stored');
      return { row, isNew: changes > 0 };
    },

    'bulk.save': (id: number, change: BulkSave): BulkRow | null => {
      const columns = Object.entries({
        state: change.state,
        people: change.people,
        problem: change.problem,
        finished_at: change.finishedAt,
      }).filter(([, value]) => value !== undefined);
      if (columns.length > 0)
        db.prepare(
          `UPDATE bulk_change SET ${columns.map(([name]) => `${name} = ?`).join(', ')} WHERE id = ?`,
        ).run(...columns.map(([, value]) => value), id);
      return get(id);
    },

    'bulk.add': db.transaction((id: number, people: number[]): void => {
      const last = lastPiece.get(id) ?? 0;
      for (let i = 0; i * PIECE < people.length; i++)
        addPiece.run(id, last + 1 + i, JSON.stringify(people.slice(i * PIECE, (i + 1) * PIECE)));
    }),

    'bulk.step': db.transaction((id: number, now: number): { looked: number; left: boolean } | null => {
      const change = get(id);
      if (change === null) return null;
      const piece = waitingPiece.get(id);
      if (piece === undefined) return { looked: 0, left: false };
      const waiting: number[] = JSON.parse(piece.waiting);
      const changed: number[] = JSON.parse(piece.changed);
      let more = 0;
      const { apply, leavesTrace } = person(change, now);
      const left = through(waiting, (one) => {
        if (!apply(one)) return;
        more++;
        if (leavesTrace) changed.push(one);
      });
      if (left.length + changed.length === 0) dropPiece.run(id, piece.number);
      else savePiece.run(JSON.stringify(left), JSON.stringify(changed), id, piece.number);
      const looked = waiting.length - left.length;
      count.run(looked, more, id);
      return { looked, left: waitingPiece.get(id) !== undefined };
    }),

    'bulk.undoStep': db.transaction((id: number, now: number): { looked: number; left: boolean } | null => {
      const change = get(id);
      if (change === null) return null;
      const piece = anyPiece.get(id);
      if (piece === undefined) return { looked: 0, left: false };
      const changed: number[] = JSON.parse(piece.changed);
      let undone = 0;
      const { revert } = person(change, now);
      const left = through(changed, (one) => {
        if (revert(one)) undone++;
      });
      if (left.length === 0) dropPiece.run(id, piece.number);
      else savePiece.run('[]', JSON.stringify(left), id, piece.number);
      const looked = changed.length - left.length;
      countBack.run(undone, looked - undone, id);
      return { looked, left: anyPiece.get(id) !== undefined };
    }),

    'bulk.dropWaiting': db.transaction((id: number): void => {
      dropUntouched.run(id);
      dropRest.run(id);
    }),

    'bulk.dropOld': db.transaction((endedBefore: number): number => {
      const id = old.get(endedBefore);
      if (id === undefined) return 0;
      let pieces = 0;
      for (; pieces < FORGOTTEN; pieces++) {
        const piece = anyPiece.get(id);
        if (piece === undefined) break;
        forget.run(id, piece.changed);
        dropPiece.run(id, piece.number);
      }
      return pieces === FORGOTTEN ? pieces : pieces + remove.run(id).changes;
    }),
  };
}
