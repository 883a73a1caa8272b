import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

test('every test that docs/security.md names is there', () => {
  const text = readFileSync(resolve(root, 'docs/security.md'), 'utf8');
  const named = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`: \*([^*]+)\*/g)];
  expect(named.length).toBeGreaterThan(35);
  for (const [, file = '', name = ''] of named) {
    const path = resolve(root, file);
    expect(existsSync(path), file).toBe(true);
    expect(readFileSync(path, 'utf8'), `${file} has no test “${name}”`).toContain(`'${name}'`);
  }
  // a row of a table either names what shows it, or says with an empty cell that nothing does
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && line.split('|').length === 5);
  for (const row of rows.filter((line) => !/^\| (wants|door|public|console|API|message)/.test(line)))
    expect(row, row).toMatch(/`: \*.+\* \|$|\|\s+\|$/);
});
