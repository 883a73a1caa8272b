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

/**
 * A condition on `subscriber s`, for a statement that binds `@site`, and `@campaign`: the one that is being sent,
 * which does not count among those before it, or 0. It is true, false or NULL, and NULL means false.
 * `core/segments/evaluate.ts` says what each expression means.
 */
export function conditionSql({ where, now }: Matching): Sql {
  const values: Record<string, unknown> = {};
  let count = 0;
  /** Every value is bound; what is text in the statement is ours. */
  const bind: Bind = (value) => {
    const name = `c${count++}`;
    values[name] = value;
    return `@${name}`;
  };
  return { sql: compile(where, now, bind), values };
}
type Bind = (value: unknown) => string;

function compile(condition: Condition, now: number, bind: Bind): string {
  const group = groupOf(condition);
  if (group === null) return leaf(condition as ConditionLeaf, now, bind);
  const members = group.members.map((member) => compile(member, now, bind));
  if (group.kind === 'all') return members.length === 0 ? '1' : `(${members.join(' AND ')})`;
  const any = members.length === 0 ? '0' : `(${members.join(' OR ')})`;
  return group.kind === 'any' ? any : `(${any} IS NOT TRUE)`;
}

function leaf(one: ConditionLeaf, now: number, bind: Bind): string {
  if ('tag' in one)
    return `s.id IN (SELECT subscriber_id FROM subscriber_tag
      WHERE tag_id = (SELECT id FROM tag WHERE site_id = @site AND name = ${bind(one.tag)}))`;
  if ('field' in one) return fieldSql(one, bind);
  if ('time' in one)
    return `s.${one.time === 'firstSeen' ? 'first_seen' : 'last_seen'} ${timeSql(one, now, bind)}`;
  if ('attribute' in one) return attributeSql(one, now, bind);
  if ('did' in one) return didSql(one, now, bind);
  const { a, b } = sampleHash(one.seed);
  // the product of two numbers below 2^31 and a third fit in SQLite's 64 bits
  return `((${bind(a)} * (s.id % ${SAMPLE_PRIME}) + ${bind(b)}) % ${SAMPLE_PRIME}) % ${SAMPLE_PARTS} < ${bind(sampleParts(one.sample))}`;
}

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

function fieldSql(one: Extract<ConditionLeaf, { field: Field }>, bind: Bind): string {
  const column = columns[one.field];
  if ('known' in one) return `${column} IS ${one.known ? 'NOT ' : ''}NULL`;
  if (!('is' in one)) return textSql(one, column, bind);
  if (one.field !== 'language') return `${column} ${oneOf(one.is, bind)}`;
  if (one.is.includes('*')) return `${column} IS NOT NULL`;
  const tag = `${column} COLLATE NOCASE`;
  const ranges = one.is.map((range) => {
    const text = bind(range);
    // one stretch of the index, from “de” to before “de.”, which is the sign after “de-”; then what is not between
    return `(${tag} >= ${text} AND ${tag} < ${text} || '.' AND (${tag} = ${text} OR ${tag} >= ${text} || '-'))`;
  });
  return `(${ranges.join(' OR ')})`;
}

function timeSql(one: object, now: number, bind: Bind): string {
  if ('within' in one) return `>= ${bind(now - (one.within as { days: number }).days * DAY)}`;
  if ('before' in one) return `< ${bind(Date.parse(String(one.before)))}`;
  if ('after' in one) return `>= ${bind(Date.parse(String(one.after)))}`;
  throw new Error('There is no such comparison.');
}

function attributeSql(one: Extract<ConditionLeaf, { attribute: string }>, now: number, bind: Bind): string {
  const name = bind(one.attribute);
  const having = (condition: string) =>
    `s.id IN (SELECT subscriber_id FROM subscriber_attribute
      WHERE attribute_id = (SELECT id FROM attribute WHERE site_id = @site AND name = ${name}) ${condition})`;
  if ('known' in one) return one.known ? having('') : `(${having('')} IS NOT TRUE)`;
  if ('is' in one) {
    const of = (kind: 'text' | 'number' | 'boolean') => {
      const values = one.is.filter((value) => typeof value === (kind === 'text' ? 'string' : kind));
      const list = `json_each(${bind(JSON.stringify(values))})`;
      if (values.length === 0) return [];
      // numbers as the table has them: read from JSON, then made real
      const value = kind === 'number' ? 'CAST(value AS REAL)' : kind === 'boolean' ? 'atom' : 'value';
      return [having(`AND kind = ${kinds[kind]} AND value IN (SELECT ${value} FROM ${list})`)];
    };
    return `(${[...of('text'), ...of('number'), ...of('boolean')].join(' OR ')})`;
  }
  if ('contains' in one || 'startsWith' in one)
    return having(`AND kind = ${kinds.text} AND ${textSql(one, 'value', bind)}`);
  const number = (sign: string, value: number) =>
    having(
      `AND kind = ${kinds.number} AND value ${sign} CAST(json(${bind(JSON.stringify(value))}) ->> '$' AS REAL)`,
    );
  if ('above' in one) return number('>', one.above);
  if ('below' in one) return number('<', one.below);
  if ('atLeast' in one) return number('>=', one.atLeast);
  if ('atMost' in one) return number('<=', one.atMost);
  return having(`AND kind = ${kinds.date} AND value ${timeSql(one, now, bind)}`);
}

const deeds = {
  accepted: `d.state = ${ACCEPTED}`,
  shown: 'd.shown_at IS NOT NULL',
  clicked: 'd.clicked_at IS NOT NULL',
  closed: 'd.closed_at IS NOT NULL',
};

function didSql({ did, campaigns }: ConditionDid, now: number, bind: Bind): string {
  const started =
    "SELECT id FROM campaign WHERE site_id = @site AND kind = 'campaign' AND started_at IS NOT NULL AND id <> @campaign";
  const meant =
    'campaign' in campaigns
      ? `${started} AND id = ${bind(campaigns.campaign)}`
      : 'within' in campaigns
        ? `${started} AND started_at >= ${bind(now - campaigns.within.days * DAY)}`
        : `${started} ORDER BY started_at DESC, id DESC LIMIT ${bind(campaigns.last)}`;
  // few click, and they have an index of their own
  const index = did === 'clicked' ? 'INDEXED BY delivery_clicked' : '';
  return `s.id IN (SELECT d.subscriber_id FROM delivery d ${index} WHERE d.campaign_id IN (${meant}) AND ${deeds[did]})`;
}
