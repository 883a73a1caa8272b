import type { ImportPreview } from '../contract/imports.ts';
import type { ReadBatch, ReadSettings } from '../core/ports/imports.ts';
import { serveThread } from '../threads/serve.ts';
import { previewFile } from './preview.ts';
import { Reader } from './reader.ts';

/** Reads one file with subscribers at a time, and checks what stands in it, beside everything else. */
let reader: Reader | null = null;

const opened = (): Reader => {
  if (reader === null) throw new Error('No file is being read.');
  return reader;
};

async function release(): Promise<void> {
  const ending = reader;
  reader = null;
  await ending?.close();
}

const operations = {
  async preview(path: string, wanted: Parameters<typeof previewFile>[1]): Promise<ImportPreview> {
    const { names: _, ...preview } = await previewFile(path, wanted);
    return preview;
  },
  async open(path: string, refusedPath: string, settings: ReadSettings): Promise<void> {
    await release();
    reader = await Reader.open(path, refusedPath, settings);
  },
  next: (): Promise<ReadBatch> => opened().next(),
  refuse: (...given: Parameters<Reader['refuse']>): Promise<void> => opened().refuse(...given),
  release,
};

serveThread(operations, release);

export type ImportFileOperations = typeof operations;
