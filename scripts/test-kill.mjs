// npm run test:kill                              kills a sending Belfry 20 times at random moments
// npm run test:kill -- --times 50 --seed 7       … as often as wanted, at moments that follow from the seed
// npm run test:kill -- --people 5000 --json      … with more people; figures for machines
import { parseArgs } from 'node:util';
import { requireNode } from './node-version.mjs';

requireNode();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
const { killRun } = await import('../test/helpers/kill-run.ts');

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    people: { type: 'string', default: '3000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 0x7fff_ffff)) },
    json: { type: 'boolean', default: false },
  },
});
const [times, people, seed] = [values.times, values.people, values.seed].map(Number);
if (![times, people, seed].every((number) => Number.isInteger(number) && number >= 0) || people < 10) {
  console.error('Usage: npm run test:kill -- [--times N] [--people N] [--seed N] [--json]');
  process.exit(2);
}
if (!values.json) console.log(`${times} kills, ${people} people, --seed ${seed}`);
const began = Date.now();
try {
  const figures = await killRun({
    times,
    people,
    seed,
    tell: (line) => (values.json ? undefined : console.log(`  ${line}`)),
  });
  const seconds = Math.round((Date.now() - began) / 1000);
  if (values.json) console.log(JSON.stringify({ ...figures, seconds }));
  else
    console.log(`
Kills                                    ${figures.kills}, of them ${figures.killsWhileStarting} while it was starting
Campaigns, people                        ${figures.campaigns}, ${figures.people}
Messages that had to arrive              ${figures.messages}
  received exactly once                  ${figures.receivedOnce}
  received more than once                ${figures.receivedMore}
  counted by Belfry as perhaps repeated  ${figures.countedRepeated}
  not received                           ${figures.missed}
In flight at a kill                      ${figures.mostInFlight} at the most, ${figures.inFlight} in all
Subscriptions ended, and expired here    ${figures.gone}, the same people
${seconds} s`);
} catch (error) {
  console.error(
    `\n${error instanceof Error ? error.stack : error}\n\nAgain with: npm run test:kill -- --times ${times} --people ${people} --seed ${seed}`,
  );
  process.exit(1);
}
