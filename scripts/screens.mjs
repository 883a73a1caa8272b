// npm run screens                writes a picture of every screen into out/screens
// npm run screens -- FOLDER      … or into another folder
//
// From the real application in a real browser, on a rehearsal: light and dark, in a wide window and a narrow one,
// empty and full.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { requireNode } from './node-version.mjs';

requireNode();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
const { chromium } = await import('playwright-core');

const root = resolve(import.meta.dirname, '..');
const folder = resolve(process.argv[2] ?? join(root, 'out/screens'));
const browserFile = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (file) => file && existsSync(file),
);
if (!browserFile) {
  console.error('There is no Chromium. Install it, or say where it is: CHROMIUM=/path npm run screens');
  process.exit(1);
}

const data = mkdtempSync(join(tmpdir(), 'belfry-screens-'));
const server = spawn(
  process.execPath,
  [join(root, 'scripts/serve.mjs'), '--data', data, '--public-port', '0', '--console-port', '0', '--json'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const announced = await new Promise((done, failed) => {
  let said = '';
  server.once('exit', () => failed(new Error('Belfry did not start.')));
  server.stdout.on('data', (chunk) => {
    said += chunk;
    const line = said.split('\n').find((one, at, all) => one.startsWith('{') && at < all.length - 1);
    if (line) done(JSON.parse(line));
  });
});
const browser = await chromium.launch({ executablePath: browserFile });

/** Calls the REST API as the operator. */
async function api(method, path, body) {
  const response = await fetch(new URL(`/api/v1${path}`, announced.console), {
    method,
    headers: {
      authorization: `Bearer ${announced.token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

/** Asks again until `ready` says so. */
async function until(what, ask, ready) {
  for (let asked = 0; asked < 600; asked++) {
    const answer = await ask();
    if (ready(answer)) return answer;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`Waited in vain for ${what}.`);
}

const looks = [
  ['light', 'light', 1280],
  ['dark', 'dark', 1280],
  ['narrow', 'light', 400],
];

/** Takes a picture of each screen in each look: `[name, address, what is there when it is ready]`. */
async function picture(kind, screens) {
  for (const [look, colorScheme, width] of looks) {
    const context = await browser.newContext({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width, height: 800 },
    });
    const page = await context.newPage();
    await page.goto(announced.console);
    await page.getByRole('heading', { level: 1 }).waitFor();
    for (const [name, address, ready, act] of screens) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, address);
      await page.getByText(ready).locator('visible=true').first().waitFor();
      if (act) await act(page);
      await page.screenshot({ path: join(folder, `${name}-${kind}-${look}.png`) });
      console.log(`${name}-${kind}-${look}.png`);
      if (act) await page.reload();
    }
    await context.close();
  }
}

const screensOf = (site) => [
  ['overview', `/sites/${site}`, 'People you reach'],
  ['subscribers', `/sites/${site}/subscribers`, 'Subscribers'],
  ['segments', `/sites/${site}/segments`, 'New segment'],
  ['campaigns', `/sites/${site}/campaigns`, 'Campaigns'],
  ['compose', `/sites/${site}/compose`, 'How it looks'],
  ['setup', `/sites/${site}/setup`, 'The public address'],
  ['settings', `/sites/${site}/settings`, 'Delete this site'],
];

try {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });

  await picture('empty', [['welcome', '/new-site', 'Try it with a rehearsal']]);
  const empty = await api('POST', '/sites', {
    name: 'Tolling Hill',
    origins: ['https://www.tolling.example'],
    subject: 'mailto:bells@tolling-hill.net',
  });
  await picture('empty', screensOf(empty.id));

  await api('POST', '/rehearsal', { people: 2000, seed: 7 });
  const { site } = await until(
    'the practice site',
    () => api('GET', '/rehearsal'),
    ({ state }) => state === 'ready',
  );
  await api('PATCH', '/rehearsal/behaviour', {
    apple: { tooLarge: 0.2 },
    mozilla: { gone: 0.05, failing: 0.05 },
  });
  const message = {
    title: 'The autumn reeds are cut',
    body: 'Twelve new baskets, woven this week. The first fifty come with a willow handle.',
    actions: [
      { action: 'see', title: 'See them' },
      { action: 'later', title: 'Remind me' },
    ],
  };
  const sent = await api('POST', '/campaigns', { site, message, audience: { everyone: true } });
  await until(
    'the campaign',
    () => api('GET', `/campaigns/${sent.id}`),
    ({ state }) => state === 'finished',
  );
  const scheduled = await api('POST', '/campaigns', {
    site,
    message: { ...message, title: 'Tomorrow we open at six' },
    audience: { everyone: true },
    at: new Date(Date.now() + 20 * 3600 * 1000).toISOString(),
    pace: { overMinutes: 120 },
  });
  const clicked = { did: 'clicked', campaigns: { last: 5 } };
  const regulars = await api('POST', '/segments', {
    site,
    name: 'Regulars on phones',
    expression: {
      all: [
        {
          any: [
            { field: 'language', is: ['en', 'de'] },
            { field: 'country', is: ['FR'] },
          ],
        },
        { field: 'device', is: ['mobile'] },
        clicked,
        { none: [{ time: 'firstSeen', within: { days: 30 } }] },
      ],
    },
  });
  await api('POST', '/segments', { site, name: 'Not lately', expression: { none: [clicked] } });
  await api('POST', '/campaigns', { site, message, audience: { segment: regulars.id }, draft: true });
  const { items } = await api('GET', `/subscribers?site=${site}&limit=1`);
  const at = `/sites/${site}`;
  await picture('full', [
    ...screensOf(site),
    ['subscriber', `${at}/subscribers/${items[0].id}`, 'What happened'],
    ['segment', `${at}/segments/${regulars.id}`, 'The newest of them'],
    ['new-segment', `${at}/segments/new`, 'The newest of them'],
    ['compose-segment', `${at}/compose?segment=${regulars.id}`, 'But not'],
    [
      'narrowed',
      `${at}/subscribers?matching=${encodeURIComponent(JSON.stringify(regulars.expression))}`,
      'Make it a segment',
    ],
    ['campaign', `${at}/campaigns/${sent.id}`, 'What push services answered'],
    ['deliveries', `${at}/campaigns/${sent.id}?tab=deliveries`, 'Visitor'],
    ['message', `${at}/campaigns/${sent.id}?tab=message`, 'Kept for'],
    ['scheduled', `${at}/campaigns/${scheduled.id}`, 'Waits for its time'],
    ['edit', `${at}/compose?draft=${scheduled.id}`, 'How it looks'],
    ['compose-again', `${at}/compose?from=${sent.id}`, 'How it looks'],
    ['rehearsal', `${at}/rehearsal`, 'What the people saw'],
    ['new-site', '/new-site', 'Try it with a rehearsal'],
  ]);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await new Promise((done) => server.once('exit', done));
  rmSync(data, { recursive: true, force: true });
}
