import type Database from 'better-sqlite3';

/** Of the newest people, those that are looked through one by one before any index is asked. */
const LOOKED_THROUGH = 1500;
/** Different values of a facet, and tags, that one search may follow. */
const FOLLOWED = 1000;
/** As much of an endpoint's end as a list shows, and as the index holds. */
const TAIL = 8;
/** Sorts after every text that begins alike. */
const LAST = '\u{10ffff}';

const facets = ['browser', 'system', 'language', 'country'] as const;

const likePattern = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&');

/** What a search finds, as a condition on `subscriber` as `s`, with what `foundBy` gives to be bound. */
export const FOUND = `(s.external_id LIKE @starts ESCAPE '\\'
  OR ${facets.map((facet) => `s.${facet} LIKE @starts ESCAPE '\\'`).join(' OR ')}
  OR CASE WHEN @short THEN substr(s.endpoint, -${TAIL}) ELSE s.endpoint END LIKE @endpoint ESCAPE '\\'
  OR EXISTS (SELECT 1 FROM subscriber_tag st JOIN tag t ON t.id = st.tag_id
             WHERE st.subscriber_id = s.id AND t.name LIKE @starts ESCAPE '\\'))`;

/** What `FOUND` needs bound to find by a text. */
export function foundBy(text: string) {
  const short = text.length < TAIL;
  const pattern = likePattern(text);
  return {
    starts: `${pattern}%`,
    endpoint: short ? `${pattern}%` : `%${pattern}`,
    short: short ? 1 : 0,
  };
}

/** The newest ids among lists that each have their newest first. */
const newest = (lists: Iterable<number[]>, limit: number): number[] =>
  [...new Set([...lists].flat())].sort((a, b) => b - a).slice(0, limit);

/**
 * Finds people by the beginning of their external id, of a tag, of their browser, system, language or country, or by
 * the end of their endpoint: the beginning of its last 8 characters, or 8 and more of the last ones.
 */
export function subscriberSearch(db: Database.Database) {
  const inState = db
    .prepare<[number, number, number, number], number>(
      'SELECT id FROM subscriber INDEXED BY subscriber_state WHERE site_id = ? AND state = ? AND id < ? ORDER BY id DESC LIMIT ?',
    )
    .pluck();
  const inStateOldest = db
    .prepare<[number, number, number, number], number>(
      'SELECT id FROM subscriber INDEXED BY subscriber_state WHERE site_id = ? AND state = ? AND id > ? ORDER BY id LIMIT ?',
    )
    .pluck();
  const amongThese = db
    .prepare<[Record<string, unknown>], number>(
      `SELECT s.id FROM subscriber s WHERE s.id IN (SELECT value FROM json_each(@ids)) AND ${FOUND}`,
    )
    .pluck();
  const byExternalId = db
    .prepare<[Record<string, unknown>], number>(`
      SELECT id FROM subscriber INDEXED BY subscriber_find_external_id
      WHERE site_id = @site AND external_id IS NOT NULL AND external_id COLLATE NOCASE >= @text
        AND external_id COLLATE NOCASE < @last AND state IN (SELECT value FROM json_each(@states)) AND id < @after
      ORDER BY id DESC LIMIT @limit`)
    .pluck();
  const byTail = db
    .prepare<[Record<string, unknown>], number>(`
      SELECT id FROM subscriber INDEXED BY subscriber_find_tail
      WHERE site_id = @site AND lower(substr(endpoint, -${TAIL})) >= @tail
        AND lower(substr(endpoint, -${TAIL})) < @tailLast AND state IN (SELECT value FROM json_each(@states))
        AND id < @after AND (@short OR endpoint LIKE @endpoint ESCAPE '\\')
      ORDER BY id DESC LIMIT @limit`)
    .pluck();
  const byFacet = facets.map((facet) => ({
    // jumps from value to value
    values: db
      .prepare<[{ site: number }], string>(`
        WITH RECURSIVE found (value) AS (
          SELECT (SELECT ${facet} FROM subscriber INDEXED BY subscriber_${facet}
                  WHERE site_id = @site AND ${facet} > '' ORDER BY ${facet} LIMIT 1)
          UNION ALL
          SELECT (SELECT ${facet} FROM subscriber INDEXED BY subscriber_${facet}
                  WHERE site_id = @site AND ${facet} > found.value ORDER BY ${facet} LIMIT 1)
          FROM found WHERE found.value IS NOT NULL)
        SELECT value FROM found WHERE value IS NOT NULL LIMIT ${FOLLOWED}`)
      .pluck(),
    people: db
      .prepare<[number, string, number, number, number], number>(
        `SELECT id FROM subscriber INDEXED BY subscriber_${facet}
         WHERE site_id = ? AND ${facet} = ? AND state = ? AND id < ? ORDER BY id DESC LIMIT ?`,
      )
      .pluck(),
  }));
  const tags = db
    .prepare<[number, string], number>(
      `SELECT id FROM tag WHERE site_id = ? AND name LIKE ? ESCAPE '\\' LIMIT ${FOLLOWED}`,
    )
    .pluck();
  const byTag = db
    .prepare<[Record<string, unknown>], number>(`
      SELECT st.subscriber_id FROM subscriber_tag st JOIN subscriber s ON s.id = st.subscriber_id
      WHERE st.tag_id = @tag AND st.subscriber_id < @after AND s.state IN (SELECT value FROM json_each(@states))
      ORDER BY st.subscriber_id DESC LIMIT @limit`)
    .pluck();

  /** The newest people of a site in some states before an id. */
  const newestOf = (site: number, states: number[], after: number, limit: number): number[] =>
    newest(
      states.map((state) => inState.all(site, state, after, limit)),
      limit,
    );

  /** The oldest people of a site in some states after an id, the oldest first. */
  const oldestOf = (site: number, states: number[], after: number, limit: number): number[] =>
    states
      .flatMap((state) => inStateOldest.all(site, state, after, limit))
      .sort((a, b) => a - b)
      .slice(0, limit);

  /**
   * @param after ids at or above it are left out
   * @returns the newest ids, at most `limit`
   */
  const search = (site: number, states: number[], text: string, after: number, limit: number): number[] => {
    const tail = text.slice(-TAIL).toLowerCase();
    const values = {
      site,
      after,
      limit,
      states: JSON.stringify(states),
      text,
      last: text + LAST,
      tail,
      tailLast: tail + LAST,
      ...foundBy(text),
    };
    // what many have is found among the newest; a small site is through with that
    const first = newestOf(site, states, after, LOOKED_THROUGH);
    const found = newest([amongThese.all({ ...values, ids: JSON.stringify(first) })], limit);
    if (found.length >= limit || first.length < LOOKED_THROUGH) return found;

    const lower = text.toLowerCase();
    const lists = [byExternalId.all(values), byTail.all(values)];
    for (const { values: all, people } of byFacet)
      for (const value of all.all({ site }).filter((one) => one.toLowerCase().startsWith(lower)))
        for (const state of states) lists.push(people.all(site, value, state, after, limit));
    for (const tag of tags.all(site, values.starts)) lists.push(byTag.all({ ...values, tag }));
    return newest(lists, limit);
  };

  return { newestOf, oldestOf, search };
}
