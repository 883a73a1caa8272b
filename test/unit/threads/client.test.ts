import { afterEach, describe, expect, test } from 'vitest';
import { ThreadClient, ThreadEnded, type ThreadOptions } from '../../../main/threads/client.ts';
import { threadFile } from '../../../main/threads/file.ts';
import type { Sample, SampleEvents } from './sample.thread.ts';

const open: ThreadClient<Sample, SampleEvents>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

function start(options: Partial<ThreadOptions> = {}) {
  const file = threadFile('sample', import.meta.url);
  const client = new ThreadClient<Sample, SampleEvents>(file, { name: 'sample', ...options });
  open.push(client);
  return client;
}

describe('a thread', () => {
  test('answers calls, asynchronous ones too, each with its own answer', async () => {
    const client = start();
    const answers = await Promise.all([
      client.call('later', 'first'),
      client.call('add', 20, 22),
      client.call('later', 'second'),
    ]);
    expect(answers).toEqual(['first', 42, 'second']);
  });

  test('carries an error over with its name, message and code, and goes on', async () => {
    const client = start();
    await expect(client.call('refuse')).rejects.toMatchObject({
      name: 'RangeError',
      message: 'not today',
      code: 'SAMPLE_REFUSED',
    });
    expect(await client.call('add', 1, 1)).toBe(2);
  });

  test('refuses an operation that it does not offer', async () => {
    const client = start();
    await expect(client.call('toString' as 'exit')).rejects.toThrow('no operation “toString”');
  });

  test('takes over transferred memory', async () => {
    const client = start();
    const bytes = new Uint8Array(1000);
    expect(await client.callTransferring([bytes.buffer], 'size', bytes)).toBe(1000);
    expect(bytes.byteLength).toBe(0);
  });

  test('rejects arguments that cannot be copied', async () => {
    const client = start();
    await expect(client.call('later', (() => {}) as unknown as string)).rejects.toThrow(
      'could not be cloned',
    );
    expect(await client.call('add', 1, 1)).toBe(2);
  });

  test('notifies its client unasked', async () => {
    const client = start();
    const heard: string[] = [];
    client.on('announced', ({ text }) => heard.push(text));
    await client.call('announce', 'hello');
    expect(heard).toEqual(['hello']);
  });

  for (const way of ['crash', 'exit'] as const) {
    test(`rejects what is pending when it ends by ${way}, and says so once`, async () => {
      const crashes: Error[] = [];
      let said = () => {};
      const crashed = new Promise<void>((resolve) => {
        said = resolve;
      });
      const client = start({
        onCrash: (error) => {
          crashes.push(error);
          said();
        },
      });
      const pending = client.call('never');
      client.call(way).catch(() => {});
      await expect(pending).rejects.toBeInstanceOf(ThreadEnded);
      await crashed;
      await expect(client.call('add', 1, 1)).rejects.toMatchObject({ code: 'thread-ended' });
      await client.close();
      expect(crashes).toHaveLength(1);
      if (way === 'crash') expect(crashes[0]?.message).toContain('broken inside');
    });
  }

  test('runs its closing work, rejects what is pending, and is no crash when closed', async () => {
    const crashes: Error[] = [];
    const heard: string[] = [];
    const client = start({ onCrash: (error) => crashes.push(error) });
    client.on('closing', () => heard.push('closing'));
    const pending = client.call('never');
    const [, result] = await Promise.all([client.close(), pending.catch((error: unknown) => error)]);
    expect(result).toBeInstanceOf(ThreadEnded);
    expect(heard).toEqual(['closing']);
    expect(crashes).toEqual([]);
    await client.close();
  });

  test('whose file is missing crashes like any other', async () => {
    let client: ThreadClient<Sample> | undefined;
    const crashed = new Promise<Error>((onCrash) => {
      client = new ThreadClient(threadFile('missing', import.meta.url), { name: 'missing', onCrash });
    });
    await expect(client?.call('add', 1, 1)).rejects.toBeInstanceOf(ThreadEnded);
    expect((await crashed).message).toContain('missing');
  });

  test('is found beside the module that starts it, as source and as bundle', () => {
    expect(threadFile('sender', 'file:///app/main/push/push.ts').href).toBe(
      'file:///app/main/push/sender.thread.ts',
    );
    expect(threadFile('sender', 'file:///app/out/main/program-1a2b.js').href).toBe(
      'file:///app/out/main/sender.thread.js',
    );
  });
});
