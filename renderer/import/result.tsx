import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Import, ImportCounts } from '../../main/contract/imports.ts';
import { useClient } from '../frame/api.tsx';
import { toastError } from '../frame/toasts.tsx';
import { formatNumber } from '../parts/format.ts';
import { saveFile } from '../parts/save-file.ts';
import classes from './import.module.css';
import { countWords } from './words.ts';

/** What a dry run found, or what an import did, with the refused rows to take along. */
export function Result({ file, counts, isDone }: { file: Import; counts: ImportCounts; isDone: boolean }) {
  const client = useClient();
  const save = useMutation({
    mutationFn: async () => {
      const parts: string[] = [];
      for (let offset: number | null = 0; offset !== null; ) {
        const piece: { text: string; nextOffset: number | null } = await client.imports.refused({
          id: file.id,
          offset,
        });
        parts.push(piece.text);
        offset = piece.nextOffset;
      }
      saveFile(`refused rows of ${file.name.replace(/(\.\w+)+$/, '')}.csv`, parts, 'text/csv');
    },
    onError: (error) => toastError('The refused rows could not be saved', error),
  });
  return (
    <section className={classes['section']} aria-label={isDone ? 'What was done' : 'What would happen'}>
      <p role="status">
        <strong>{countWords(counts, isDone)}</strong>
      </p>
      {counts.reasons.length > 0 && (
        <>
          <table className={classes['columns']}>
            <thead>
              <tr>
                <th scope="col">Rows</th>
                <th scope="col">Refused because</th>
              </tr>
            </thead>
            <tbody>
              {counts.reasons.map(({ reason, detail, count }) => (
                <tr key={reason}>
                  <td className="tabular">{formatNumber(count)}</td>
                  <td>{detail}.</td>
                </tr>
              ))}
            </tbody>
          </table>
          <div className={classes['row']}>
            <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>
              Save the refused rows…
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
