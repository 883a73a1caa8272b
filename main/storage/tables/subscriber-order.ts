import type Database from 'better-sqlite3';
import type { PeopleOrder, PeoplePlace } from '../../core/ports/storage.ts';

/** Each order's column, and the index that has it after site and state. */
const orders = {
  lastSeen: { column: 'last_seen', index: 'subscriber_last_seen' },
  externalId: { column: 'external_id COLLATE NOCASE', index: 'subscriber_by_external_id' },
} as const;

type Key = number | string;
interface Found {
  id: number;
  key: Key | null;
}

/** As SQLite's NOCASE: only A to Z are folded; of the rest the bytes of UTF-8 decide. */
const folded = (key: Key) =>
  typeof key === 'string' ? Buffer.from(key.replaceAll(/[A-Z]/g, (one) => one.toLowerCase())) : key;
function compare(a: Key, b: Key): number {
  const [one, other] = [folded(a), folded(b)];
  if (typeof one === 'number' || typeof other === 'number') return Number(one) - Number(other);
  return Buffer.compare(one, other);
}

/**
 * Lists people by what they are like, page after page along an index, however many have the same value. Who has none
 * stands at the end, the newest first.
 */
export function subscriberOrder(db: Database.Database) {
  const statements = (by: keyof typeof orders, descending: boolean) => {
    const { column, index } = orders[by];
    const way = descending ? 'DESC' : 'ASC';
    const sign = descending ? '<' : '>';
    const select = `SELECT id, ${column.split(' ', 1)[0]} AS key FROM subscriber INDEXED BY ${index}
      WHERE site_id = @site AND state = @state AND`;
    const prepared = (condition: string, order: string) =>
      db.prepare<[Record<string, unknown>], Found>(`${select} ${condition} ORDER BY ${order} LIMIT @limit`);
    return {
      first: prepared(`${column} IS NOT NULL`, `${column} ${way}, id ${way}`),
      // a row value would be looked for by its first part only, and there may be a million of the same
      same: prepared(`${column} = @key AND id ${sign} @id`, `id ${way}`),
      further: prepared(`${column} ${sign} @key`, `${column} ${way}, id ${way}`),
      without: prepared(`${column} IS NULL AND id < @id`, 'id DESC'),
    };
  };
  const all = {
    lastSeen: { asc: statements('lastSeen', false), desc: statements('lastSeen', true) },
    externalId: { asc: statements('externalId', false), desc: statements('externalId', true) },
  };

  /** Those of one state after a place, with their keys. */
  function ofState(
    { by, way }: PeopleOrder,
    values: { site: number; state: number; limit: number },
    after: PeoplePlace | null,
  ): Found[] {
    const { first, same, further, without } = all[by][way];
    const { limit } = values;
    const found: Found[] = [];
    const more = (rows: (limit: number) => Found[]) => {
      if (found.length < limit) found.push(...rows(limit - found.length));
    };
    if (after === null) more((limit) => first.all({ ...values, limit }));
    else if (after.key !== null) {
      const { key, id } = after;
      more((limit) => same.all({ ...values, key, id, limit }));
      more((limit) => further.all({ ...values, key, limit }));
    }
    const id = after?.key === null ? after.id : Number.MAX_SAFE_INTEGER;
    more((limit) => without.all({ ...values, id, limit }));
    return found;
  }

  /**
   * @param states the states that are listed together
   * @returns the ids of the next people, at most `limit`
   */
  return (
    site: number,
    states: number[],
    order: PeopleOrder,
    after: PeoplePlace | null,
    limit: number,
  ): number[] => {
    const sign = order.way === 'asc' ? 1 : -1;
    return states
      .flatMap((state) => ofState(order, { site, state, limit }, after))
      .sort((a, b) => {
        if (a.key === null || b.key === null)
          return Number(a.key === null) - Number(b.key === null) || b.id - a.id;
        return sign * (compare(a.key, b.key) || a.id - b.id);
      })
      .slice(0, limit)
      .map(({ id }) => id);
  };
}
