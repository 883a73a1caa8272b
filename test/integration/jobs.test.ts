import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Job } from '../../main/contract/jobs.ts';
import type { Rehearsal } from '../../main/contract/rehearsal.ts';
import type { Site } from '../../main/contract/sites.ts';
import { Jobs } from '../../main/core/jobs/jobs.ts';
import { Live } from '../../main/core/live.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import { startServer } from '../helpers/program.ts';

const jobsOf = async (api: <A>(method: string, path: string) => Promise<A>) =>
  (await api<{ items: Job[] }>('GET', '/jobs')).items;

test('a job tells how far it is, how fast and how long, and what came of it', async () => {
  let now = 1_000_000;
  const live = new Live();
  const jobs = new Jobs(live, { now: () => now });
  const told: string[] = [];
  const stop = new AbortController();
  const listening = (async () => {
    for await (const event of live.watch(stop.signal)) if (event.type === 'job') told.push(event.job.state);
  })();
  await eventually('the listener', () => live.listeners === 1);

  let go = () => {};
  const waiting = new Promise<void>((resolve) => {
    go = resolve;
  });
  const running = jobs.run(
    { kind: 'test', title: 'Counting', total: 1000, cancellable: true },
    async (job) => {
      await waiting;
      for (let i = 0; i < 4; i++) {
        now += 1000;
        job.advance(100);
      }
      expect(job.shown()).toMatchObject({ done: 400, total: 1000, perSecond: 100, secondsLeft: 6 });
      // it grows slow: the rate follows, and does not remember the beginning for ever
      for (let i = 0; i < 30; i++) {
        now += 1000;
        job.advance(10);
      }
      expect(job.shown()).toMatchObject({ done: 700, perSecond: 10, secondsLeft: 30 });
      job.result = 'Counted.';
      return 'answer';
    },
  );
  expect(jobs.list()).toMatchObject([
    { title: 'Counting', state: 'running', done: 0, perSecond: null, cancellable: true, result: null },
  ]);
  go();
  expect(await running).toBe('answer');
  const [{ id = '' } = {}] = jobs.list();
  expect(jobs.list()).toMatchObject([{ state: 'done', result: 'Counted.', endedAt: expect.any(String) }]);
  expect(() => jobs.cancel(id)).toThrow('It has ended already.');
  expect(() => jobs.cancel('none')).toThrow('There is no such job.');

  await expect(
    jobs.run({ kind: 'test', title: 'Failing' }, async () => {
      throw new Error('The tower fell.');
    }),
  ).rejects.toThrow('The tower fell.');
  expect(jobs.list()[0]).toMatchObject({ state: 'failed', result: 'The tower fell.', total: null });

  // cancelled by the operator, or because the program ends
  const until = (job: { signal: AbortSignal }) =>
    new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()));
  const cancelled = jobs.run({ kind: 'test', title: 'Long', cancellable: true }, until);
  expect(jobs.cancel(jobs.list()[0]?.id ?? '').state).toBe('stopping');
  await cancelled;
  expect(jobs.list()[0]).toMatchObject({ state: 'cancelled', cancellable: false });
  const must = jobs.run({ kind: 'test', title: 'Must go on' }, until);
  expect(() => jobs.cancel(jobs.list()[0]?.id ?? '')).toThrow('must not stay half done');
  await jobs.stop();
  await must;
  // many that ended are not kept for ever; what runs always is
  for (let i = 0; i < 50; i++) await jobs.run({ kind: 'test', title: `${i}` }, async () => {});
  expect(jobs.list().length).toBe(30);
  await eventually('all to be told', () => told.includes('failed') || told.length > 5);
  stop.abort();
  await listening;
});

test('making people is a job that can be cancelled; what was made goes, as another job, and the room with it', async () => {
  await using belfry = await Belfry.start();
  const api = belfry.api.bind(belfry);
  await api('POST', '/rehearsal', { people: 100_000, seed: 3 });
  await eventually('some people', async () => ((await jobsOf(api))[0]?.done ?? 0) > 3000, 60);
  const [making] = await jobsOf(api);
  expect(making).toMatchObject({
    kind: 'rehearsal.make',
    title: 'Making a practice site with 100\u202f000 people',
    state: 'running',
    total: 100_000,
    cancellable: true,
  });
  const size = () => statSync(join(belfry.data, 'belfry.db')).size;
  await api('POST', `/jobs/${making?.id}/cancel`);
  await eventually(
    'nothing to be left',
    async () => (await api<Rehearsal>('GET', '/rehearsal')).state === 'none',
    60,
  );
  const [removing, made] = await jobsOf(api);
  expect(made).toMatchObject({ kind: 'rehearsal.make', state: 'cancelled' });
  expect(removing).toMatchObject({
    kind: 'rehearsal.remove',
    state: 'done',
    cancellable: false,
    result: 'The practice site is gone. Nothing of it is left.',
  });
  expect(removing?.done).toBeGreaterThan(3000);
  expect((await api<{ items: Site[] }>('GET', '/sites')).items).toEqual([]);
  await belfry.stop();
  expect(size()).toBeLessThan(1_000_000);
  await belfry.launch();
  expect((await belfry.call('POST', '/jobs/none/cancel')).status).toBe(404);
});

test('killed while people are made: after the next start nothing is there, and another can be made', async () => {
  await using server = await startServer();
  await server.api('POST', '/rehearsal', { people: 100_000 });
  await expect
    .poll(async () => (await server.api<Rehearsal>('GET', '/rehearsal')).progress?.done ?? 0)
    .toBeGreaterThan(2000);
  await server.kill();
  await server.restart();
  await expect.poll(async () => (await server.api<Rehearsal>('GET', '/rehearsal')).state).toBe('none');
  expect((await server.api<{ items: Site[] }>('GET', '/sites')).items).toEqual([]);
  await server.api('POST', '/rehearsal', { people: 10, history: false });
  await expect.poll(async () => (await server.api<Rehearsal>('GET', '/rehearsal')).state).toBe('ready');
  await server.stop();
  const db = new Database(join(server.data, 'belfry.db'), { readonly: true });
  expect(db.prepare('SELECT count(*) FROM subscriber').pluck().get()).toBe(10);
  db.close();
});
