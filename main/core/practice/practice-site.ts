import type { Behaviour } from '../../contract/rehearsal.ts';
import type { Campaigns } from '../campaigns/campaigns.ts';
import type { Holds } from '../campaigns/holds.ts';
import type { Ids } from '../ids.ts';
import type { Job } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Live } from '../live.ts';
import type { Push } from '../ports/push.ts';
import type { RehearsalService } from '../ports/rehearsal.ts';
import type { SiteRow, Storage } from '../ports/storage.ts';
import type { SiteDirectory } from '../sites/directory.ts';

export interface PracticeParts {
  storage: Storage;
  service: RehearsalService;
  push: Push;
  directory: SiteDirectory;
  campaigns: Campaigns;
  holds: Holds;
  ids: Ids;
  live: Live;
  jobs: Jobs;
  /** Origin of the public listener on this machine. */
  publicListener(): string;
  /** Drops what is in memory of a site that is gone. */
  forgetSite(site: number): void;
}

/** What is kept of a rehearsal in the database. `ready` is written when all of it is there. */
export interface Kept {
  phase: 'making' | 'ready' | 'removing';
  seed: number;
  people: number;
  history: boolean;
  /** When it was asked for, in milliseconds: the history ends here. */
  anchor: number;
  behaviour: Behaviour;
}

/** People that one transaction makes: a few ten milliseconds of the database's time. */
const AT_ONCE = 250;
const DAY = 24 * 60 * 60 * 1000;

/** Of the imagined shop that a practice site is for. */
const shop = {
  name: 'Rowan & Reed (practice)',
  origin: 'https://www.rehearsal.invalid',
  subject: 'https://belfry.example.org',
};

export const practiceSite = ({ directory }: Pick<PracticeParts, 'directory'>): SiteRow | undefined =>
  directory.all().find(({ practice }) => practice);

/** Starts the simulated push services for a practice site, and leads its messages there. */
export function openServices(parts: PracticeParts, kept: Kept, practice: SiteRow): Promise<void> {
  const { seed, people, history, anchor, behaviour } = kept;
  return parts.service.open(
    {
      seed,
      people,
      history,
      anchor,
      behaviour,
      siteKey: practice.key,
      siteOrigin: practice.origins[0] ?? shop.origin,
      vapidPublicKey: new Uint8Array(practice.vapidKey.publicKey),
      reportTo: parts.publicListener(),
    },
    (routes) => parts.push.practise(routes),
  );
}

/** Makes the practice site with its people and their past, some hundred people at a time, until it is cancelled. */
export async function makePracticeSite(parts: PracticeParts, kept: Kept, job: Job): Promise<void> {
  const { directory, storage, service, holds, live, ids } = parts;
  const practice = await directory.create({
    name: shop.name,
    origins: [shop.origin],
    subject: shop.subject,
    practice: true,
    createdAt: kept.history ? kept.anchor - 91 * DAY : kept.anchor,
  });
  live.publish({ type: 'sites' });
  await openServices(parts, kept, practice);
  const campaigns = await storage.practice.addCampaigns(practice.id, await service.pastCampaigns());
  const batch = (from: number) => service.people(from, Math.min(AT_ONCE, kept.people - from));
  let next = batch(0);
  for (let made = 0; made < kept.people && !job.cancelled; ) {
    const packed = await next;
    const size = Math.min(AT_ONCE, kept.people - made);
    // the thread works on the next ones while the database writes these
    if (made + size < kept.people) next = batch(made + size);
    next.catch(() => {}); // awaited in the next round, if there is one
    await storage.practice.addPeople(practice.id, practice.vapidKey.id, campaigns, packed);
    made += size;
    job.advance(size);
    live.publish({ type: 'subscribers', site: ids.seal('site', practice.id) });
  }
  await holds.load();
}

/** How much `erasePracticeSite` will tell of having removed, about. */
export async function sizeOf({ storage }: PracticeParts, practice: SiteRow | undefined): Promise<number> {
  if (practice === undefined) return 0;
  const people = Object.values(await storage.subscribers.counts(practice.id));
  const campaigns = await storage.campaigns.page({ site: practice.id }, null, 10_000);
  return [...people, ...campaigns.map(({ counts }) => counts.total + counts.clicked)].reduce(
    (sum, n) => sum + n,
    0,
  );
}

/** Removes every practice site with all that belongs to it, in short transactions, until it is cancelled. */
export async function erasePracticeSite(parts: PracticeParts, job: Job): Promise<void> {
  const { storage, directory, campaigns, service, push, live, ids } = parts;
  for (const practice of directory.all().filter((one) => one.practice)) {
    await campaigns.cancelAllOf(practice.id);
    await service.close();
    push.practise(null);
    for (;;) {
      const removed = await storage.practice.erase(practice.id);
      if (removed === null) break;
      if (job.cancelled) return;
      job.advance(removed);
      live.publish({ type: 'subscribers', site: ids.seal('site', practice.id) });
    }
    await directory.remove(practice.id);
    while ((await storage.upkeep.sweepSites(practice.id)) > 0);
    parts.forgetSite(practice.id);
    await storage.practice.giveBack();
  }
  await service.close();
  push.practise(null);
  live.publish({ type: 'sites' });
}
