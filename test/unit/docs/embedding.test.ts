import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRegistrations, readWorker } from '../../../main/core/sites/checks/code.ts';
import { readPage } from '../../../main/core/sites/checks/html.ts';
import { wayIds, ways } from '../../../renderer/setup/snippets.ts';
import { waysAsMarkdown } from '../../helpers/ways.ts';

const subject = { server: 'https://push.bells.example', key: 'k3y', workerPath: '/belfry-sw.js' };
const snippets = ways(subject).flatMap(({ id, steps }) =>
  steps.flatMap((step) => step.snippets.map((one) => ({ id, ...one }))),
);

test('docs/embedding.md says what the guide in the console says, word by word', () => {
  const text = readFileSync(resolve(import.meta.dirname, '../../../docs/embedding.md'), 'utf8');
  const between = /<!-- ways:.*-->\n([\s\S]*?)\n<!-- \/ways -->/.exec(text)?.[1];
  expect(between).toBe(waysAsMarkdown());
});

describe('the snippets', () => {
  test('are there for every way, and name this Belfry and this site', () => {
    expect(ways(subject).map(({ id }) => id)).toEqual([...wayIds]);
    for (const { id } of ways(subject)) {
      const text = snippets
        .filter((one) => one.id === id)
        .map(({ code }) => code)
        .join('\n');
      expect(text, id).toContain(subject.server);
      expect(text, id).toContain(subject.key);
    }
  });

  test('are what the check of a live site looks for', () => {
    const workers = snippets.filter(({ label }) => /sw\.js$|part\.js$/.test(label));
    expect(workers).toHaveLength(6);
    for (const { id, code } of workers) {
      const read = readWorker(code);
      expect(read, id).toMatchObject({
        brokenAt: null,
        imports: [`${subject.server}/belfry-sw.js`],
        hasOwnCode: false,
        saysShared: id === 'worker',
      });
    }
    const tags = snippets.filter(
      ({ language, code }) => language === 'html' && code.startsWith('<script src'),
    );
    expect(tags).toHaveLength(4);
    for (const { code } of tags) {
      const { scripts } = readPage(code, new URL('https://www.bells.example/'));
      expect(scripts.map(({ src }) => src?.href)).toEqual([`${subject.server}/belfry.js`]);
      expect(scripts[0]?.attributes.get('data-site')).toBe(subject.key);
    }
  });

  test('of a site with a worker at another path name that path', () => {
    const own = ways({ ...subject, workerPath: '/app/sw.js' }).find(({ id }) => id === 'worker');
    expect(JSON.stringify(own)).toContain('data-worker-path=\\"/app/sw.js\\"');
  });
});

test('what a page registers by itself is read from its code', () => {
  const calls = `
    if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js', { scope: '/app/' });
    navigator['serviceWorker'].register(\`/b.js\`).then(() => {});
    other.register('/no.js'); navigator.serviceWorker.register(variable);`;
  expect(readRegistrations(calls)).toEqual([
    { path: '/sw.js', scope: '/app/' },
    { path: '/b.js', scope: null },
  ]);
  expect(readRegistrations('navigator.serviceWorker.register(')).toEqual([]);
});
