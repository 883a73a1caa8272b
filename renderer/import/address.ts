import { textOf } from '../parts/address.ts';

export interface ImportSearch {
  /** The id of the import that is shown. */
  file?: string | undefined;
}
export const readImportSearch = (search: Record<string, unknown>): ImportSearch => ({
  file: textOf(search['file']),
});
