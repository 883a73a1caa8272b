import { type Field, groupOf } from '../../contract/expression-tree.ts';
import type { Attributes } from '../../contract/subscribers.ts';
import type { Condition, ConditionDid, ConditionLeaf } from '../ports/segments.ts';
import { SAMPLE_PARTS, SAMPLE_PRIME, sampleHash, sampleParts } from './sample.ts';

/** All that an expression can ask of one person. Times are milliseconds since the epoch. */
export interface Person {
  id: number;
  fields: Record<Field, string | null>;
  tags: string[];
  attributes: Attributes;
  firstSeen: number;
  lastSeen: number;
  deliveries: { campaign: number; accepted: boolean; shown: boolean; clicked: boolean; closed: boolean }[];
}

/** What the person's site did: its campaigns that were started and are not transactional. */
export interface Surroundings {
  now: number;
  campaigns: { id: number; startedAt: number }[];
}

const DAY = 86_400_000;

/**
 * Whether a person is meant by an expression. It says what expressions mean, in the plainest way; the storage
 * answers the same of everyone at once, and a test holds the one against the other.
 */
export function evaluate(condition: Condition, person: Person, around: Surroundings): boolean {
  const group = groupOf(condition);
  if (group === null) return leaf(condition as ConditionLeaf, person, around);
  const holds = (member: Condition) => evaluate(member, person, around);
  if (group.kind === 'all') return group.members.every(holds);
  return group.members.some(holds) === (group.kind === 'any');
}

function leaf(one: ConditionLeaf, person: Person, around: Surroundings): boolean {
  if ('tag' in one) return person.tags.includes(one.tag);
  if ('field' in one) return fieldHolds(one, person.fields[one.field]);
  if ('time' in one) return timeHolds(one, person[one.time], around.now);
  if ('attribute' in one) {
    const own = Object.hasOwn(person.attributes, one.attribute) ? person.attributes[one.attribute] : [];
    const values: (string | number | boolean)[] = Array.isArray(own) ? own : own === undefined ? [] : [own];
    if ('known' in one) return one.known === values.length > 0;
    return values.some((value) => attributeHolds(one, value, around.now));
  }
  if ('did' in one) return didHolds(one, person, around);
  const { a, b } = sampleHash(one.seed);
  const part = ((a * (BigInt(person.id) % SAMPLE_PRIME) + b) % SAMPLE_PRIME) % SAMPLE_PARTS;
  return part < BigInt(sampleParts(one.sample));
}

/** As SQLite's lower(): A to Z alone. */
export const lower = (text: string) => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

function textHolds(one: object, value: string): boolean {
  if ('contains' in one) return lower(value).includes(lower(String(one.contains)));
  return 'startsWith' in one && lower(value).startsWith(lower(String(one.startsWith)));
}

function fieldHolds(one: Extract<ConditionLeaf, { field: Field }>, value: string | null): boolean {
  if ('known' in one) return one.known === (value !== null);
  if (value === null) return false;
  if (!('is' in one)) return textHolds(one, value);
  if (one.field !== 'language') return one.is.includes(value);
  return one.is.some((range) => inRange(lower(value), lower(range)));
}

/** Basic filtering (RFC 4647, 3.3.1). */
const inRange = (tag: string, range: string) => range === '*' || tag === range || tag.startsWith(`${range}-`);

function timeHolds(one: object, at: number, now: number): boolean {
  if ('within' in one) return at >= now - (one.within as { days: number }).days * DAY;
  if ('before' in one) return at < Date.parse(String(one.before));
  return 'after' in one && at >= Date.parse(String(one.after));
}

function attributeHolds(
  one: Extract<ConditionLeaf, { attribute: string }>,
  value: string | number | boolean,
  now: number,
): boolean {
  if ('is' in one) return one.is.includes(value);
  if (typeof value === 'number') {
    if ('above' in one) return value > one.above;
    if ('below' in one) return value < one.below;
    if ('atLeast' in one) return value >= one.atLeast;
    return 'atMost' in one && value <= one.atMost;
  }
  if (typeof value !== 'string') return false;
  if ('contains' in one || 'startsWith' in one) return textHolds(one, value);
  const at = dateOf(value);
  return at !== null && timeHolds(one, at, now);
}

const date =
  /^([12]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,3})?))?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d)))?$/;

/**
 * The moment that a text of an attribute stands for: a date of the years 1000 to 2999, from its beginning in UTC, or
 * RFC 3339 with an offset of at most 14 hours. A day that its month lacks is one of the next month.
 */
export function dateOf(text: string): number | null {
  const found = date.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour = 0, minute = 0, second = 0, sign, offsetHour = 0, offsetMinute = 0] =
    found;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute) - offset);
  return at + Math.round(Number(second) * 1000);
}

function didHolds({ did, campaigns }: ConditionDid, person: Person, { now, campaigns: all }: Surroundings) {
  const meant =
    'campaign' in campaigns
      ? all.filter(({ id }) => id === campaigns.campaign)
      : 'within' in campaigns
        ? all.filter(({ startedAt }) => startedAt >= now - campaigns.within.days * DAY)
        : all.toSorted((a, b) => b.startedAt - a.startedAt || b.id - a.id).slice(0, campaigns.last);
  const ids = new Set(meant.map(({ id }) => id));
  return person.deliveries.some((delivery) => delivery[did] && ids.has(delivery.campaign));
}
