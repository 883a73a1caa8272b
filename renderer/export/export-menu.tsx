import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import type { ExportFormat, ExportPart } from '../../main/contract/exports.ts';
import { useClient } from '../frame/api.tsx';
import { useConfirm } from '../frame/confirm.tsx';
import { toast, toastError } from '../frame/toasts.tsx';
import { formatNumber, people } from '../parts/format.ts';
import { saveFile, today } from '../parts/save-file.ts';

const types: Record<ExportFormat, [ending: string, type: string]> = {
  csv: ['csv', 'text/csv'],
  'json-lines': ['jsonl', 'application/jsonl'],
};

/**
 * Exports what a screen shows. The file is put together piece by piece, over any door; while that lasts, the button
 * says how far it is and stops it.
 */
export function ExportMenu({ query, name, count }: ExportMenuProps) {
  const client = useClient();
  const confirm = useConfirm();
  const [rows, setRows] = useState(0);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const run = useMutation({
    mutationFn: async ({ format, secrets }: { format: ExportFormat; secrets: boolean }) => {
      stop.current = new AbortController();
      const { signal } = stop.current;
      setRows(0);
      const parts: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const piece: { text: string; rows: number; nextCursor: string | null } = await client.exports.part({
          ...query,
          format,
          secrets,
          ...(cursor && { cursor }),
        });
        if (signal.aborted) return null;
        parts.push(piece.text);
        setRows((before) => before + piece.rows);
        cursor = piece.nextCursor;
      }
      const [ending, type] = types[format];
      saveFile(`${name} ${today()}.${ending}`, parts, type);
      return parts.length;
    },
    onSuccess: (done) => done !== null && toast('The export is ready to be saved.'),
    onError: (error) => toastError('The export failed', error),
  });
  const withSecrets = async (format: ExportFormat) => {
    const yes = await confirm({
      title: 'Export with endpoints and keys?',
      body: `Whoever has this file and your key pair can send to all ${people(count ?? 0)}. It is what another Belfry, or another service, needs to take them over. Keep it where only you can read it.`,
      action: 'Export with secrets',
      danger: true,
    });
    if (yes) run.mutate({ format, secrets: true });
  };
  if (run.isPending)
    return (
      <Button variant="default" onClick={() => stop.current?.abort()}>
        {formatNumber(rows)} rows. Stop
      </Button>
    );
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={15} stroke={1.5} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => run.mutate({ format: 'csv', secrets: false })}>CSV</Menu.Item>
        <Menu.Item onClick={() => run.mutate({ format: 'json-lines', secrets: false })}>JSON Lines</Menu.Item>
        {query.what === 'subscribers' && (
          <>
            <Menu.Divider />
            <Menu.Label>To move elsewhere</Menu.Label>
            <Menu.Item onClick={() => void withSecrets('csv')}>CSV with secrets…</Menu.Item>
            <Menu.Item onClick={() => void withSecrets('json-lines')}>JSON Lines with secrets…</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
interface ExportMenuProps {
  query: Omit<z.input<typeof ExportPart>, 'format' | 'secrets'>;
  /** Of the file, without its ending. */
  name: string;
  /** How many people it holds, where that is known. */
  count?: number | undefined;
}
