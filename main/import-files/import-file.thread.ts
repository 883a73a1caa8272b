import type { ImportPreview } from '../contract/imports.ts';
import type { ReadBatch, ReadSettings } from '../core/ports/imports.ts';
import { serveThread } from '../threads/serve.ts';
import { previewFile } from './preview.ts';
import { Reader } from './reader.ts';

/** Reads files with subscribers, and checks what stands in them, beside everything else. */
let reader: Reader | null = null;

const opened = (): Reader => {
  if (reader === null) throw new Error('No file is being read.');
  return reader;
};

const operations = {
  async preview(path: string, wanted: Parameters<typeof previewFile>[1]): Promise<ImportPreview> {
    const { names: _, ...preview } = await previewFile(path, wanted);
    return preview;
  },
  async open(path: string, refusedPath: string, settings: ReadSettings): Promise<void> {
    reader = await Reader.open(path, refusedPath, settings);
  },
  next: (): Promise<ReadBatch> => opened().next(),
  refuse: (...given: Parameters<Reader['refuse']>): Promise<void> => opened().refuse(...given),
};

serveThread(operations, async () => {
  await reader?.close();
});

export type ImportFileOperations = typeof operations;
