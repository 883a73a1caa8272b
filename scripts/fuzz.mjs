// npm run test:fuzz                                   100 000 requests from a seed of the clock
// npm run test:fuzz -- --requests 5000 --seed 7       so many, from this seed
import { parseArgs } from 'node:util';
import { requireNode } from './node-version.mjs';

requireNode();
const { values } = parseArgs({ options: { requests: { type: 'string' }, seed: { type: 'string' } } });
const requests = Number(values.requests ?? 100_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!Number.isSafeInteger(requests) || requests < 1 || !Number.isSafeInteger(seed)) {
  console.error('Usage: npm run test:fuzz -- [--requests N] [--seed N]');
  process.exit(1);
}
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt(); // the client's files are among what is asked for
const { fuzz } = await import('../test/fuzz/fuzz.ts');
console.log(`${requests} requests, seed ${seed}`);
const { wrong, heap, rss, ...figures } = await fuzz({ requests, seed });
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
console.log(`${figures.requests} answered of ${figures.sent} sent, in ${figures.seconds.toFixed(0)} s`);
console.log(`answers by status: ${JSON.stringify(figures.statuses)}`);
console.log(`stored and valid: ${figures.stored} subscribers`);
console.log(
  `heap after each third: ${heap.map(megabytes).join(', ')}; whole process: ${rss.map(megabytes).join(', ')}`,
);
for (const line of wrong) console.log(`WRONG: ${line}`);
console.log(
  wrong.length === 0
    ? `Nothing wrong. Repeat it with --seed ${seed}`
    : `${wrong.length} wrong. Repeat it with --seed ${seed}`,
);
process.exit(wrong.length === 0 ? 0 : 1);
