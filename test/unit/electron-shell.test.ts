import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isConsole, isOutwardLink, screenAddress } from '../../main/electron/address.ts';
import { placeWindow, smallest } from '../../main/electron/placement.ts';
import { answerConsole } from '../../main/electron/protocol.ts';
import { type KeyStore, openSecrets } from '../../main/electron/secrets.ts';
import { describeWork } from '../../main/electron/work.ts';
import { openKeyFile } from '../../main/storage/key-file.ts';

describe('links and addresses', () => {
  test.each(['https://example.org/', 'http://127.0.0.1:8383/?site=a', 'mailto:owls@example.org'])(
    '%s opens outside',
    (link) => expect(isOutwardLink(link)).toBe(true),
  );
  test.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'app://console/',
    'https://user:secret@example.org/',
    'smb://host/share',
    'ms-msdt:/id',
    'data:text/html,x',
    'no address',
  ])('%s does not', (link) => expect(isOutwardLink(link)).toBe(false));

  test('only the console itself is the console', () => {
    expect(isConsole('app://console/#/sites/a')).toBe(true);
    for (const other of ['app://console.example.org/', 'https://console/', 'app://other/', 'app:console', ''])
      expect(isConsole(other)).toBe(false);
  });

  test('a screen opens for the site that is shown', () => {
    expect(screenAddress('app://console/#/sites/ab_1/campaigns?x=1', 'compose')).toBe(
      'app://console/#/sites/ab_1/compose',
    );
    expect(screenAddress('app://console/#/sites/ab_1', '')).toBe('app://console/#/sites/ab_1');
    expect(screenAddress('app://console/#/new-site', 'compose')).toBe('app://console/#/');
  });
});

describe("the console's files", () => {
  let outside: string;
  let folder: string;
  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), 'belfry-files-'));
    folder = join(outside, 'renderer');
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(outside, 'secret.txt'), 'not for the window');
    await writeFile(join(folder, 'index.html'), '<script nonce="__CSP_NONCE__"></script>');
    await writeFile(join(folder, 'assets/main.js'), 'console.log(1)');
  });
  afterAll(() => rm(outside, { recursive: true, force: true }));
  const ask = (path: string, method = 'GET') =>
    answerConsole(folder, { url: `app://console${path}`, method });

  test('the page has a nonce of its own every time, and the policy that names it', async () => {
    const pages = await Promise.all([ask('/'), ask('/')]);
    const nonces = await Promise.all(
      pages.map(async (page) => {
        const [, nonce = ''] = /nonce="([^"]+)"/.exec(await page.text()) ?? [];
        expect(page.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`);
        return nonce;
      }),
    );
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(nonces).not.toContain('__CSP_NONCE__');
  });

  test('a file comes with its type', async () => {
    const file = await ask('/assets/main.js');
    expect(file.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(await file.text()).toBe('console.log(1)');
  });

  test('other hosts and methods get nothing', async () => {
    expect((await answerConsole(folder, { url: 'app://other/', method: 'GET' })).status).toBe(404);
    expect((await answerConsole(folder, { url: 'not a url', method: 'GET' })).status).toBe(404);
    expect((await ask('/', 'POST')).status).toBe(405);
  });

  test('no path leads out of the folder', async () => {
    const step = fc.constantFrom(
      '..',
      '%2e%2e',
      '.%2e',
      '%2f',
      '/',
      '\\',
      '%5c',
      '%00',
      'assets',
      'secret.txt',
      '%',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        for (const path of [`/${steps.join('/')}`, `/${steps.join('')}`, `/${steps.join('')}secret.txt`]) {
          const answer = await ask(path);
          expect([200, 404]).toContain(answer.status);
          expect(await answer.text()).not.toContain('not for the window');
        }
      }),
    );
  });
});

describe('the place of the window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  const area = { x: 100, y: 80, width: 1000, height: 700, maximized: true };

  test('is the one it had', () => {
    expect(placeWindow(area, [screen])).toEqual(area);
    expect(placeWindow({ ...area, x: 2000 }, [screen, { ...screen, x: 1920 }])).toMatchObject({ x: 2000 });
  });

  test('is the usual one when that screen is gone or nonsense was stored', () => {
    for (const stored of [
      { ...area, x: 5000 },
      { ...area, y: -500 },
      { ...area, width: 3 },
      { ...area, x: 'left' },
      null,
      'nonsense',
    ]) {
      const place = placeWindow(stored, [screen]);
      expect(place.x).toBeUndefined();
      expect(place.maximized).toBe(false);
    }
  });

  test('can always be reached and is never too small', () => {
    const any = fc.record({
      x: fc.integer({ min: -5000, max: 5000 }),
      y: fc.integer({ min: -5000, max: 5000 }),
      width: fc.integer({ min: 0, max: 5000 }),
      height: fc.integer({ min: 0, max: 5000 }),
      maximized: fc.boolean(),
    });
    fc.assert(
      fc.property(any, (stored) => {
        const place = placeWindow(stored, [screen]);
        expect(place.width).toBeGreaterThanOrEqual(smallest.width);
        expect(place.height).toBeGreaterThanOrEqual(smallest.height);
        if (place.x === undefined || place.y === undefined) return;
        expect(place.y).toBeGreaterThanOrEqual(0);
        expect(place.y).toBeLessThan(screen.height);
        expect(place.x).toBeLessThan(screen.width);
        expect(place.x + (place.width ?? 0)).toBeGreaterThan(0);
      }),
    );
  });
});

describe('secrets', () => {
  const secret = Buffer.from('a private key of a site');
  const keyStore = (available: boolean, backend?: string): KeyStore => ({
    isEncryptionAvailable: () => available,
    ...(backend === undefined ? {} : { getSelectedStorageBackend: () => backend }),
    encryptString: (text) => Buffer.from(`v10${[...text].reverse().join('')}`),
    decryptString: (sealed) => [...sealed.toString().slice(3)].reverse().join(''),
  });
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'belfry-secrets-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const keyFile = () => openKeyFile(folder);

  test("are sealed with the system's key store, and no key file is made", () => {
    const secrets = openSecrets(keyStore(true, 'gnome_libsecret'), () => {
      throw new Error('a key file was made');
    });
    expect(secrets.warning).toBeNull();
    const sealed = secrets.seal(secret);
    expect(Buffer.from(sealed).includes(secret)).toBe(false);
    expect(Buffer.from(secrets.open(sealed))).toEqual(secret);
  });

  test.each([keyStore(false), keyStore(true, 'basic_text')])(
    'are sealed with a key file where there is no real key store, and say so',
    (store) => {
      const secrets = openSecrets(store, keyFile);
      expect(secrets.kind).toBe('key file');
      expect(secrets.warning).toContain('no key store');
      const sealed = secrets.seal(secret);
      // a server on the same data opens it too
      expect(Buffer.from(keyFile().open(sealed))).toEqual(secret);
      expect(Buffer.from(secrets.open(sealed))).toEqual(secret);
    },
  );

  test('open whichever sealed them', () => {
    const before = openSecrets(keyStore(false), keyFile).seal(secret);
    const withStore = openSecrets(keyStore(true), keyFile);
    expect(Buffer.from(withStore.open(before))).toEqual(secret);
    const after = withStore.seal(secret);
    expect(() => openSecrets(keyStore(false), keyFile).open(after)).toThrow(/key store/);
  });

  test('are refused when they were changed', () => {
    const secrets = openSecrets(keyStore(false), keyFile);
    const sealed = Buffer.from(secrets.seal(secret));
    sealed.writeUInt8(sealed.readUInt8(30) ^ 1, 30);
    expect(() => secrets.open(sealed)).toThrow();
  });
});

test('work is told in a sentence', () => {
  const campaign = (title: string, total: number, pending: number, at: string | null = null) =>
    ({ message: { title }, counts: { total, pending }, at }) as never;
  expect(describeWork({ sending: [], scheduled: [] })).toBeNull();
  expect(describeWork({ sending: [campaign('Noon', 12408, 1)], scheduled: [] })).toBe(
    'Sending “Noon”: 1 person of 12\u2009408 still to come.',
  );
  expect(describeWork({ sending: [campaign('A', 10, 4), campaign('B', 20, 6)], scheduled: [] })).toBe(
    'Sending 2 campaigns: 10 people of 30 still to come.',
  );
  expect(describeWork({ sending: [], scheduled: [campaign('Later', 0, 0, '2031-05-01T10:00:00Z')] })).toMatch(
    /^“Later” is to be sent on .*2031/,
  );
});
