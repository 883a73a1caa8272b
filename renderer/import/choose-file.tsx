import { Button } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import type { Import } from '../../main/contract/imports.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { sentence } from '../parts/errors.ts';
import { formatNumber } from '../parts/format.ts';
import { Note } from '../parts/states.tsx';
import classes from './import.module.css';
import { Progress } from './progress.tsx';
import { uploadFile } from './upload.ts';

const megabytes = (bytes: number) => `${formatNumber(Math.ceil(bytes / 1e5) / 10)} MB`;

/** Takes a file, dropped or chosen, and sends it to the core while one watches. */
export function ChooseFile({ onChosen }: { onChosen: (id: string) => void }) {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const [now, setNow] = useState<Import | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const upload = useMutation({
    mutationFn: (file: File) => {
      stop.current = new AbortController();
      return uploadFile(client, site.id, file, setNow, stop.current.signal);
    },
    onSuccess: (done) => done && onChosen(done.id),
    onSettled: () => {
      setNow(null);
      void queries.invalidateQueries({ queryKey: api.imports.key() });
    },
  });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file && !upload.isPending) upload.mutate(file);
  };
  if (upload.isPending)
    return (
      <div className={classes['section']} role="status">
        <p>The file is being taken in.</p>
        <Progress
          label="Taking the file in"
          done={now?.received ?? 0}
          total={now?.size ?? 1}
          words={now ? `${megabytes(now.received)} of ${megabytes(now.size)}` : ''}
        />
        <div className={classes['row']}>
          <Button variant="default" onClick={() => stop.current?.abort()}>
            Stop
          </Button>
        </div>
      </div>
    );
  return (
    <div className={classes['section']}>
      {upload.error && <Note tone="bad">{sentence(upload.error)}</Note>}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is beside the button, which does the same */}
      <div
        className={classes['drop']}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Button
          leftSection={<IconFileImport size={16} stroke={1.5} />}
          onClick={() => input.current?.click()}
        >
          Choose a file…
        </Button>
        <p className="dim">
          Or drop one here: CSV, JSON Lines or JSON, also packed as .gz, up to 4 GB. Nothing is changed before
          you say so.
        </p>
        <input
          ref={input}
          type="file"
          hidden
          aria-label="A file with subscribers"
          accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.gz,text/csv,application/json"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            event.currentTarget.value = '';
            if (file) upload.mutate(file);
          }}
        />
      </div>
    </div>
  );
}
