import { type Field, groupOf } from './expression-tree.ts';
import type { AttributeLeaf, DidLeaf, Expression, FieldLeaf, Leaf, TimeLeaf } from './expressions.ts';

/** How the one who shows the words calls things; null: unknown. */
export interface Names {
  segment(id: string): string | null;
  campaign(id: string): string | null;
  language(code: string): string;
  country(code: string): string;
  pushService(id: string): string;
  /** A time of RFC 3339. */
  date(time: string): string;
}

/** What fields are called in a sentence. */
export const fieldWords: Record<Field, string> = {
  browser: 'browser',
  browserVersion: 'browser version',
  system: 'system',
  device: 'kind of device',
  pushService: 'push service',
  language: 'language',
  country: 'country',
  timeZone: 'time zone',
  page: 'page subscribed on',
  externalId: 'external id',
};

/** A phrase after “who”, and the phrase for its opposite. */
interface Phrase {
  yes: string;
  no: string;
}

/** Who is meant, in a sentence: "People who use Chrome and do not have the tag “news”." */
export function expressionWords(expression: Expression, names: Names): string {
  const phrase = words(expression, names);
  if (phrase === EVERYONE) return 'Everyone.';
  if (phrase === NOBODY) return 'Nobody.';
  return `People who ${phrase.yes}.`;
}

const EVERYONE: Phrase = { yes: 'are subscribed', no: 'are not subscribed' };
const NOBODY: Phrase = { yes: 'are not subscribed', no: 'are subscribed' };

function words(expression: Expression, names: Names): Phrase {
  const group = groupOf(expression);
  if (group === null) return leafWords(expression as Leaf, names);
  const { kind, members } = group;
  if (members.length === 0) return kind === 'any' ? NOBODY : EVERYONE;
  const phrases = members.map((member) => ({
    ...words(member, names),
    compound: (groupOf(member)?.members.length ?? 0) > 1,
  }));
  const join = (side: 'yes' | 'no', by: 'and' | 'or') =>
    listed(
      phrases.map((phrase) => (phrase.compound && phrases.length > 1 ? `(${phrase[side]})` : phrase[side])),
      by,
    );
  if (kind === 'all') return { yes: join('yes', 'and'), no: join('no', 'or') };
  const any = { yes: join('yes', 'or'), no: join('no', 'and') };
  return kind === 'any' ? any : { yes: any.no, no: any.yes };
}

const listed = (texts: string[], by: 'and' | 'or') =>
  texts.length < 3 ? texts.join(` ${by} `) : `${texts.slice(0, -1).join(', ')} ${by} ${texts.at(-1)}`;

/** A long list is cut: a sentence is to be read. */
function oneOf(values: string[]): string {
  const shown = values.length > 5 ? [...values.slice(0, 4), `${values.length - 4} more`] : values;
  return listed(shown, 'or');
}
const quoted = (text: string) => `“${text.length > 60 ? `${text.slice(0, 59)}…` : text}”`;

function leafWords(leaf: Leaf, names: Names): Phrase {
  if ('tag' in leaf) return having(`the tag ${quoted(leaf.tag)}`);
  if ('field' in leaf) return fieldPhrase(leaf, names);
  if ('time' in leaf) return timePhrase(leaf, names);
  if ('attribute' in leaf) return having(attributeWords(leaf, names));
  if ('did' in leaf) return didPhrase(leaf, names);
  if ('segment' in leaf) {
    const name = names.segment(leaf.segment);
    return being(name === null ? 'in a segment that does not exist' : `in the segment ${quoted(name)}`);
  }
  return being(`among ${leaf.sample} % chosen by chance (seed ${quoted(leaf.seed)})`);
}

const having = (what: string): Phrase => ({ yes: `have ${what}`, no: `do not have ${what}` });
const being = (what: string): Phrase => ({ yes: `are ${what}`, no: `are not ${what}` });
const doing = (verb: string, what: string): Phrase => ({
  yes: `${verb} ${what}`,
  no: `do not ${verb} ${what}`,
});

function fieldPhrase(leaf: FieldLeaf, names: Names): Phrase {
  const label = fieldWords[leaf.field];
  if ('known' in leaf) {
    const known = having(`a known ${label}`);
    return leaf.known ? known : { yes: known.no, no: known.yes };
  }
  if ('contains' in leaf) return having(`${quoted(leaf.contains)} in their ${label}`);
  if ('startsWith' in leaf) return having(`a ${label} that begins with ${quoted(leaf.startsWith)}`);
  const { field, is } = leaf;
  const all = (name: (value: string) => string) => oneOf(is.map(name));
  switch (field) {
    case 'browser':
      return doing('use', all(String));
    case 'system':
      return being(`on ${all(String)}`);
    case 'device':
      return doing('use', `a ${all(String)} device`);
    case 'language':
      return doing('read', all(names.language));
    case 'country':
      return being(`in ${all(names.country)}`);
    case 'timeZone':
      return being(`in the time zone ${all(String)}`);
    case 'pushService':
      return being(`reached over ${all(names.pushService)}`);
    case 'page':
      return { yes: `subscribed on ${all(String)}`, no: `did not subscribe on ${all(String)}` };
    default:
      return having(`${label} ${all(quoted)}`);
  }
}

const lastDays = (days: number) => (days === 1 ? 'the last 24 hours' : `the last ${days} days`);

function timePhrase(leaf: TimeLeaf, names: Names): Phrase {
  const when =
    'within' in leaf
      ? `in ${lastDays(leaf.within.days)}`
      : 'before' in leaf
        ? `before ${names.date(leaf.before)}`
        : `since ${names.date(leaf.after)}`;
  if (leaf.time === 'firstSeen') return { yes: `subscribed ${when}`, no: `did not subscribe ${when}` };
  return 'before' in leaf
    ? { yes: `were last seen ${when}`, no: `were not last seen ${when}` }
    : { yes: `were seen ${when}`, no: `were not seen ${when}` };
}

function attributeWords(leaf: AttributeLeaf, names: Names): string {
  const name = leaf.attribute;
  if ('known' in leaf) return leaf.known ? `the attribute ${quoted(name)}` : `no attribute ${quoted(name)}`;
  if ('is' in leaf)
    return `${name} ${oneOf(leaf.is.map((value) => (typeof value === 'string' ? quoted(value) : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))))}`;
  if ('contains' in leaf) return `${quoted(leaf.contains)} in ${name}`;
  if ('startsWith' in leaf) return `${name} that begins with ${quoted(leaf.startsWith)}`;
  if ('above' in leaf) return `${name} above ${leaf.above}`;
  if ('below' in leaf) return `${name} below ${leaf.below}`;
  if ('atLeast' in leaf) return `${name} of at least ${leaf.atLeast}`;
  if ('atMost' in leaf) return `${name} of at most ${leaf.atMost}`;
  if ('within' in leaf) return `${name} not before ${lastDays(leaf.within.days)}`;
  if ('before' in leaf) return `${name} before ${names.date(leaf.before)}`;
  return `${name} since ${names.date(leaf.after)}`;
}

function didPhrase({ did, campaigns }: DidLeaf, names: Names): Phrase {
  const which =
    'id' in campaigns
      ? `the campaign ${quoted(names.campaign(campaigns.id) ?? 'that is gone')}`
      : 'last' in campaigns
        ? campaigns.last === 1
          ? 'the last campaign'
          : `any of the last ${campaigns.last} campaigns`
        : `any campaign of ${lastDays(campaigns.within.days)}`;
  switch (did) {
    case 'accepted':
      return { yes: `were sent ${which}`, no: `were not sent ${which}` };
    case 'shown':
      return { yes: `were shown ${which}`, no: `were not shown ${which}` };
    case 'clicked':
      return { yes: `clicked ${which}`, no: `did not click ${which}` };
    case 'closed':
      return { yes: `closed ${which}`, no: `did not close ${which}` };
  }
}
