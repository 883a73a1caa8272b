import { Button, NativeSelect, Radio, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Delimiter, type Encoding, encodings } from '../../main/contract/import-names.ts';
import type { Import, ImportColumn, ImportOptions, ImportPreview } from '../../main/contract/imports.ts';
import { useApi, useClient } from '../frame/api.tsx';
import { useSite } from '../frame/site.tsx';
import { sentence } from '../parts/errors.ts';
import { ErrorState, Note, Skeleton } from '../parts/states.tsx';
import { Columns } from './columns.tsx';
import classes from './import.module.css';
import { Result } from './result.tsx';

const encodingWords: Record<Encoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 (little end first)',
  'utf-16be': 'UTF-16 (big end first)',
  'windows-1252': 'Windows-1252 (Western European)',
};
const delimiterWords: Record<Delimiter, string> = { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar' };
const formatWords = { csv: 'CSV', json: 'JSON', 'json-lines': 'JSON Lines' };

/** What is not left to the guess. */
interface Reading {
  encoding?: Encoding;
  delimiter?: Delimiter;
}

/** How a file is to be understood and taken: looks at it first, then hands on to the form. */
export function Plan({ file }: { file: Import }) {
  const api = useApi();
  const [reading, setReading] = useState<Reading>(() => {
    const { encoding, delimiter } = file.options ?? {};
    return { ...(encoding && { encoding }), ...(delimiter && { delimiter }) };
  });
  const preview = useQuery(api.imports.preview.queryOptions({ input: { id: file.id, ...reading } }));
  if (!preview.data)
    return preview.error ? (
      <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
    ) : (
      <Skeleton lines={8} />
    );
  return (
    <PlanForm
      key={JSON.stringify(reading)}
      file={file}
      preview={preview.data}
      reading={reading}
      onReading={setReading}
    />
  );
}

function PlanForm({ file, preview, reading, onReading }: PlanFormProps) {
  const site = useSite();
  const api = useApi();
  const client = useClient();
  const queries = useQueryClient();
  const keys = useQuery(api.sites.keys.queryOptions({ input: { id: site.id } }));
  // what was said before a try is still there after it
  const before = file.options;
  const [columns, setColumns] = useState<ImportColumn[]>(() =>
    preview.columns.map(
      ({ samples: _, ...column }) => before?.columns?.find((one) => one.column === column.column) ?? column,
    ),
  );
  const [vapidKey, setVapidKey] = useState(before?.vapidKey ?? site.vapidPublicKey);
  const [keep, setKeep] = useState<ImportOptions['keep']>(before?.keep ?? 'good');
  const [known, setKnown] = useState<ImportOptions['known']>(before?.known ?? 'leave');
  const [tags, setTags] = useState(before?.tags?.join(', ') ?? '');
  const hasEndpoint = columns.some(({ field }) => field === 'endpoint' || field === 'subscription');
  const options: ImportOptions = {
    ...reading,
    columns: columns.map(({ attribute, ...column }) =>
      column.field === 'attribute'
        ? { ...column, attribute: attribute?.trim() || column.column.slice(0, 64) }
        : column,
    ),
    vapidKey,
    keep,
    known,
    tags: tags
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean)
      .slice(0, 20),
  };
  const start = useMutation({
    mutationFn: (act: 'check' | 'run') => client.imports[act]({ id: file.id, options }),
    onSuccess: (now) => queries.setQueryData(api.imports.get.queryKey({ input: { id: file.id } }), now),
  });
  return (
    <>
      <p>
        {formatWords[preview.format]}
        {preview.compressed ? ', packed' : ''}.{' '}
        {preview.layout && (
          <>
            It looks like an export of <strong>{preview.layout}</strong>.
          </>
        )}
      </p>
      {preview.remarks.map((remark) => (
        <Note key={remark}>{remark}</Note>
      ))}
      {file.problem && <Note tone="bad">{file.problem}</Note>}
      <section className={classes['section']} aria-labelledby="columns">
        <h2 id="columns">What the columns are</h2>
        <div className={classes['row']}>
          <NativeSelect
            size="xs"
            aria-label="Encoding"
            value={preview.encoding}
            data={encodings.map((value) => ({ value, label: encodingWords[value] }))}
            onChange={(event) => onReading({ ...reading, encoding: event.currentTarget.value as Encoding })}
          />
          {preview.delimiter && (
            <NativeSelect
              size="xs"
              aria-label="Values are divided by"
              value={preview.delimiter}
              data={Object.entries(delimiterWords).map(([value, label]) => ({ value, label }))}
              onChange={(event) =>
                onReading({ ...reading, delimiter: event.currentTarget.value as Delimiter })
              }
            />
          )}
        </div>
        <Columns preview={preview} columns={columns} onChange={setColumns} />
        {!hasEndpoint && <Note>Say which column is the endpoint: without it nobody can be sent to.</Note>}
      </section>
      <section className={classes['section']} aria-labelledby="how">
        <h2 id="how">How they are taken</h2>
        <div className={classes['fields']}>
          <NativeSelect
            label="Made with the key"
            description={
              <>
                Of rows that name none. Bring a former service’s key in under{' '}
                <Link to="/sites/$site/settings" params={{ site: site.id }}>
                  Settings
                </Link>
                .
              </>
            }
            value={vapidKey}
            data={(keys.data?.items ?? [{ publicKey: site.vapidPublicKey, current: true }]).map(
              ({ publicKey, current }) => ({
                value: publicKey,
                label: `${publicKey.slice(0, 12)}…${current ? ' (current)' : ''}`,
              }),
            )}
            onChange={(event) => setVapidKey(event.currentTarget.value)}
          />
          <TextInput
            label="Tags for everyone in it"
            description="Divided by commas; may be left empty."
            value={tags}
            onChange={(event) => setTags(event.currentTarget.value)}
          />
          <Radio.Group
            label="Rows that cannot be taken"
            value={keep}
            onChange={(value) => setKeep(value as ImportOptions['keep'])}
          >
            <Radio mt={8} value="good" label="Keep the good rows" />
            <Radio mt={8} value="all" label="All rows, or none" />
          </Radio.Group>
          <Radio.Group
            label="People who are here already"
            value={known}
            onChange={(value) => setKnown(value as ImportOptions['known'])}
          >
            <Radio mt={8} value="leave" label="Leave them as they are" />
            <Radio mt={8} value="fill" label="Fill in what is not known of them" />
          </Radio.Group>
        </div>
      </section>
      {start.error && <Note tone="bad">{sentence(start.error)}</Note>}
      {file.checked && file.state === 'checked' && (
        <Result file={file} counts={file.checked} isDone={false} />
      )}
      <div className={classes['row']}>
        <Button
          variant={file.state === 'checked' ? 'default' : 'filled'}
          disabled={!hasEndpoint}
          loading={start.isPending}
          onClick={() => start.mutate('check')}
        >
          Try it
        </Button>
        <Button
          variant={file.state === 'checked' ? 'filled' : 'default'}
          disabled={!hasEndpoint}
          loading={start.isPending}
          onClick={() => start.mutate('run')}
        >
          Import
        </Button>
        <span className="dim">Trying it reads the whole file and changes nothing.</span>
      </div>
    </>
  );
}
interface PlanFormProps {
  file: Import;
  preview: ImportPreview;
  reading: Reading;
  onReading: (reading: Reading) => void;
}
