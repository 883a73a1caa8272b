import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Audience } from '../../main/contract/campaigns.ts';
import { Holds } from '../../main/core/campaigns/holds.ts';
import { Sender } from '../../main/core/campaigns/sender.ts';
import { Ids } from '../../main/core/ids.ts';
import { Live } from '../../main/core/live.ts';
import type { Push, PushRequest } from '../../main/core/ports/push.ts';
import type { SiteRow, Storage } from '../../main/core/ports/storage.ts';
import type { SiteDirectory } from '../../main/core/sites/directory.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { eventually } from '../helpers/belfry/in-process.ts';
import { addCrowd } from '../helpers/crowd.ts';

/** How campaigns share what may be under way, on a real database, with push services that answer when they are told. */
const silent = { info() {}, warn() {}, error() {} };
const clock = { now: () => Date.now() };
let folder: string;
let storage: Storage;
let sender: Sender;
const sites: SiteRow[] = [];
/** Requests that have no answer yet. */
let waiting: { request: PushRequest; answer(): void }[] = [];
let rule: (request: PushRequest) => 'answer' | 'wait' = () => 'answer';
let mostOut = 0;

const push = {
  send(requests: PushRequest[], onResults) {
    for (const request of requests) {
      const one = {
        request,
        answer() {
          waiting = waiting.filter((other) => other !== one);
          const { ref, pushService } = request;
          const accepted = {
            outcome: 'accepted',
            status: 201,
            reason: 'accepted',
            retryAfter: null,
          } as const;
          onResults([{ ref, pushService, ...accepted, pause: null, duration: 1, bytes: 1 }]);
        },
      };
      waiting.push(one);
      mostOut = Math.max(mostOut, waiting.length);
      if (rule(request) === 'answer') setImmediate(() => one.answer());
    }
    return Promise.resolve();
  },
} as Pick<Push, 'send'> as Push;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-share-'));
  sites.length = 0;
  waiting = [];
  mostOut = 0;
  rule = () => 'answer';
});
afterEach(async () => {
  rule = () => 'answer';
  for (const { answer } of waiting) answer();
  await sender?.stop();
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sites, each with so many people at each of these services. */
async function open(count: number, people: Record<string, number>) {
  storage = await openStorage(join(folder, 'belfry.db'), silent);
  for (let i = 0; i < count; i++) {
    sites.push(
      await storage.sites.insert({
        key: `k${i}`,
        name: 'Site',
        origins: ['https://a.example'],
        subject: 'mailto:a@b.example',
        settings: {
          visitorTags: [],
          visitorAttributes: [],
          requireSignedExternalId: true,
          workerPath: '/sw.js',
        },
        practice: false,
        identitySecret: randomBytes(32),
        vapidKey: { publicKey: randomBytes(65), privateKey: randomBytes(32) },
        createdAt: 1,
      }),
    );
    for (const [service, n] of Object.entries(people))
      addCrowd(folder, n, `https://${service}.example/`, service);
  }
  sender = new Sender(
    {
      storage,
      push,
      directory: { get: (id: number) => sites.find((site) => site.id === id) } as SiteDirectory,
      holds: new Holds(storage, clock),
      ids: new Ids(storage.idSecret),
      clock,
      random: { fraction: () => 0.5 },
      log: silent,
      payloadSurroundings: () => ({
        origins: ['https://a.example'],
        ownOrigins: [],
        events: 'https://a.example/e',
      }),
    },
    new Live(),
  );
}
async function begin(site: SiteRow | undefined, audience: Audience = { everyone: true }) {
  const draft = await storage.campaigns.insert(
    {
      site: site?.id ?? 0,
      state: 'draft',
      kind: 'everyone' in audience ? 'campaign' : 'transactional',
      message: { title: 'x' },
      audience,
      pace: null,
      at: null,
      createdAt: 1,
    },
    null,
  );
  await sender.begin(draft.id);
  return draft.id;
}
const counts = async (id: number) => (await storage.campaigns.get(id))?.counts;

test.each([1, 3, 6])(
  'services that fall silent with all they can hold: the others get theirs (%i campaigns)',
  async (n) => {
    await open(n, { fcm: 800, wns: 800, apple: 800, mozilla: 400 });
    // it goes well for a while, so that each of them is trusted with much, then three of four say nothing more
    const given = new Map<string, number>();
    rule = ({ ref, pushService }) => {
      const key = `${ref.campaign} ${pushService}`;
      given.set(key, (given.get(key) ?? 0) + 1);
      return pushService === 'mozilla' || (given.get(key) ?? 0) < 250 ? 'answer' : 'wait';
    };
    const ids: number[] = [];
    for (const site of sites) ids.push(await begin(site));
    const atMozilla = async (id: number) =>
      (await storage.campaigns.services(id)).find(({ pushService }) => pushService === 'mozilla')?.accepted ??
      0;
    await eventually(
      'mozilla is done with all',
      async () => (await Promise.all(ids.map(atMozilla))).every((accepted) => accepted === 400),
      90,
    );
    expect(waiting.length).toBeGreaterThan(0);
    // what a crash may send twice stays bounded, silent or not
    expect(mostOut).toBeLessThanOrEqual(600);
  },
);

test('a campaign that comes later gets its share at once, and so does what overtakes', async () => {
  await open(1, { fcm: 3000 });
  rule = () => 'wait';
  const first = await begin(sites[0]);
  await eventually('the first is out', () => waiting.length > 0);
  const order: number[] = [];
  const second = await begin(sites[0]);
  const quick = await begin(sites[0], {
    subscribers: Array.from({ length: 20 }, (_, i) => new Ids(storage.idSecret).seal('sub', i + 1)),
  });
  rule = ({ ref }) => {
    order.push(ref.campaign);
    return 'answer';
  };
  for (const { answer } of waiting) answer();
  await eventually('the quick one', async () => (await counts(quick))?.pending === 0, 90);
  expect((await counts(first))?.pending).toBeGreaterThan(0);
  expect((await counts(second))?.pending).toBeGreaterThan(0);
  await eventually('much has gone out', () => order.length > 1500, 90);
  // of what went out meanwhile the two large ones had about as much
  const share = (id: number) => order.filter((one) => one === id).length;
  expect(share(second)).toBeGreaterThan(share(first) / 4);
  expect(share(first)).toBeGreaterThan(share(second) / 4);
});
