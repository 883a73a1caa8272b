import type Database from 'better-sqlite3';
import { type AttributeValue, subscriberStates } from '../../contract/subscribers.ts';
import type { BulkRow } from '../../core/ports/bulk.ts';
import { personEraser } from './subscriber-changes.ts';
import { stateCode, UNSUBSCRIBED } from './subscriber-rows.ts';

/** What a change does to one person, and how it is taken back. Whoever is gone is passed over. */
interface ForOne {
  /** @returns whether it made a difference */
  apply(id: number): boolean;
  /** Unless it was changed again since. @returns whether it was taken back */
  revert(id: number): boolean;
  /** Whether it can be taken back. */
  leavesTrace: boolean;
}

/** Gives what a change means for single people, to be done within a transaction of the caller's. */
export function bulkPerson(db: Database.Database, secret: Uint8Array) {
  const define = db.prepare('INSERT INTO tag (site_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const tagOf = db
    .prepare<[number, string], number>('SELECT id FROM tag WHERE site_id = ? AND name = ?')
    .pluck();
  const attach = db.prepare(
    `INSERT INTO subscriber_tag (tag_id, subscriber_id)
     SELECT ?, id FROM subscriber WHERE id = ? AND site_id = ? ON CONFLICT DO NOTHING`,
  );
  const detach = db.prepare('DELETE FROM subscriber_tag WHERE tag_id = ? AND subscriber_id = ?');
  const attributesOf = db
    .prepare<[number, number], string>('SELECT attributes FROM subscriber WHERE id = ? AND site_id = ?')
    .pluck();
  const setAttributes = db.prepare('UPDATE subscriber SET attributes = ? WHERE id = ?');
  const noteFormer = db.prepare('INSERT INTO bulk_former VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const takeFormer = db
    .prepare<[number, number], string>(
      'DELETE FROM bulk_former WHERE subscriber_id = ? AND bulk_change_id = ? RETURNING value',
    )
    .pluck();
  const stateOf = db
    .prepare<[number, number], number>('SELECT state FROM subscriber WHERE id = ? AND site_id = ?')
    .pluck();
  const setState = db.prepare(
    'UPDATE subscriber SET state = ?, state_reason = ?, state_since = ? WHERE id = ?',
  );
  const removed = db
    .prepare<[number, number], string>(
      `SELECT state_reason FROM subscriber
       WHERE id = ? AND state = ${UNSUBSCRIBED} AND state_since = ? AND state_reason LIKE 'removed:%'`,
    )
    .pluck();
  const erase = personEraser(db, secret);

  function tagged(site: number, name: string, adds: boolean): ForOne {
    let tag = tagOf.get(site, name);
    const add = (id: number) => {
      if (tag === undefined) {
        define.run(site, name);
        tag = tagOf.get(site, name) as number;
      }
      return attach.run(tag, id, site).changes > 0;
    };
    const take = (id: number) => tag !== undefined && detach.run(tag, id).changes > 0;
    return adds
      ? { apply: add, revert: take, leavesTrace: true }
      : { apply: take, revert: add, leavesTrace: true };
  }

  function attributed(change: BulkRow, name: string, value: AttributeValue | null): ForOne {
    const wanted = value === null ? undefined : JSON.stringify(value);
    /** What somebody has, with this one beside it or without it; null when they are gone. */
    function read(id: number) {
      const stored = attributesOf.get(id, change.site);
      if (stored === undefined) return null;
      const all: Record<string, unknown> = JSON.parse(stored);
      const now = Object.hasOwn(all, name) ? JSON.stringify(all[name]) : undefined;
      return { all, now };
    }
    function write(id: number, all: Record<string, unknown>, text: string | undefined) {
      const { [name]: _, ...others } = all;
      const next = text === undefined ? others : { ...others, [name]: JSON.parse(text) };
      setAttributes.run(JSON.stringify(next), id);
    }
    return {
      leavesTrace: true,
      apply(id) {
        const person = read(id);
        if (person === null || person.now === wanted) return false;
        if (person.now !== undefined) noteFormer.run(id, change.id, person.now);
        write(id, person.all, wanted);
        return true;
      },
      revert(id) {
        const former = takeFormer.get(id, change.id);
        const person = read(id);
        if (person === null || person.now !== wanted) return false;
        write(id, person.all, former);
        return true;
      },
    };
  }

  /** All at the moment at which it was asked for: by that it is known again. */
  function removing({ site, createdAt }: BulkRow, now: number): ForOne {
    return {
      leavesTrace: true,
      apply(id) {
        const state = stateOf.get(id, site);
        if (state === undefined || state === UNSUBSCRIBED) return false;
        setState.run(UNSUBSCRIBED, `removed:${subscriberStates[state]}`, createdAt, id);
        return true;
      },
      revert(id) {
        const before = removed.get(id, createdAt)?.split(':')[1];
        const state = subscriberStates.find((one) => one === before);
        if (state === undefined) return false;
        setState.run(stateCode(state), null, now, id);
        return true;
      },
    };
  }

  return (change: BulkRow, now: number): ForOne => {
    const { action, site } = change;
    if ('addTag' in action) return tagged(site, action.addTag, true);
    if ('removeTag' in action) return tagged(site, action.removeTag, false);
    if ('attribute' in action) return attributed(change, action.attribute, action.value);
    if ('remove' in action) return removing(change, now);
    return {
      leavesTrace: false,
      apply: (id) => stateOf.get(id, site) !== undefined && erase(id, now),
      revert: () => false,
    };
  };
}
