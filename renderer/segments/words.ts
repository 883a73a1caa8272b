import { deeds, fields } from '../../main/contract/expression-tree.ts';
import { fieldWords } from '../../main/contract/expression-words.ts';
import type { AttributeKind } from '../../main/contract/segments.ts';
import type { How } from './draft.ts';

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const deedWords = { accepted: 'Was sent', shown: 'Was shown', clicked: 'Clicked', closed: 'Closed' };

/** What a condition may be about, for a list to choose from. */
export const abouts = (attributes: string[]) => [
  {
    group: 'What they said',
    items: [
      { value: 'tag', label: 'Tag' },
      ...attributes.map((name) => ({ value: `attribute:${name}`, label: name })),
    ],
  },
  {
    group: 'What is known of them',
    items: [
      ...fields.map((field) => ({ value: `field:${field}`, label: upper(fieldWords[field]) })),
      { value: 'time:firstSeen', label: 'Subscribed' },
      { value: 'time:lastSeen', label: 'Last seen' },
    ],
  },
  {
    group: 'What they did',
    items: deeds.map((did) => ({ value: `did:${did}`, label: deedWords[did] })),
  },
  {
    group: 'Other',
    items: [
      { value: 'segment', label: 'Segment' },
      { value: 'sample', label: 'Chosen by chance' },
    ],
  },
];

/** A comparison and whether it is turned round, as one choice: `not:is`. */
export const choiceOf = (how: How, not: boolean) => `${not ? 'not:' : ''}${how}`;
export function readChoice(choice: string): { how: How; not: boolean } {
  const not = choice.startsWith('not:');
  return { how: choice.slice(not ? 4 : 0) as How, not };
}

const both = (how: How, yes: string, no: string) => [
  { value: choiceOf(how, false), label: yes },
  { value: choiceOf(how, true), label: no },
];
const text = [
  ...both('is', 'is', 'is not'),
  ...both('contains', 'contains', 'does not contain'),
  ...both('startsWith', 'begins with', 'does not begin with'),
];
const known = both('known', 'is known', 'is not known');
const number = [
  ...both('isNumber', 'is', 'is not'),
  ...[
    { value: 'above', label: 'is above' },
    { value: 'below', label: 'is below' },
    { value: 'atLeast', label: 'is at least' },
    { value: 'atMost', label: 'is at most' },
  ],
];
const date = [
  ...both('within', 'in the last', 'not in the last'),
  { value: 'before', label: 'before' },
  { value: 'after', label: 'since' },
];

/** How a condition about this may compare. */
export function choices(about: string, attributeKinds: readonly AttributeKind[]) {
  const kind = about.split(':', 1)[0];
  switch (kind) {
    case 'tag':
      return both('is', 'has', 'has not');
    case 'segment':
      return both('is', 'is in', 'is not in');
    case 'sample':
      return both('percent', 'is among', 'is not among');
    case 'time':
      return date;
    case 'did':
      return [
        ...both('last', 'any of the last', 'none of the last'),
        ...both('within', 'any in the last', 'none in the last'),
        ...both('campaign', 'the campaign', 'not the campaign'),
      ];
    case 'field':
      return [...text, ...known];
    default: {
      const has = (one: AttributeKind) => attributeKinds.length === 0 || attributeKinds.includes(one);
      const found = [
        ...(has('text') ? text : []),
        ...(has('number') ? number.map((one) => ({ ...one })) : []),
        ...(has('boolean') ? both('isYes', 'is', 'is not') : []),
        ...(has('date') ? date : []),
        ...known,
      ];
      // one word for each: of an attribute with values of several kinds, “is” needs its kind beside it
      const kinds = { isNumber: 'number', isYes: 'yes or no' } as Record<string, string>;
      const twice = new Set(found.map(({ label }) => label)).size < found.length;
      return found.map(({ value, label }) => {
        const of = kinds[readChoice(value).how];
        return { value, label: twice && of ? `${label} (${of})` : label };
      });
    }
  }
}
