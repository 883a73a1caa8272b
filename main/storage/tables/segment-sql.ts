import { type Field, groupOf } from '../../contract/expression-tree.ts';
import type { Condition, ConditionDid, ConditionLeaf, Matching } from '../../core/ports/segments.ts';
import { SAMPLE_PARTS, SAMPLE_PRIME, sampleHash, sampleParts } from '../../core/segments/sample.ts';
import { ACCEPTED } from './delivery-rows.ts';

const DAY = 86_400_000;

export const columns: Record<Field, string> = {
  browser: 's.browser',
  browserVersion: 's.browser_version',
  system: 's.system',
  device: 's.device',
  pushService: 's.push_service',
  language: 's.language',
  country: 's.country',
  timeZone: 's.time_zone',
  page: 's.page',
  externalId: 's.external_id',
};

/** The kinds of values in `subscriber_attribute`. A text that is a date is there a second time, as milliseconds. */
export const kinds = { text: 1, number: 2, boolean: 3, date: 4 } as const;

export interface Sql {
  sql: string;
  values: Record<string, unknown>;
}

/** Where the ids of those who fulfil something stand without the people being looked at: `SELECT id FROM from`. */
export interface IdList {
  id: string;
  /** Ends with a condition. */
  from: string;
  /** What an index has together, in order; or what of it is passed over too. */
  kind: 'equal' | 'range' | 'filtered';
}
export interface LeafSql {
  /** A condition on `subscriber s`, as fast as can be when there are many of them. */
  whole: string;
  /** The same, for people of whom each is looked at by itself. */
  test: string;
  /** The same as ids, of any state; null where only the people themselves tell. */
  lists: IdList[] | null;
}

/**
 * A condition on `subscriber s`, for a statement that binds `@site`, and `@campaign`: the one that is being sent,
 * which does not count among those before it, or 0. It is true, false or NULL, and NULL means false.
 * `core/segments/evaluate.ts` says what each expression means.
 * @param as `whole` for all people of a site, `test` for a few of them
 */
export function conditionSql({ where, now }: Matching, as: 'whole' | 'test' = 'whole'): Sql {
  const { bind, values } = binding();
  return { sql: compile(where, as, now, bind), values };
}
export type Bind = (value: unknown) => string;

/** Every value is bound; what is text in a statement is ours. */
export function binding(): { bind: Bind; values: Record<string, unknown> } {
  const values: Record<string, unknown> = {};
  let count = 0;
  const bind: Bind = (value) => {
    const name = `c${count++}`;
    values[name] = value;
    return `@${name}`;
  };
  return { bind, values };
}

function compile(condition: Condition, as: 'whole' | 'test', now: number, bind: Bind): string {
  const group = groupOf(condition);
  if (group === null) return leafSql(condition as ConditionLeaf, now, bind)[as];
  const members = group.members.map((member) => compile(member, as, now, bind));
  if (group.kind === 'all') return members.length === 0 ? '1' : `(${members.join(' AND ')})`;
  const any = members.length === 0 ? '0' : `(${members.join(' OR ')})`;
  return group.kind === 'any' ? any : `(${any} IS NOT TRUE)`;
}

export function leafSql(one: ConditionLeaf, now: number, bind: Bind): LeafSql {
  if ('tag' in one)
    return listed([
      {
        id: 'subscriber_id',
        from: `subscriber_tag
          WHERE tag_id = (SELECT id FROM tag WHERE site_id = @site AND name = ${bind(one.tag)})`,
        kind: 'equal',
      },
    ]);
  if ('field' in one) return fieldSql(one, bind);
  if ('time' in one)
    return told(`s.${one.time === 'firstSeen' ? 'first_seen' : 'last_seen'} ${timeSql(one, now, bind)}`);
  if ('attribute' in one) return attributeSql(one, now, bind);
  if ('did' in one) return didSql(one, now, bind);
  const { a, b } = sampleHash(one.seed);
  // the product of two numbers below 2^31 and a third fit in SQLite's 64 bits
  return told(
    `((${bind(a)} * (s.id % ${SAMPLE_PRIME}) + ${bind(b)}) % ${SAMPLE_PRIME}) % ${SAMPLE_PARTS} < ${bind(sampleParts(one.sample))}`,
  );
}

/** Whether the index of all facets tells it. */
export const isFacet = (one: Condition): boolean =>
  'time' in one || ('field' in one && one.field !== 'page' && one.field !== 'externalId');

/** What a person's own row tells. */
const told = (test: string, lists: IdList[] | null = null): LeafSql => ({ whole: test, test, lists });

/** What another table tells. @param test by default, the same lists are asked for one id */
const listed = (lists: IdList[], test?: string): LeafSql => ({
  whole: `(${lists.map(({ id, from }) => `s.id IN (SELECT ${id} FROM ${from})`).join(' OR ')})`,
  test:
    test ??
    `(${lists.map(({ id, from }) => `EXISTS (SELECT 1 FROM ${from} AND ${id} = s.id)`).join(' OR ')})`,
  lists,
});

const oneOf = (values: string[], bind: Bind) =>
  values.length === 1
    ? `= ${bind(values[0])}`
    : `IN (SELECT value FROM json_each(${bind(JSON.stringify(values))}))`;

/** lower() and instr() rather than LIKE: they know no signs of their own, and a length that is not too long. */
function textSql(one: object, column: string, bind: Bind): string {
  if ('contains' in one) return `instr(lower(${column}), lower(${bind(one.contains)})) > 0`;
  if ('startsWith' in one) return `instr(lower(${column}), lower(${bind(one.startsWith)})) = 1`;
  throw new Error('There is no such comparison.');
}

/** Fields with an index of their own, by the name of its column. */
const indexed: Partial<Record<Field, string>> = {
  browser: 'browser',
  system: 'system',
  country: 'country',
  language: 'language',
};

function fieldSql(one: Extract<ConditionLeaf, { field: Field }>, bind: Bind): LeafSql {
  const column = columns[one.field];
  if ('known' in one) return told(`${column} IS ${one.known ? 'NOT ' : ''}NULL`);
  if (!('is' in one)) {
    const text = textSql(one, column, bind);
    // as NOCASE has it: A to Z alone
    const least =
      'startsWith' in one ? one.startsWith.replaceAll(/[A-Z]/g, (sign) => sign.toLowerCase()) : '';
    const beyond = after(least);
    if (one.field !== 'externalId' || beyond === null) return told(text);
    const id = 's.external_id COLLATE NOCASE';
    const stretch = `s.external_id IS NOT NULL AND ${id} >= ${bind(least)} AND ${id} < ${bind(beyond)} AND ${text}`;
    const from = `subscriber s INDEXED BY subscriber_find_external_id WHERE s.site_id = @site AND ${stretch}`;
    return told(text, [{ id: 's.id', from, kind: 'equal' }]);
  }
  const own = indexed[one.field];
  const list = (values: string): IdList[] | null =>
    own === undefined
      ? null
      : [
          {
            id: 's.id',
            from: `subscriber s INDEXED BY subscriber_${own} WHERE s.site_id = @site AND s.${own} ${values}`,
            kind: 'equal',
          },
        ];
  if (one.field !== 'language') {
    const values = oneOf(one.is, bind);
    return told(`${column} ${values}`, list(values));
  }
  if (one.is.includes('*')) return told(`${column} IS NOT NULL`);
  const ranges = (tag: string) =>
    one.is
      .map((range) => {
        const text = bind(range);
        return `(${tag} = ${text} OR ${tag} >= ${text} || '-' AND ${tag} < ${text} || '.')`;
      })
      .join(' OR ');
  const found = `IN (${valuesOf('language')} AND (${ranges('value COLLATE NOCASE')}))`;
  return {
    // equal to a few values rather than between two: then what follows in the index narrows further
    whole: `${column} COLLATE NOCASE ${found}`,
    test: `(${ranges(`${column} COLLATE NOCASE`)})`,
    lists: list(found),
  };
}

/** The different values of a column, from one to the next in its index; ends with a condition. */
const valuesOf = (column: string) => `
  WITH RECURSIVE found (value) AS (
    SELECT (SELECT ${column} FROM subscriber INDEXED BY subscriber_${column}
            WHERE site_id = @site AND ${column} >= '' ORDER BY ${column} LIMIT 1)
    UNION ALL
    SELECT (SELECT ${column} FROM subscriber INDEXED BY subscriber_${column}
            WHERE site_id = @site AND ${column} > found.value ORDER BY ${column} LIMIT 1)
    FROM found WHERE found.value IS NOT NULL)
  SELECT value FROM found WHERE value IS NOT NULL`;

/** A text after all that begin with this one, and after few others; null when there may be none. */
function after(text: string): string | null {
  const last = text.codePointAt(text.length - (/[\udc00-\udfff]$/.test(text) ? 2 : 1));
  // surrogates, which stand for none alone, would follow
  if (last === undefined || last === 0x10ffff || (last >= 0xd7ff && last <= 0xdfff)) return null;
  return text.slice(0, -String.fromCodePoint(last).length) + String.fromCodePoint(last + 1);
}

function timeSql(one: object, now: number, bind: Bind): string {
  if ('within' in one) return `>= ${bind(now - (one.within as { days: number }).days * DAY)}`;
  if ('before' in one) return `< ${bind(Date.parse(String(one.before)))}`;
  if ('after' in one) return `>= ${bind(Date.parse(String(one.after)))}`;
  throw new Error('There is no such comparison.');
}

function attributeSql(one: Extract<ConditionLeaf, { attribute: string }>, now: number, bind: Bind): LeafSql {
  const name = bind(one.attribute);
  const attribute = `attribute_id = (SELECT id FROM attribute WHERE site_id = @site AND name = ${name})`;
  const list = (condition: string, kind: IdList['kind']): IdList => ({
    id: 'subscriber_id',
    from: `subscriber_attribute WHERE ${attribute} ${condition}`,
    kind,
  });
  // of one person, what they have is read from their own row: the mirror is in the order of the values
  const stretch = (condition: string, kind: IdList['kind'] = 'range', test?: string) =>
    listed(
      [list(condition, kind)],
      test ??
        `EXISTS (SELECT 1 FROM attribute_entry WHERE subscriber_id = s.id AND ${attribute} ${condition})`,
    );
  if ('known' in one) {
    const known = stretch('');
    if (one.known) return known;
    return { whole: `(${known.whole} IS NOT TRUE)`, test: `(${known.test} IS NOT TRUE)`, lists: null };
  }
  if ('is' in one) {
    const of = (kind: 'text' | 'number' | 'boolean') => {
      const values = one.is.filter((value) => typeof value === (kind === 'text' ? 'string' : kind));
      const list = `json_each(${bind(JSON.stringify(values))})`;
      if (values.length === 0) return [];
      // numbers as the table has them: read from JSON, then made real
      const value = kind === 'number' ? 'CAST(value AS REAL)' : kind === 'boolean' ? 'atom' : 'value';
      return [`AND kind = ${kinds[kind]} AND value IN (SELECT ${value} FROM ${list})`];
    };
    return listed([...of('text'), ...of('number'), ...of('boolean')].map((values) => list(values, 'equal')));
  }
  if ('contains' in one || 'startsWith' in one)
    return stretch(`AND kind = ${kinds.text} AND ${textSql(one, 'value', bind)}`, 'filtered');
  const number = (sign: string, value: number) => {
    const than = `${sign} CAST(json(${bind(JSON.stringify(value))}) ->> '$' AS REAL)`;
    return stretch(
      `AND kind = ${kinds.number} AND value ${than}`,
      'range',
      `EXISTS (SELECT 1 FROM json_each(s.attributes) WHERE key = ${name} AND type IN ('integer', 'real')
         AND CAST(atom AS REAL) ${than})`,
    );
  };
  if ('above' in one) return number('>', one.above);
  if ('below' in one) return number('<', one.below);
  if ('atLeast' in one) return number('>=', one.atLeast);
  if ('atMost' in one) return number('<=', one.atMost);
  return stretch(`AND kind = ${kinds.date} AND value ${timeSql(one, now, bind)}`);
}

const deeds = {
  accepted: `d.state = ${ACCEPTED}`,
  shown: 'd.shown_at IS NOT NULL',
  clicked: 'd.clicked_at IS NOT NULL',
  closed: 'd.closed_at IS NOT NULL',
};

/** The campaigns that somebody did something with, as a statement that gives their ids. */
export function campaignsSql({ campaigns }: ConditionDid, now: number, bind: Bind): string {
  const started =
    "SELECT id FROM campaign WHERE site_id = @site AND kind = 'campaign' AND started_at IS NOT NULL AND id <> @campaign";
  if ('campaign' in campaigns) return `${started} AND id = ${bind(campaigns.campaign)}`;
  if ('within' in campaigns) return `${started} AND started_at >= ${bind(now - campaigns.within.days * DAY)}`;
  return `${started} ORDER BY started_at DESC, id DESC LIMIT ${bind(campaigns.last)}`;
}

function didSql(one: ConditionDid, now: number, bind: Bind): LeafSql {
  // few click, and they have an index of their own
  const index = one.did === 'clicked' ? 'INDEXED BY delivery_clicked' : '';
  return listed([
    {
      id: 'd.subscriber_id',
      from: `delivery d ${index} WHERE d.campaign_id IN (${campaignsSql(one, now, bind)}) AND ${deeds[one.did]}`,
      kind: one.did === 'clicked' ? 'equal' : 'filtered',
    },
  ]);
}
