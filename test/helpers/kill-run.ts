import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Page } from '../../main/contract/common.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { usualBehaviour } from '../../main/rehearsal/behaviour.ts';
import { makeCertificates } from './certificates.ts';
import { type RunningProgram, startServer } from './program.ts';
import { Witness } from './witness.ts';
import { eventually } from './world.ts';

export interface KillOptions {
  times: number;
  /** The same seed gives the same people and the same moments; what the program is doing then is never the same. */
  seed: number;
  people: number;
  /** Hears a line now and then. */
  tell?(line: string): void;
}

/** What a run of kills came to, by the witness's own count and by Belfry's. */
export interface KillFigures {
  seed: number;
  kills: number;
  /** Of the kills: while the program was starting. */
  killsWhileStarting: number;
  campaigns: number;
  people: number;
  /** Messages that had to arrive, over all campaigns. */
  messages: number;
  receivedOnce: number;
  receivedMore: number;
  /** Not received: must be 0. */
  missed: number;
  /** What Belfry says may have been sent twice. */
  countedRepeated: number;
  /** Under way in the database at a kill: at the most, and over all kills. */
  mostInFlight: number;
  inFlight: number;
  /** Subscriptions that had ended, and subscribers that Belfry calls expired: must be the same people. */
  gone: number;
}

/** A share of starts that end before they are complete. */
const STILLBORN = 0.2;

/**
 * Kills a real Belfry on a real database at random moments, so often, while it sends campaigns to people whose own
 * record (in another process) tells how often each of them received each message. @throws AssertionError when a
 * person was skipped, removed wrongly, or got a message twice without its being counted.
 */
export async function killRun({ times, seed, people, tell = () => {} }: KillOptions): Promise<KillFigures> {
  const chance = dice(seed);
  await using certificates = await makeCertificates();
  await using server = await startServer({
    environment: { NODE_EXTRA_CA_CERTS: certificates.authorityFile, BELFRY_LOG: 'warn' },
  });
  const site = await server.api<Site>('POST', '/sites', {
    name: 'Killed again and again',
    origins: ['https://www.example.org'],
    subject: 'mailto:owls@example.org',
  });
  const services = { ...usualBehaviour.fcm, gone: 0.01, failing: 0.01 };
  await using witness = await Witness.start({
    seed: seed & 0x7fff_ffff,
    people,
    siteKey: site.key,
    vapidPublicKey: site.vapidPublicKey,
    reportTo: null,
    tls: { key: certificates.key, cert: certificates.certificate },
    behaviour: { fcm: services, mozilla: services, wns: services, apple: services },
  });
  await server.api('PUT', '/push-hosts', { added: witness.hosts });
  const numbers = await register(server, site, witness, people);
  const gone = new Set(await witness.gone());

  const figures: KillFigures = {
    seed,
    kills: 0,
    killsWhileStarting: 0,
    campaigns: 0,
    people,
    messages: 0,
    receivedOnce: 0,
    receivedMore: 0,
    missed: 0,
    countedRepeated: 0,
    mostInFlight: 0,
    inFlight: 0,
    gone: gone.size,
  };
  const kill = async () => {
    await server.kill();
    figures.kills++;
    const { underWay, integrity } = lookAt(server.data);
    assert.equal(integrity, 'ok', 'the database is whole after a kill');
    figures.mostInFlight = Math.max(figures.mostInFlight, underWay);
    figures.inFlight += underWay;
    if (figures.kills < times && chance() < STILLBORN) {
      await server.startAndKill(chance() * 1500);
      figures.kills++;
      figures.killsWhileStarting++;
    }
    await server.restart();
    return underWay;
  };

  // how long one takes: kills come within that time
  let usual = await timed(() => send(server, site, title(0), async () => {}));
  for (let n = 1; figures.kills < times; n++) {
    let inFlight = 0;
    const [before, began] = [figures.kills, performance.now()];
    const counts = await send(server, site, title(n), async (over) => {
      while (!over() && figures.kills < times) {
        await Promise.race([wait(chance() * 0.8 * usual), until(over)]);
        if (!over()) inFlight += await kill();
      }
    });
    // the machine may have become faster
    if (figures.kills === before) usual = Math.min(usual, performance.now() - began);
    const received = await witness.timesOf(title(n));
    const times2 = Array.from({ length: people }, (_, i) => received[i] ?? 0);
    const due = times2.filter((_, i) => !gone.has(i));
    const more = due.filter((count) => count > 1).length;
    figures.campaigns++;
    figures.messages += due.length;
    figures.receivedOnce += due.filter((count) => count === 1).length;
    figures.receivedMore += more;
    figures.missed += due.filter((count) => count === 0).length;
    figures.countedRepeated += counts.repeated;
    tell(`${figures.kills} of ${times} kills, ${figures.campaigns} campaigns`);

    const { pending, accepted, expired, rejected, failed, skipped, total } = counts;
    assert.equal(figures.missed, 0, `campaign ${n}: nobody is skipped`);
    assert.equal(accepted, due.length, `campaign ${n}: everyone counts as accepted`);
    assert.equal(pending + accepted + expired + rejected + failed + skipped, total, `campaign ${n} adds up`);
    assert.ok(more <= counts.repeated, `campaign ${n}: ${more} got it twice, ${counts.repeated} are counted`);
    assert.ok(
      counts.repeated <= inFlight,
      `campaign ${n}: ${counts.repeated} are counted, ${inFlight} were in flight`,
    );
  }

  const expired = await everyone(server, site, 'expired');
  assert.deepEqual(
    expired.map((id) => numbers.get(id)).toSorted((a = 0, b = 0) => a - b),
    [...gone].toSorted((a, b) => a - b),
    'those whom Belfry calls expired are those whose subscription had ended',
  );
  assert.equal((await everyone(server, site, 'active')).length, people - gone.size, 'all others are there');
  return figures;
}

const title = (n: number) => `Toll ${n}`;

/** Resolves to the counts at the end. `meanwhile` runs until then; the server may come and go under it. */
async function send(
  server: RunningProgram,
  site: Site,
  message: string,
  meanwhile: (over: () => boolean) => Promise<void>,
): Promise<CampaignDetail['counts']> {
  const body = { site: site.id, message: { title: message }, audience: { everyone: true } };
  let done: CampaignDetail | null = null;
  let failed: unknown = null;
  const over = () => done !== null || failed !== null;
  // a server that is gone answers nothing: the same request again, under the same key, makes no second campaign
  const create = async () => {
    for (;;) {
      const answer = await server
        .request('POST', '/campaigns', body, { 'idempotency-key': message.replaceAll(' ', '-') })
        .catch(() => null);
      if (answer?.status === 201) return ((await answer.json().catch(() => null)) as Campaign | null)?.id;
      if (answer !== null && answer.status < 500 && answer.status !== 409)
        throw new Error(`${answer.status} ${await answer.text()}`);
      await wait(50);
    }
  };
  const follow = async () => {
    let id: string | undefined;
    while (id === undefined) id = await create();
    const found = await eventually(
      `the end of ${message}`,
      async () => {
        const now = await server.api<CampaignDetail>('GET', `/campaigns/${id}`).catch(() => null);
        return now?.state === 'finished' ? now : undefined;
      },
      600,
    );
    done = found;
    return found.counts;
  };
  const following = follow().catch((error) => {
    failed = error;
    throw error;
  });
  following.catch(() => {});
  await meanwhile(over);
  return following;
}

/** @returns the number of each person by Belfry's id */
async function register(
  server: RunningProgram,
  site: Site,
  witness: Witness,
  people: number,
): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  const waiting = (await witness.subscriptions(0, people)).map((subscription, i) => ({ subscription, i }));
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { subscription } = next;
      const { id } = await server.api<Subscriber>('POST', '/subscribers', { site: site.id, subscription });
      numbers.set(id, next.i);
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  return numbers;
}

async function everyone(server: RunningProgram, site: Site, state: string): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ site: site.id, state, limit: '500', ...(cursor && { cursor }) });
    const page: Page<Subscriber> = await server.api('GET', `/subscribers?${query}`);
    found.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return found;
}

/** What a dead program left in its database, looked at in a copy: the files themselves are for the next start. */
function lookAt(data: string): { underWay: number; integrity: unknown } {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-killed-'));
  try {
    for (const name of ['belfry.db', 'belfry.db-wal'])
      if (existsSync(join(data, name))) cpSync(join(data, name), join(folder, name));
    const db = new Database(join(folder, 'belfry.db'));
    const underWay = db.prepare<[], number>('SELECT count(*) FROM delivery WHERE state = 1').pluck().get();
    const integrity = db.pragma('quick_check(1)', { simple: true });
    db.close();
    return { underWay: underWay ?? 0, integrity };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(10);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Numbers from 0 up to 1 that follow from the seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
