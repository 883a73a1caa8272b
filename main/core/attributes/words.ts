import type { AttributeChange } from '../../contract/attributes.ts';

const inWords = (people: number) =>
  people === 1 ? '1 person' : `${people.toLocaleString('en').replaceAll(',', '\u202f')} people`;

/** What a change does, as the title of its job. */
export function changeTitle(change: AttributeChange): string {
  switch (change.do) {
    case 'rename':
      return `Renaming “${change.name}” to “${change.to}”`;
    case 'merge':
      return `Merging “${change.name}” into “${change.into}”`;
    case 'retype':
      return `Changing the type of “${change.name}”`;
    case 'remove':
      return `Deleting “${change.name}”`;
  }
}

/** What came of it, in a sentence. */
export function changeResult(change: AttributeChange, people: number): string {
  switch (change.do) {
    case 'rename':
      return `“${change.name}” is “${change.to}” now, for ${inWords(people)}.`;
    case 'merge':
      return `“${change.name}” is part of “${change.into}” now, for ${inWords(people)}.`;
    case 'retype':
      return `“${change.name}” has another type now, for ${inWords(people)}.`;
    case 'remove':
      return `“${change.name}” is deleted from ${inWords(people)}.`;
  }
}

/** What came of taking one back, in a sentence. */
export const undoResult = ({ name }: AttributeChange, people: number): string =>
  `${inWords(people)} ${people === 1 ? 'has' : 'have'} “${name}” again as before.`;
