import type Database from 'better-sqlite3';
import type { AttributeChange, AttributeChangeState } from '../../contract/attributes.ts';
import type { Attributes } from '../../contract/subscribers.ts';
import { applied, convert, type Former, formerOf, undone } from '../../core/attributes/apply.ts';
import type { AttributeChangeRow, AttributeStep } from '../../core/ports/attributes.ts';

/** Milliseconds that one transaction takes, about, and ids that it looks through between two looks at the clock. */
const TIME_AT_ONCE = 40;
const IDS_AT_ONCE = 500;

/** What people had before: 0 known, and then. */
const FORGETTING = 1;
const FORGOTTEN = 2;

interface Stored {
  id: number;
  site_id: number;
  change: string;
  state: AttributeChangeState;
  at: number;
  position: number;
  last_id: number;
  people: number;
  former_gone: number;
}
const toRow = (row: Stored): AttributeChangeRow => ({
  id: row.id,
  site: row.site_id,
  change: JSON.parse(row.change),
  state: row.state,
  people: row.people,
  at: row.at,
  undoable: row.state === 'done' && row.former_gone === 0 && row.people > 0,
});

/** How an attribute's name stands in the JSON of whoever has it: within a text, its quotes would be escaped. */
const inJson = (name: string) => `${JSON.stringify(name)}:`;

export function attributeChangeReads(db: Database.Database) {
  const people = db.prepare<[number], { name: string; people: number }>(
    `SELECT j.key AS name, count(*) AS people FROM subscriber s CROSS JOIN json_each(s.attributes) j
     WHERE s.site_id = ? AND s.attributes <> '{}' GROUP BY 1`,
  );
  const values = db.prepare<
    [{ site: number; name: string; text: string; other: string }],
    { type: string; value: string | number; people: number; both: number }
  >(
    `SELECT j.type, j.value, count(*) AS people, sum(instr(s.attributes, @other) > 0) AS both
     FROM subscriber s CROSS JOIN json_each(s.attributes) j
     WHERE s.site_id = @site AND instr(s.attributes, @text) > 0 AND j.key = @name GROUP BY 1, 2`,
  );
  const ofSite = db.prepare<[number], Stored>(
    'SELECT * FROM attribute_change WHERE site_id = ? ORDER BY id DESC LIMIT 100',
  );
  const underWay = db.prepare<[], Stored>(
    "SELECT * FROM attribute_change WHERE state IN ('running', 'undoing') ORDER BY id DESC",
  );
  const one = db.prepare<[number], Stored>('SELECT * FROM attribute_change WHERE id = ?');
  return {
    'attributes.people': (site: number): Record<string, number> =>
      Object.fromEntries(people.all(site).map(({ name, people }) => [name, people])),
    'attributes.preview': (site: number, change: AttributeChange) => {
      const found = { people: 0, both: 0, unreadable: 0, example: null as string | null };
      const other = change.do === 'merge' ? inJson(change.into) : '\0';
      for (const row of values.iterate({ site, name: change.name, text: inJson(change.name), other })) {
        found.people += row.people;
        found.both += row.both;
        if (change.do !== 'retype' || convert(jsonValue(row), change.kind) !== null) continue;
        found.unreadable += row.people;
        found.example ??= String(row.value);
      }
      return found;
    },
    'attributes.get': (id: number): AttributeChangeRow | null => {
      const row = one.get(id);
      return row === undefined ? null : toRow(row);
    },
    'attributes.list': (site: number | null): AttributeChangeRow[] =>
      (site === null ? underWay.all() : ofSite.all(site)).map(toRow),
  };
}

/** A value as json_each gives it. */
function jsonValue({ type, value }: { type: string; value: string | number }): Attributes[string] {
  if (type === 'true' || type === 'false') return type === 'true';
  return type === 'array' ? (JSON.parse(String(value)) as string[]) : value;
}

export function attributeChangeWrites(db: Database.Database) {
  const get = db.prepare<[number], Stored>('SELECT * FROM attribute_change WHERE id = ?');
  const isFree = db.prepare<[number], 1>(
    "SELECT 1 FROM attribute_change WHERE site_id = ? AND state IN ('running', 'undoing')",
  );
  const insert = db.prepare<[string, number, number], Stored>(
    `INSERT INTO attribute_change (site_id, change, state, at, position, last_id)
     SELECT id, ?, 'running', ?, 0, (SELECT coalesce(max(id), 0) FROM subscriber) FROM site WHERE id = ?
     RETURNING *`,
  );
  const ids = db.prepare<[Record<string, unknown>], { id: number; attributes: string }>(
    `SELECT id, attributes FROM subscriber WHERE id > @after AND id <= @upTo AND site_id = @site
       AND instr(attributes, @text) > 0`,
  );
  const nextId = db
    .prepare<[number, number], number | null>('SELECT min(id) FROM subscriber WHERE id > ? AND id <= ?')
    .pluck();
  const change = db.prepare('UPDATE subscriber SET attributes = ? WHERE id = ?');
  const keep = db.prepare('INSERT INTO attribute_former VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const advance = db.prepare('UPDATE attribute_change SET position = ?, people = people + ? WHERE id = ?');
  const former = db.prepare<[Record<string, unknown>], { id: number; attributes: string; former: string }>(
    `SELECT s.id, s.attributes, f.former FROM attribute_former f JOIN subscriber s ON s.id = f.subscriber_id
     WHERE f.subscriber_id > @after AND f.subscriber_id <= @upTo AND f.change_id = @id`,
  );
  const forgetOne = db.prepare(
    'DELETE FROM attribute_former WHERE subscriber_id > ? AND subscriber_id <= ? AND change_id = ?',
  );
  const move = db.prepare<[Record<string, unknown>], Stored>(
    `UPDATE attribute_change SET state = @to, position = iif(@to = 'undoing', 0, position),
       former_gone = iif(@to = 'undone', ${FORGOTTEN}, former_gone)
     WHERE id = @id AND state IN (SELECT value FROM json_each(@from)) AND (@to <> 'undoing' OR former_gone = 0)
       AND (state IN ('running', 'undoing') OR NOT EXISTS (SELECT 1 FROM attribute_change o
         WHERE o.site_id = attribute_change.site_id AND o.state IN ('running', 'undoing')))
     RETURNING *`,
  );
  const oldest = db.prepare<[number], Stored>(
    `SELECT * FROM attribute_change WHERE former_gone <> ${FORGOTTEN} AND state = 'done' AND at < ? ORDER BY id LIMIT 1`,
  );
  const noteForgetting = db.prepare(
    'UPDATE attribute_change SET former_gone = @gone, position = @position WHERE id = @id',
  );

  /** Goes through stretches of ids from where it stood, for the time that one transaction has. */
  function walk(row: Stored, visit: (after: number, upTo: number) => number): AttributeStep {
    const until = performance.now() + TIME_AT_ONCE;
    let { position } = row;
    let changed = 0;
    do {
      const next = nextId.get(position, row.last_id) ?? null;
      if (next === null) {
        position = row.last_id;
        break;
      }
      const upTo = Math.min(row.last_id, next - 1 + IDS_AT_ONCE);
      changed += visit(next - 1, upTo);
      position = upTo;
    } while (position < row.last_id && performance.now() < until);
    return { looked: position - row.position, changed, end: position >= row.last_id };
  }

  return {
    'attributes.insert': db.transaction(
      (site: number, wanted: AttributeChange, at: number): AttributeChangeRow | null => {
        if (isFree.get(site) !== undefined) return null;
        const row = insert.get(JSON.stringify(wanted), at, site);
        return row === undefined ? null : toRow(row);
      },
    ),

    'attributes.step': db.transaction((id: number): AttributeStep => {
      const row = get.get(id);
      if (row === undefined || row.state !== 'running') return { looked: 0, changed: 0, end: true };
      const wanted: AttributeChange = JSON.parse(row.change);
      const text = inJson(wanted.name);
      const step = walk(row, (after, upTo) => {
        let changed = 0;
        for (const person of ids.all({ after, upTo, site: row.site_id, text })) {
          const before: Attributes = JSON.parse(person.attributes);
          const now = applied(wanted, before);
          if (now === null) continue;
          keep.run(person.id, id, JSON.stringify(formerOf(wanted, before)));
          change.run(JSON.stringify(now), person.id);
          changed++;
        }
        return changed;
      });
      advance.run(row.position + step.looked, step.changed, id);
      return step;
    }),

    'attributes.stepBack': db.transaction((id: number): AttributeStep => {
      const row = get.get(id);
      if (row === undefined || row.state !== 'undoing') return { looked: 0, changed: 0, end: true };
      const wanted: AttributeChange = JSON.parse(row.change);
      const step = walk(row, (after, upTo) => {
        let changed = 0;
        for (const person of former.all({ after, upTo, id })) {
          const had: Former = JSON.parse(person.former);
          const now = undone(wanted, had, JSON.parse(person.attributes));
          if (now === null) continue;
          change.run(JSON.stringify(now), person.id);
          changed++;
        }
        forgetOne.run(after, upTo, id);
        return changed;
      });
      advance.run(row.position + step.looked, -step.changed, id);
      return step;
    }),

    'attributes.move': (
      id: number,
      from: AttributeChangeState[],
      to: AttributeChangeState,
    ): AttributeChangeRow | null => {
      const row = move.get({ id, to, from: JSON.stringify(from) });
      return row === undefined ? null : toRow(row);
    },

    'attributes.forget': db.transaction((before: number): number => {
      const row = oldest.get(before);
      if (row === undefined) return 0;
      // once it is done, its position says how far what people had is forgotten
      const from = row.former_gone === 0 ? { ...row, position: 0 } : row;
      let went = 0;
      const { looked, end } = walk(from, (after, upTo) => {
        went += forgetOne.run(after, upTo, row.id).changes;
        return 0;
      });
      const gone = end ? FORGOTTEN : FORGETTING;
      noteForgetting.run({ id: row.id, gone, position: from.position + looked });
      return Math.max(1, went);
    }),
  };
}
