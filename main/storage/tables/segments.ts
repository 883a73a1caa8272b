import type Database from 'better-sqlite3';
import { type Field, groupOf } from '../../contract/expression-tree.ts';
import {
  type AttributeKnown,
  type Breakdown,
  breakdownFields,
  type Condition,
  type ConditionDid,
  type Matching,
  type SegmentRow,
  type Segments,
  type SegmentUsers,
  type ValueCount,
  type ValuesOf,
} from '../../core/ports/segments.ts';
import { audienceSql } from './audience.ts';
import { columns, kinds } from './segment-sql.ts';
import { ACTIVE } from './subscriber-rows.ts';

interface Stored {
  id: number;
  site_id: number;
  name: string;
  expression: string;
  created_at: number;
  changed_at: number;
}
const toSegment = (row: Stored): SegmentRow => ({
  id: row.id,
  site: row.site_id,
  name: row.name,
  expression: JSON.parse(row.expression),
  createdAt: row.created_at,
  changedAt: row.changed_at,
});

/** Of a breakdown, values beyond these are few. */
const MOST_VALUES = 8;

function usersOf(db: Database.Database) {
  // a public id stands in JSON between quotes, and nothing else looks like one
  const segments = db.prepare<[Record<string, unknown>], SegmentUsers['segments'][number]>(
    `SELECT id, name FROM segment WHERE site_id = (SELECT site_id FROM segment WHERE id = @id) AND id <> @id
       AND instr(expression, @mention) > 0 ORDER BY name`,
  );
  const campaigns = db.prepare<[Record<string, unknown>], SegmentUsers['campaigns'][number]>(
    `SELECT id, json_extract(message, '$.title') AS title, state FROM campaign
     WHERE state IN ('draft', 'scheduled') AND site_id = (SELECT site_id FROM segment WHERE id = @id)
       AND instr(audience, @mention) > 0 ORDER BY id`,
  );
  return (id: number, publicId: string): SegmentUsers => {
    const asked = { id, mention: JSON.stringify(publicId) };
    return { segments: segments.all(asked), campaigns: campaigns.all(asked) };
  };
}

/** What an expression says that people did, however deep. */
function deedsIn(where: Condition): ConditionDid[] {
  const group = groupOf(where);
  if (group !== null) return group.members.flatMap(deedsIn);
  return 'did' in where ? [where as ConditionDid] : [];
}

export function segmentReads(db: Database.Database) {
  const all = db.prepare<[{ site: number | null }], Stored>(
    'SELECT * FROM segment WHERE @site IS NULL OR site_id = @site ORDER BY name COLLATE NOCASE, id',
  );
  const one = db.prepare<[number], Stored>('SELECT * FROM segment WHERE id = ?');
  const has = (kind: number) =>
    `EXISTS (SELECT 1 FROM subscriber_attribute WHERE attribute_id = a.id AND kind = ${kind})`;
  const attributes = db.prepare<[number], Record<keyof typeof kinds, number> & { name: string }>(
    `SELECT a.name, ${Object.entries(kinds)
      .map(([name, kind]) => `${has(kind)} AS ${name}`)
      .join(', ')} FROM attribute a WHERE a.site_id = ? ORDER BY a.name COLLATE NOCASE`,
  );

  const startedOnes = db.prepare<
    [number],
    { id: number; started_at: number; detail_dropped_at: number | null }
  >(
    `SELECT id, started_at, detail_dropped_at FROM campaign WHERE site_id = ? AND kind = 'campaign'
       AND started_at IS NOT NULL ORDER BY started_at DESC, id DESC`,
  );

  return {
    'segments.all': (site: number | null) => all.all({ site }).map(toSegment),
    'segments.get': (id: number): SegmentRow | null => {
      const row = one.get(id);
      return row ? toSegment(row) : null;
    },
    'segments.users': usersOf(db),
    'segments.forgotten': (site: number, { where, now }: Matching): number => {
      const meant = deedsIn(where);
      if (meant.length === 0) return 0;
      const started = startedOnes.all(site);
      const lost = started.filter(
        ({ id, started_at, detail_dropped_at }, i) =>
          detail_dropped_at !== null &&
          meant.some(({ campaigns }) =>
            'campaign' in campaigns
              ? campaigns.campaign === id
              : 'last' in campaigns
                ? i < campaigns.last
                : started_at >= now - campaigns.within.days * 86_400_000,
          ),
      );
      return lost.length;
    },
    'segments.attributes': (site: number): AttributeKnown[] =>
      attributes.all(site).flatMap(({ name, ...has }) => {
        const found = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => has[kind] === 1);
        return found.length === 0 ? [] : [{ name, kinds: found }];
      }),
    'segments.breakdown': (site: number, matching: Matching): Breakdown => {
      const { from, values } = audienceSql(matching);
      // one pass over the people, whatever it takes to find them
      const rows = db
        .prepare<[Record<string, unknown>], Record<string, string | null> & { people: number }>(
          `SELECT ${breakdownFields.map((field) => columns[field]).join(', ')}, count(*) AS people
           FROM ${from} GROUP BY 1, 2, 3, 4`,
        )
        .iterate({ site, ...values });
      const tallies = Object.fromEntries(
        breakdownFields.map((field) => [field, new Map<string | null, number>()]),
      ) as Record<keyof Breakdown, Map<string | null, number>>;
      for (const row of rows)
        for (const field of breakdownFields) {
          const value = row[field] ?? null;
          tallies[field].set(value, (tallies[field].get(value) ?? 0) + row.people);
        }
      return Object.fromEntries(
        breakdownFields.map((field) => [
          field,
          [...tallies[field]]
            .map(([value, people]) => ({ value, people }))
            .sort((a, b) => b.people - a.people)
            .slice(0, MOST_VALUES),
        ]),
      ) as Breakdown;
    },
    'segments.values': (site: number, what: ValuesOf, search: string | null, limit: number): ValueCount[] => {
      const { from, column, kind } = valuesSql(what);
      const found = `AND (@search IS NULL OR instr(lower(${column}), lower(@search)) > 0)`;
      return db
        .prepare<[Record<string, unknown>], { value: string | number; people: number; kind: number }>(
          `SELECT ${column} AS value, count(*) AS people, ${kind} AS kind FROM ${from} ${found}
           GROUP BY 3, 1 ORDER BY people DESC, value LIMIT @limit`,
        )
        .all({ site, search, limit, ...('attribute' in what && { attribute: what.attribute }) })
        .map(({ value, people, kind }) => ({ value: kind === kinds.boolean ? value === 1 : value, people }));
    },
  };
}

function valuesSql(what: ValuesOf): { from: string; column: string; kind: string | number } {
  if ('tags' in what)
    return {
      column: 't.name',
      kind: kinds.text,
      from: `tag t CROSS JOIN subscriber_tag st ON st.tag_id = t.id
        WHERE t.site_id = @site`,
    };
  if ('attribute' in what)
    return {
      column: 'v.value',
      kind: 'v.kind',
      from: `subscriber_attribute v WHERE v.kind < ${kinds.date}
        AND v.attribute_id = (SELECT id FROM attribute WHERE site_id = @site AND name = @attribute)`,
    };
  const column = columns[what.field as Field];
  return {
    column,
    kind: kinds.text,
    from: `subscriber s WHERE s.site_id = @site AND s.state = ${ACTIVE} AND ${column} IS NOT NULL`,
  };
}

export function segmentWrites(db: Database.Database) {
  const one = db.prepare<[number], Stored>('SELECT * FROM segment WHERE id = ?');
  const insert = db.prepare(
    `INSERT INTO segment (site_id, name, expression, created_at, changed_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (site_id, name) DO NOTHING`,
  );
  const update = db.prepare(
    `UPDATE OR IGNORE segment SET name = coalesce(@name, name), expression = coalesce(@expression, expression),
       changed_at = @at WHERE id = @id`,
  );
  const remove = db.prepare('DELETE FROM segment WHERE id = ?');
  const users = usersOf(db);
  const get = (id: number): SegmentRow | null => {
    const row = one.get(id);
    return row ? toSegment(row) : null;
  };
  return {
    'segments.insert': (segment: Parameters<Segments['insert']>[0]): SegmentRow | null => {
      const expression = JSON.stringify(segment.expression);
      const { changes, lastInsertRowid } = insert.run(
        segment.site,
        segment.name,
        expression,
        segment.createdAt,
        segment.createdAt,
      );
      return changes > 0 ? get(Number(lastInsertRowid)) : null;
    },
    'segments.update': (
      id: number,
      { name, expression }: Parameters<Segments['update']>[1],
      at: number,
    ): SegmentRow | null | 'same-name' => {
      const { changes } = update.run({
        id,
        name: name ?? null,
        expression: expression === undefined ? null : JSON.stringify(expression),
        at,
      });
      const now = get(id);
      return changes > 0 || now === null ? now : 'same-name';
    },
    'segments.remove': db.transaction((id: number, publicId: string): SegmentUsers => {
      const missing = users(id, publicId);
      if (missing.segments.length + missing.campaigns.length === 0) remove.run(id);
      return missing;
    }),
  };
}
