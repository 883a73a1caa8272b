import type { AttributeChange, AttributeInUse, RetypeKind } from '../../main/contract/attributes.ts';

const kindWords = { text: 'text', number: 'number', boolean: 'yes or no', date: 'date' } as const;

/** What the values of an attribute are, in words: “number”, “text, some of them dates”. */
export function kindsWords({ kinds }: Pick<AttributeInUse, 'kinds'>): string {
  if (kinds.length === 0) return 'empty lists';
  const [first, ...others] = kinds.filter((kind) => kind !== 'date').map((kind) => kindWords[kind]);
  const dates = kinds.includes('date') ? ['dates among them'] : [];
  return [[first, ...others].filter(Boolean).join(' and '), ...dates].filter(Boolean).join(', ');
}

export const retypeWords: Record<RetypeKind, [label: string, description: string]> = {
  text: ['Text', 'Anything can be text; a list is joined by commas'],
  number: ['Number', '“7” becomes 7, yes becomes 1 and no becomes 0'],
  boolean: ['Yes or no', 'true, yes, y, t and 1; false, no, n, f and 0'],
  date: ['Date', 'RFC 3339, “2026-05-01 12:00” (UTC), or seconds or milliseconds since 1970'],
  list: ['List of text', '“news, sport” becomes two entries'],
};

const made = {
  text: 'text',
  number: 'a number',
  boolean: 'yes or no',
  date: 'a date',
  list: 'a list',
} as const;

/** A change that was made, in words. */
export function changeWords(change: AttributeChange): string {
  switch (change.do) {
    case 'rename':
      return `“${change.name}” became “${change.to}”`;
    case 'merge':
      return `“${change.name}” was merged into “${change.into}”`;
    case 'retype':
      return `“${change.name}” was made ${made[change.kind]}`;
    case 'remove':
      return `“${change.name}” was deleted`;
  }
}
