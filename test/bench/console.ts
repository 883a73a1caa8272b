import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Site } from '../../main/contract/sites.ts';
import { Ids } from '../../main/core/ids.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { requireExecutable } from '../helpers/requirements.ts';
import { startBarePage } from './helpers/bare-page.ts';
import { lacksDesktop, startDesktops } from './helpers/desktop-start.ts';
import { addCampaign, addFindable, called } from './helpers/findable.ts';
import type { Result } from './helpers/report.ts';
import { median } from './helpers/rounds.ts';
import { type Frames, noteUsable, pageScript, type Timing } from './helpers/screen.ts';

const rounds = 7;
const perSecond = 5000;
/** Seconds for which frames are counted, and how often that is done. */
const watched = 4;
const watches = 5;
const ratioOf = (ours: number[], reference: number[]) =>
  ours.map((one, round) => one / (reference[round] ?? Number.NaN));

/** Ours beside a reference of the same rounds; less is better. */
function beside(
  name: string,
  unit: string,
  ours: number[],
  reference: number[],
  goal: number | null,
): Result {
  const ratios = ratioOf(ours, reference);
  return {
    name,
    value: median(ours),
    unit,
    reference: median(reference),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    goal: goal === null ? null : `≤ ${goal} × the reference`,
    met: goal === null ? null : median(ratios) <= goal,
  };
}

interface Stage {
  belfry: Belfry;
  browser: Browser;
  bare: string;
  small: Site;
  large: Site;
}

/** The console as the operator meets it: in a real browser, on a real server, with a site of `sizes[1]` people. */
export default async function bench(
  [small = 1000, large = 1_000_000] = [1000, 1_000_000],
): Promise<Result[]> {
  const data = await mkdtemp(join(tmpdir(), 'belfry-bench-'));
  const bare = await startBarePage();
  const belfry = await Belfry.start({ data });
  const makeSite = (name: string) =>
    belfry.api<Site>('POST', '/sites', {
      name,
      origins: ['https://www.example.org'],
      subject: 'mailto:ops@example.org',
    });
  const sites = { small: await makeSite('Small'), large: await makeSite('Large') };
  await belfry.stop();
  addFindable(data, 'Small', small);
  addFindable(data, 'Large', large);
  const reported = Math.min(large, perSecond * watched * (watches + 1) * 1.5);
  const sent = addCampaign(data, 'Large', reported);
  await belfry.launch();
  const browser = await chromium.launch({ executablePath: requireExecutable('chromium') });
  const stage = { belfry, browser, bare: bare.url, ...sites };
  const results: Result[] = [];
  try {
    results.push(await firstScreen(stage, large));
    results.push(...(await typing(stage, small, large)));
    results.push(...(await liveCampaign(stage, sent)));
    const lacking = lacksDesktop();
    if (lacking === null) {
      const { ours, empty } = await startDesktops(rounds, bare.file);
      results.push(beside('desktop: start to usable window', 'ms', ours, empty, 1.5));
    } else console.log(`Start of the desktop window: not measured, ${lacking}.`);
  } finally {
    await browser.close();
    await belfry.stop();
    await bare.close();
    await rm(data, { recursive: true, force: true });
  }
  return results;
}

/** Opens a page with nothing of it in the browser's caches, signed in. */
async function freshPage({ browser, belfry }: Stage): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  });
  await context.addInitScript(pageScript);
  const page = await context.newPage();
  const { console: address } = belfry.program.addresses;
  // the token is exchanged for a cookie, without loading the console
  await context.request.get(address ?? '', { maxRedirects: 0 });
  return page;
}
const consoleAt = ({ belfry }: Stage, hash: string) =>
  `${new URL(belfry.program.addresses.console ?? '').origin}/#${hash}`;

/** From asking for the page until its data stand on it. */
async function firstScreen(stage: Stage, people: number): Promise<Result> {
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [times, address, isThere] of [
      [
        ours,
        consoleAt(stage, `/sites/${stage.large.id}/subscribers`),
        `[role=row][data-index="0"] [role=gridcell]`,
      ],
      [bare, stage.bare, 'main h1'],
    ] as const) {
      const page = await freshPage(stage);
      await page.addInitScript(noteUsable, isThere);
      await page.goto(address);
      const usable = await page.waitForFunction(() => (globalThis as unknown as Timing).usable);
      if (round > 0) times.push((await usable.jsonValue()) ?? Number.NaN);
      await page.context().close();
    }
  }
  return beside(
    `first usable screen, ${people} people, against a page that loads React`,
    'ms',
    ours,
    bare,
    null,
  );
}

/** From a key to the picture with its letter, and from the last one to what was searched for. */
async function typing(stage: Stage, small: number, large: number): Promise<Result[]> {
  const open = async (address: string) => {
    const page = await freshPage(stage);
    await page.goto(address);
    return page;
  };
  const screens = {
    small: await open(consoleAt(stage, `/sites/${stage.small.id}/subscribers`)),
    large: await open(consoleAt(stage, `/sites/${stage.large.id}/subscribers`)),
    bare: await open(stage.bare),
  };
  const letters = { small: [] as number[], large: [] as number[], bare: [] as number[] };
  const found = { small: [] as number[], large: [] as number[] };
  for (let round = 0; round <= rounds * 2; round++)
    for (const [name, count] of [
      ['small', small],
      ['large', large],
      ['bare', large],
    ] as const) {
      const page = screens[name];
      const text = `${called}${Math.floor(count * ((round + 0.5) / (rounds * 2 + 1)))}`;
      const field = page.locator('main input').first();
      await field.fill('');
      if (name !== 'bare')
        await page
          .locator(`[role=row][data-index="0"]`)
          .getByText(`${called}${count - 1}`, { exact: true })
          .waitFor();
      await field.focus();
      await page.evaluate((wanted) => (globalThis as unknown as Timing).beginTyping(wanted), text);
      for (const letter of text) await page.keyboard.type(letter);
      const timing = await page.evaluate(
        (searching) => (globalThis as unknown as Timing).typed(searching),
        name !== 'bare',
      );
      if (round === 0) continue;
      letters[name].push(median(timing.letters));
      if (name !== 'bare') found[name].push(timing.found ?? Number.NaN);
    }
  for (const page of Object.values(screens)) await page.context().close();
  return [
    beside(
      `a key while searching ${large} people, against a bare field`,
      'ms',
      letters.large,
      letters.bare,
      null,
    ),
    beside(`last key to what is found among ${large}, against ${small}`, 'ms', found.large, found.small, 2),
  ];
}

/** How smoothly a campaign's screen moves while browsers report, against the same screen when nothing happens. */
async function liveCampaign(stage: Stage, sent: ReturnType<typeof addCampaign>): Promise<Result[]> {
  const { belfry } = stage;
  const ids = new Ids(sent.secret);
  const page = await freshPage(stage);
  await page.goto(consoleAt(stage, `/sites/${stage.large.id}/campaigns/${ids.seal('cmp', sent.campaign)}`));
  await page.getByRole('region', { name: 'Progress' }).waitFor();
  const count = () =>
    page.evaluate((ms) => (globalThis as unknown as Timing).frames(ms), watched * 1000) as Promise<Frames>;
  const tokens = ids.tokens(sent.people.map((subscriber) => ({ campaign: sent.campaign, subscriber })));
  let next = 0;
  const busy: Frames[] = [];
  const idle: Frames[] = [];
  const reached: number[] = [];
  for (let round = 0; round <= watches; round++) {
    await wait(500);
    const still = await count();
    const began = performance.now();
    const from = next;
    const moving = count();
    let over = false;
    void moving.then(() => {
      over = true;
    });
    while (!over) {
      const due = Math.min(
        Math.floor(((performance.now() - began) / 1000) * perSecond) + from,
        tokens.length,
      );
      const batch = tokens
        .slice(next, due)
        .map((token) => ({ token, type: 'shown' as const, at: Date.now() }));
      next = due;
      if (batch.length > 0) await belfry.program.core.visitors.report(batch);
      await wait(20);
    }
    const seconds = (performance.now() - began) / 1000;
    const move = await moving;
    if (round === 0) continue;
    idle.push(still);
    busy.push(move);
    reached.push((next - from) / seconds);
  }
  const shown = await belfry.campaign(ids.seal('cmp', sent.campaign));
  if (shown.counts.shown !== next)
    throw new Error(`Only ${shown.counts.shown} of ${next} reports were counted`);
  await page.context().close();
  const rate = Math.round(median(reached));
  const perFrame = (frames: Frames[]) => frames.map(({ count: n, ms }) => ms / n);
  return [
    {
      ...beside(
        `live campaign at ${rate} results/s: a frame, against the idle screen`,
        'ms',
        perFrame(busy),
        perFrame(idle),
        1.1,
      ),
    },
    beside(
      `live campaign at ${rate} results/s: longest frame`,
      'ms',
      busy.map(({ longest }) => longest),
      idle.map(({ longest }) => longest),
      null,
    ),
  ];
}
