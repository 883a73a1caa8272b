import type Database from 'better-sqlite3';
import type { PeopleOrder, PeoplePlace } from '../../core/ports/storage.ts';

/** Of a state with fewer people, all are sorted: going through an index for them would pass over too many others. */
const FEW = 2000;

interface Found {
  id: number;
  key: number | string | null;
}
interface Asked {
  site: number;
  states: number[];
  order: PeopleOrder;
  after: PeoplePlace | null;
  limit: number;
}

/**
 * Lists people by what they are like, page after page along an index, however many have the same value. Who has no
 * external id stands at the end, the newest first.
 */
export function subscriberOrder(db: Database.Database) {
  const prepared = (text: string) => db.prepare<[Record<string, unknown>], Found>(text);
  /** What follows a place in an order; a row value would be looked for by its first part only. */
  const parts = (select: string, column: string, least: string, way: 'asc' | 'desc') => {
    const sign = way === 'desc' ? '<' : '>';
    const by = `ORDER BY ${column} ${way}, id ${way} LIMIT @limit`;
    return {
      // IS NOT NULL alone would go through everyone who has none
      first: prepared(`${select} AND ${column} >= ${least} ${by}`),
      same: prepared(`${select} AND ${column} = @key AND id ${sign} @id ORDER BY id ${way} LIMIT @limit`),
      further: prepared(`${select} AND ${column} >= ${least} AND ${column} ${sign} @key ${by}`),
    };
  };
  const both = (select: string, column: string, least: string) => ({
    asc: parts(select, column, least, 'asc'),
    desc: parts(select, column, least, 'desc'),
  });
  const lastSeen = both(
    `SELECT id, last_seen AS key FROM subscriber INDEXED BY subscriber_last_seen
     WHERE site_id = @site AND state = @state`,
    'last_seen',
    '-9223372036854775808',
  );
  const EXTERNAL_ID = 'external_id COLLATE NOCASE';
  const byExternalId = both(
    `SELECT id, external_id AS key FROM subscriber INDEXED BY subscriber_find_external_id
     WHERE site_id = @site AND external_id IS NOT NULL AND state IN (SELECT value FROM json_each(@states))`,
    EXTERNAL_ID,
    "''",
  );
  const ofFew = both(
    `SELECT id, external_id AS key FROM subscriber INDEXED BY subscriber_state
     WHERE site_id = @site AND state = @state`,
    `+${EXTERNAL_ID}`,
    "''",
  );
  const without = prepared(`
    SELECT id, NULL AS key FROM subscriber INDEXED BY subscriber_state
    WHERE site_id = @site AND state = @state AND external_id IS NULL AND id < @id ORDER BY id DESC LIMIT @limit`);
  const isLarge = db
    .prepare<[number, number], 1>(
      `SELECT 1 FROM subscriber WHERE site_id = ? AND state = ? LIMIT 1 OFFSET ${FEW}`,
    )
    .pluck();

  function following(
    { first, same, further }: ReturnType<typeof parts>,
    values: Record<string, unknown>,
    after: PeoplePlace | null,
    limit: number,
  ): Found[] {
    if (after === null) return first.all({ ...values, limit });
    if (after.key === null) return [];
    const place = { ...values, key: after.key };
    const found = same.all({ ...place, id: after.id, limit });
    return [...found, ...further.all({ ...place, limit: limit - found.length })];
  }

  function bySeen({ site, states, order: { way }, after, limit }: Asked): number[] {
    const sign = way === 'asc' ? 1 : -1;
    return states
      .flatMap((state) => following(lastSeen[way], { site, state }, after, limit))
      .sort((a, b) => sign * (Number(a.key) - Number(b.key) || a.id - b.id))
      .slice(0, limit)
      .map(({ id }) => id);
  }

  function byName({ site, states, order: { way }, after, limit }: Asked): number[] {
    const [only] = states;
    const few = states.length === 1 && only !== undefined && isLarge.get(site, only) === undefined;
    const found = few
      ? following(ofFew[way], { site, state: only }, after, limit)
      : following(byExternalId[way], { site, states: JSON.stringify(states) }, after, limit);
    const more = limit - found.length;
    const id = after?.key === null ? after.id : Number.MAX_SAFE_INTEGER;
    const nameless =
      more <= 0 ? [] : states.flatMap((state) => without.all({ site, state, id, limit: more }));
    return [...found, ...nameless.sort((a, b) => b.id - a.id).slice(0, more)].map((one) => one.id);
  }

  /** @returns the ids of the next people in these states, at most `limit` */
  return (asked: Asked): number[] => (asked.order.by === 'lastSeen' ? bySeen(asked) : byName(asked));
}
