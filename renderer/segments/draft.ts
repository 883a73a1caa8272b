import { type Field, type GroupKind, groupOf } from '../../main/contract/expression-tree.ts';
import type { AttributeLeaf, Expression, Leaf } from '../../main/contract/expressions.ts';

/**
 * An expression while it is built: every value as text, so that what is half typed has a place too. A condition may
 * be turned into its opposite, which in an expression is `none` of one.
 */
export type Draft = GroupDraft | ConditionDraft;
export interface GroupDraft {
  key: number;
  group: GroupKind;
  members: Draft[];
}
export interface ConditionDraft {
  key: number;
  /** `tag`, `segment`, `sample`, `field:…`, `time:…`, `did:…` or `attribute:…`, the last with a name. */
  about: string;
  how: How;
  not: boolean;
  values: string[];
}

export type How =
  | 'is'
  | 'isNumber'
  | 'isYes'
  | 'contains'
  | 'startsWith'
  | 'known'
  | 'above'
  | 'below'
  | 'atLeast'
  | 'atMost'
  | 'within'
  | 'before'
  | 'after'
  | 'last'
  | 'campaign'
  | 'percent';

let made = 0;
const nextKey = () => ++made;

export const newCondition = (about = 'field:browser'): ConditionDraft => ({
  key: nextKey(),
  about,
  how: firstHow(about),
  not: false,
  values: about === 'sample' ? ['10', `${Date.now()}`] : [],
});
export const newGroup = (group: GroupKind = 'any'): GroupDraft => ({
  key: nextKey(),
  group,
  members: [newCondition()],
});

const kindOf = (about: string) => about.split(':', 1)[0] ?? '';
const nameOf = (about: string) => about.slice(kindOf(about).length + 1);

/** What a condition begins with when it comes to be about this. */
export function firstHow(about: string, attributeKinds: readonly string[] = []): How {
  switch (kindOf(about)) {
    case 'time':
      return 'within';
    case 'did':
      return 'last';
    case 'sample':
      return 'percent';
    case 'attribute':
      if (attributeKinds.includes('date')) return 'within';
      if (attributeKinds.includes('text') || attributeKinds.length === 0) return 'is';
      return attributeKinds.includes('number') ? 'atLeast' : 'isYes';
    default:
      return 'is';
  }
}

/** A draft of an expression; its outermost level is always a group, so that there is a place to add to. */
export function draftOf(expression: Expression): GroupDraft {
  const draft = nodeOf(expression);
  return 'group' in draft ? draft : { key: nextKey(), group: 'all', members: [draft] };
}

function nodeOf(expression: Expression): Draft {
  const group = groupOf(expression);
  if (group === null) return { key: nextKey(), not: false, ...conditionOf(expression as Leaf) };
  const [only] = group.members;
  if (group.kind === 'none' && group.members.length === 1 && only !== undefined && groupOf(only) === null)
    return { key: nextKey(), not: true, ...conditionOf(only as Leaf) };
  return { key: nextKey(), group: group.kind, members: group.members.map(nodeOf) };
}

type Said = Pick<ConditionDraft, 'about' | 'how' | 'values'>;

function conditionOf(leaf: Leaf): Said {
  if ('tag' in leaf) return { about: 'tag', how: 'is', values: [leaf.tag] };
  if ('segment' in leaf) return { about: 'segment', how: 'is', values: [leaf.segment] };
  if ('sample' in leaf) return { about: 'sample', how: 'percent', values: [String(leaf.sample), leaf.seed] };
  if ('did' in leaf) {
    const about = `did:${leaf.did}`;
    if ('last' in leaf.campaigns) return { about, how: 'last', values: [String(leaf.campaigns.last)] };
    if ('within' in leaf.campaigns)
      return { about, how: 'within', values: [String(leaf.campaigns.within.days)] };
    return { about, how: 'campaign', values: [leaf.campaigns.id] };
  }
  const about =
    'field' in leaf
      ? `field:${leaf.field}`
      : 'time' in leaf
        ? `time:${leaf.time}`
        : `attribute:${leaf.attribute}`;
  if ('known' in leaf) return { about, how: 'known', values: [String(leaf.known)] };
  if ('within' in leaf) return { about, how: 'within', values: [String(leaf.within.days)] };
  if ('before' in leaf) return { about, how: 'before', values: [dayOf(leaf.before)] };
  if ('after' in leaf) return { about, how: 'after', values: [dayOf(leaf.after)] };
  if ('contains' in leaf) return { about, how: 'contains', values: [leaf.contains] };
  if ('startsWith' in leaf) return { about, how: 'startsWith', values: [leaf.startsWith] };
  if ('is' in leaf) {
    const [first] = leaf.is;
    if (typeof first === 'boolean') return { about, how: 'isYes', values: [String(first)] };
    return { about, how: typeof first === 'number' ? 'isNumber' : 'is', values: leaf.is.map(String) };
  }
  for (const how of ['above', 'below', 'atLeast', 'atMost'] as const)
    if (how in leaf) return { about, how, values: [String((leaf as Record<string, unknown>)[how])] };
  throw new Error('There is no such condition.');
}

/**
 * The expression that a draft says; null while a condition lacks something.
 * @returns for a mixed list of attribute values, what `draftOf` was given: the builder shows it by its first kind
 */
export function expressionOf(draft: Draft): Expression | null {
  if (!('group' in draft)) {
    const leaf = leafOf(draft);
    return leaf === null ? null : draft.not ? { none: [leaf] } : leaf;
  }
  const members = draft.members.map(expressionOf);
  if (members.includes(null)) return null;
  return { [draft.group]: members } as Expression;
}

/** The day that a time falls on here, as a date field writes it. */
function dayOf(time: string): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
/** The beginning of a day here. */
function timeOf(day: string): string | null {
  const at = new Date(`${day}T00:00`);
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}
function numberOf(text: string | undefined): number | null {
  const value = Number(text);
  return text === undefined || text.trim() === '' || !Number.isFinite(value) ? null : value;
}
function wholeOf(text: string | undefined, most: number): number | null {
  const value = numberOf(text);
  return value !== null && Number.isInteger(value) && value >= 1 && value <= most ? value : null;
}

function leafOf({ about, how, values }: ConditionDraft): Leaf | null {
  const [first = ''] = values;
  const given = values.filter((value) => value !== '');
  const name = nameOf(about);
  switch (kindOf(about)) {
    case 'tag':
      return first === '' ? null : { tag: first };
    case 'segment':
      return first === '' ? null : { segment: first };
    case 'sample': {
      const sample = numberOf(first);
      const fits = sample !== null && sample >= 0 && sample <= 100;
      return fits ? { sample: Math.round(sample * 100) / 100, seed: values[1] || 'seed' } : null;
    }
    case 'did': {
      const did = name as 'clicked';
      if (how === 'campaign') return first === '' ? null : { did, campaigns: { id: first } };
      const n = wholeOf(first, how === 'last' ? 50 : 36_500);
      if (n === null) return null;
      return { did, campaigns: how === 'last' ? { last: n } : { within: { days: n } } };
    }
    case 'time': {
      const comparison = timeComparison(how, first);
      return comparison && { time: name as 'firstSeen', ...comparison };
    }
    case 'field': {
      const field = name as Field;
      if (how === 'known') return { field, known: first !== 'false' };
      if (how === 'is') return given.length === 0 ? null : { field, is: given };
      if (first === '') return null;
      return how === 'contains' ? { field, contains: first } : { field, startsWith: first };
    }
    default:
      return attributeOf(name, how, given);
  }
}

function timeComparison(how: How, value: string) {
  if (how === 'within') {
    const days = wholeOf(value, 36_500);
    return days === null ? null : { within: { days } };
  }
  const time = timeOf(value);
  return time === null ? null : how === 'before' ? { before: time } : { after: time };
}

function attributeOf(attribute: string, how: How, values: string[]): AttributeLeaf | null {
  const [first = ''] = values;
  switch (how) {
    case 'known':
      return { attribute, known: first !== 'false' };
    case 'is':
      return values.length === 0 ? null : { attribute, is: values };
    case 'isYes':
      return { attribute, is: [first !== 'false'] };
    case 'isNumber': {
      const numbers = values.map(numberOf).filter((value) => value !== null);
      return numbers.length === 0 || numbers.length < values.length ? null : { attribute, is: numbers };
    }
    case 'contains':
      return first === '' ? null : { attribute, contains: first };
    case 'startsWith':
      return first === '' ? null : { attribute, startsWith: first };
    case 'within':
    case 'before':
    case 'after': {
      const comparison = timeComparison(how, first);
      return comparison && { attribute, ...comparison };
    }
    default: {
      const value = numberOf(first);
      if (value === null) return null;
      if (how === 'above') return { attribute, above: value };
      if (how === 'below') return { attribute, below: value };
      return how === 'atMost' ? { attribute, atMost: value } : { attribute, atLeast: value };
    }
  }
}

/** The draft with the node of this key replaced; null removes it. */
export function replaced(draft: GroupDraft, key: number, by: Draft | null): GroupDraft {
  return {
    ...draft,
    members: draft.members.flatMap((member): Draft[] => {
      if (member.key === key) return by === null ? [] : [by];
      return 'group' in member ? [replaced(member, key, by)] : [member];
    }),
  };
}

/** The expression that a text from an address is, or null: it has to be one that a draft can say. */
export function readExpression(text: string | undefined): Expression | null {
  if (text === undefined) return null;
  try {
    const read = JSON.parse(text) as Expression;
    const draft = draftOf(read);
    return expressionOf(draft) !== null && onlyText(draft) ? read : null;
  } catch {
    return null;
  }
}
const onlyText = (draft: Draft): boolean =>
  'group' in draft ? draft.members.every(onlyText) : draft.values.every((value) => typeof value === 'string');
