import { globSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const folder = join(import.meta.dirname, '../test/bench');
const names = globSync('*.ts', { cwd: folder }).map((file) => basename(file, '.ts'));
const [name, ...rest] = process.argv.slice(2);
if (!name || !names.includes(name)) {
  console.error(
    `Usage: npm run bench -- NAME [--json] [--sizes 1000,10000]\nNAME is one of: ${names.sort().join(', ')}`,
  );
  process.exit(1);
}
const { default: bench } = await import(`../test/bench/${name}.ts`);
const { report } = await import('../test/bench/helpers/report.ts');
const sizes = rest[rest.indexOf('--sizes') + 1];
const load = loadavg()[0] ?? 0;
const results = await bench(rest.includes('--sizes') ? sizes.split(',').map(Number) : undefined);
console.log(
  `Node ${process.versions.node} on ${availableParallelism()} cores, which what is measured shares with its push service ` +
    `and whatever else runs here (load average before: ${load.toFixed(1)}). Ratios hold, absolute figures drift.`,
);
report(name, results, { json: rest.includes('--json') });
