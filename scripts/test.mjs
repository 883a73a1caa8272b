// npm test                      everything: formatting and lint, types, build, then every suite
// npm test -- unit browser      only these projects (unit, integration, browser, desktop)
// npm test -- push -t expired   only files whose path has “push” in it; options go to vitest
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { ensureBuilt } = await import('./build.mjs');
const { ensureSystemPackages } = await import('./system-packages.mjs');

const root = resolve(import.meta.dirname, '..');
const projects = ['unit', 'integration', 'browser', 'desktop'];

/** The last line, which CI reads: every count of it is of tests, and a step before them that failed counts as one. */
function finish({ passed, failed, skipped }) {
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exit(failed > 0 ? 1 : 0);
}

function fail(sentence) {
  console.log(sentence);
  finish({ passed: 0, failed: 1, skipped: 0 });
}

function run(script, ...args) {
  return spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  }).status;
}

/** Counts tests, and files that failed before they had any. */
function readResults(file) {
  const results = JSON.parse(readFileSync(file, 'utf8'));
  const broken = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + broken.length,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const file = join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const status = run('vitest/vitest.mjs', 'run', ...reporters, ...args);
    const results = readResults(file);
    // an error outside every test fails the run all the same
    if (status !== 0 && results.failed === 0) results.failed = 1;
    if (results.passed + results.failed + results.skipped === 0) results.failed = 1;
    return results;
  } catch (error) {
    return fail(`The tests did not run to their end: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const wanted = process.argv.slice(2);
const everything = wanted.length === 0;
const chosen = wanted.flatMap((word) => (projects.includes(word) ? ['--project', word] : [word]));
const onlyUnit = wanted.length > 0 && wanted.every((word) => word === 'unit');

if (!onlyUnit) ensureSystemPackages();
if (everything) {
  if (run('@biomejs/biome/bin/biome', 'check', '.') !== 0)
    fail('Formatting or lint is not right: “npm run format” mends what can be mended by itself.');
  if (run('typescript/bin/tsc', '--noEmit') !== 0) fail('The types do not fit together.');
}
if (!onlyUnit) {
  try {
    await ensureBuilt();
  } catch (error) {
    fail(error.message);
  }
}
finish(runTests(chosen));
