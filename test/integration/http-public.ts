import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { buildPublicListener, type PublicLimits } from '../../main/http/public.ts';
import { standInCore } from './http-core.ts';
import { open } from './http-wire.ts';

export const origin = 'https://bells.example';
export const subscribe = {
  subscription: { endpoint: 'https://push.example/a', keys: { p256dh: 'BA', auth: 'AA' } },
  intent: 'subscribe',
};
const json = { 'content-type': 'application/json' };

let folder: string;
let closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-public-'));
  mkdirSync(join(folder, 'page/assets'), { recursive: true });
  writeFileSync(join(folder, 'belfry.js'), 'client();'.repeat(500));
  writeFileSync(join(folder, 'belfry.mjs'), 'export {};');
  for (const file of ['belfry-prompts.js', 'belfry.d.mts', 'belfry-client.tgz']) {
    writeFileSync(join(folder, file), 'export {};');
  }
  writeFileSync(join(folder, 'belfry-sw.js'), 'worker();');
  writeFileSync(
    join(folder, 'page/index.html'),
    '<script nonce="__CSP_NONCE__"></script><p data-key="__SITE_KEY__">__SITE_NAME__</p>',
  );
  writeFileSync(join(folder, 'page/assets/page.css'), 'p { margin: 0 }');
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  rmSync(folder, { recursive: true });
});

/** The public listener on a free port over a core that does as told, with small client files; ended by itself. */
export async function startPublic(
  options: {
    limits?: Partial<PublicLimits>;
    landing?: () => boolean;
    trustProxy?: string[];
    host?: string;
  } = {},
) {
  const stand = standInCore();
  const app = await buildPublicListener({
    visitors: stand.core.visitors,
    clientFiles: folder,
    landing: options.landing ?? (() => true),
    trustProxy: options.trustProxy ?? [],
    log: stand.log,
    limits: options.limits ?? {},
  });
  closing.push(() => app.close());
  const address = await open(app, options.host);
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(address + path, { method: 'POST', body, headers: { ...json, ...headers } });
  return { ...stand, app, address, post };
}
