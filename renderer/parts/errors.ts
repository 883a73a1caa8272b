import { ORPCError } from '@orpc/client';

interface Explained {
  title: string;
  detail: string;
  /** What was wrong with which field, by JSON pointer into what was sent. */
  fields: { pointer: string; detail: string }[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Words for a person about anything that a call may throw. */
export function explain(error: unknown): Explained {
  if (!(error instanceof ORPCError)) {
    return {
      title: 'Belfry’s core did not answer',
      detail: 'It may be starting again. This screen asks again as soon as it is back.',
      fields: [],
    };
  }
  const data: unknown = error.data;
  const detail = isRecord(data) && typeof data['detail'] === 'string' ? data['detail'] : '';
  const listed = isRecord(data) && Array.isArray(data['errors']) ? data['errors'] : [];
  const fields = listed.flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry['pointer'] === 'string' && typeof entry['detail'] === 'string'
      ? [{ pointer: entry['pointer'], detail: entry['detail'] }]
      : [],
  );
  return { title: error.message, detail, fields };
}

/** One sentence about an error, for a toast or beside a button. */
export function sentence(error: unknown): string {
  const { title, detail, fields } = explain(error);
  return [detail || title, ...fields.map((field) => field.detail)]
    .filter((part, index, parts) => part !== '' && parts.indexOf(part) === index)
    .join(' ');
}
