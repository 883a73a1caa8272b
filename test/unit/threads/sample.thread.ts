import { serveThread } from '../../../main/threads/serve.ts';

const operations = {
  add: (a: number, b: number) => a + b,
  later: async (value: string) => {
    await new Promise((done) => setImmediate(done));
    return value;
  },
  size: (bytes: Uint8Array) => bytes.byteLength,
  refuse: (): void => {
    throw Object.assign(new RangeError('not today'), { code: 'SAMPLE_REFUSED' });
  },
  announce: (text: string) => server.emit('announced', { text }),
  never: () => new Promise<void>(() => {}),
  crash: (): void => {
    setImmediate(() => {
      throw new Error('broken inside');
    });
  },
  exit: (): void => process.exit(3),
};
export type Sample = typeof operations;
export interface SampleEvents {
  announced: { text: string };
  closing: null;
}

const server = serveThread<Sample, SampleEvents>(operations, async () => {
  await new Promise((done) => setImmediate(done));
  server.emit('closing', null);
});
