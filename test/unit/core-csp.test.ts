import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockedBy, type Load, parsePolicies } from '../../main/core/sites/checks/csp.ts';

const from = new URL('https://www.bells.example/news');
const script: Load = {
  kind: 'script',
  url: new URL('https://push.bells.example/belfry.js'),
  from,
  inHtml: true,
};
const connect: Load = { kind: 'connect', url: new URL('https://push.bells.example/v1/sites/k/config'), from };
const worker: Load = { kind: 'worker', url: new URL('https://www.bells.example/belfry-sw.js'), from };
const nonce = { ...script, nonce: 'abc' };

test.each<[string, Load, string | null]>([
  ['', script, null],
  ['img-src *', script, null],
  ["script-src 'none'", script, 'script-src'],
  ["default-src 'self'", script, 'default-src'],
  ["default-src 'self'", worker, null],
  ['script-src https://push.bells.example', script, null],
  ['script-src push.bells.example', script, null],
  ['SCRIPT-SRC PUSH.BELLS.EXAMPLE', script, null],
  ['script-src http://push.bells.example', script, null],
  ['script-src *.bells.example', script, null],
  ['script-src *.example', script, null],
  ['script-src *.push.bells.example', script, 'script-src'],
  ['script-src bells.example', script, 'script-src'],
  ['script-src push.bells.example:8443', script, 'script-src'],
  ['script-src push.bells.example:*', script, null],
  ['script-src https://push.bells.example/belfry.js', script, null],
  ['script-src https://push.bells.example/scripts/', script, 'script-src'],
  ['script-src https:', script, null],
  ['script-src *', script, null],
  ['script-src data:', script, 'script-src'],
  ["script-src 'unsafe-inline'", script, 'script-src'],
  ["script-src 'nonce-abc'", nonce, null],
  ["script-src 'nonce-xyz'", nonce, 'script-src'],
  ["script-src 'nonce-xyz' 'strict-dynamic' https:", script, 'script-src'],
  ["script-src 'nonce-xyz' 'strict-dynamic'", { ...script, inHtml: false }, null],
  ["script-src-elem 'self'; script-src *", script, 'script-src-elem'],
  ["connect-src 'self'", connect, 'connect-src'],
  ["connect-src 'self'; default-src *", connect, 'connect-src'],
  ["child-src 'none'", worker, 'child-src'],
  ["worker-src 'none'; child-src *", worker, 'worker-src'],
  ["script-src 'nonce-a' 'strict-dynamic'", worker, null],
  // all of several policies must allow it; of two directives of one name the first counts
  ["script-src *, script-src 'self'", script, 'script-src'],
  ["script-src *; script-src 'none'", script, null],
])('“%s”', (policy, load, blocked) => {
  expect(blockedBy(parsePolicies(policy), load)).toBe(blocked);
});

test('any text is a policy, and ‘none’ allows nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const found = blockedBy(parsePolicies(text), script);
      expect(found === null || /-src(-elem)?$/.test(found)).toBe(true);
      expect(blockedBy(parsePolicies(`script-src-elem 'none', ${text}`), script)).not.toBeNull();
    }),
  );
});
