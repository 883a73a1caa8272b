import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Campaign } from '../../main/contract/campaigns.ts';
import type { Page } from '../../main/contract/common.ts';
import type { Rehearsal } from '../../main/contract/rehearsal.ts';
import type { Segment } from '../../main/contract/segments.ts';
import type { Site } from '../../main/contract/sites.ts';
import type { Subscriber } from '../../main/contract/subscribers.ts';
import { openForWriting } from '../../main/storage/database.ts';
import { openKeyFile } from '../../main/storage/key-file.ts';
import { Belfry, eventually } from '../helpers/belfry/in-process.ts';
import type { Ids } from './list.ts';

/** When all pictures are taken, for the program as for the page: a Wednesday afternoon. */
export const now = Date.parse('2026-11-25T14:32:00Z');
const longWord = 'Donaudampfschifffahrtsgesellschaftskapitän '.repeat(4).trim();
const arabic = 'وصلت الشموع الجديدة إلى متجرنا';

/** A Belfry whose numbers, names and times are the same each time that it is made. */
export interface Stage extends AsyncDisposable {
  belfry: Belfry;
  /** What on a screen differs from run to run, and what the pictures show instead. */
  varies: [was: string, shown: string][];
  /** A practice site with three months of history. */
  full: Ids;
  /** A site with nothing in it. */
  empty: Ids;
  /** A site with very long texts, and some from right to left. */
  long: Ids;
}

/** Ids are sealed with a secret that is made with the database: here always the same. */
function fixSecret(folder: string): void {
  openKeyFile(folder); // a database without one is refused
  const db = openForWriting(join(folder, 'belfry.db'));
  db.prepare("UPDATE setting SET value = ? WHERE name = 'id_secret'").run(Buffer.alloc(32, 7));
  db.close();
}

export async function startStage(): Promise<Stage> {
  const data = mkdtempSync(join(tmpdir(), 'belfry-screens-'));
  fixSecret(data);
  const belfry = await Belfry.start({ data, clock: { now: () => now } });
  const dispose = async () => {
    await belfry.stop();
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const empty = await site(belfry, 'Tolling Hill', ['https://www.tolling.example']);
    const long = await site(belfry, longWord.slice(0, 100), [`https://${'very-'.repeat(9)}long.example`]);
    const longIds = await furnishLong(belfry, long);
    const full = await rehearse(belfry);
    const sites = (await belfry.api<Page<Site>>('GET', '/sites')).items;
    const { addresses } = belfry.program;
    return {
      belfry,
      varies: [
        [addresses.public, 'http://127.0.0.1:8383'],
        [addresses.api ?? '', 'http://127.0.0.1:8385'],
        [data, '/home/operator/.local/share/belfry'],
        ['0.0.0-test', '1.2.3'],
        ...sites.flatMap(({ key, vapidPublicKey }): [string, string][] => [
          [key, 'A'.repeat(key.length)],
          [vapidPublicKey, `B${'p'.repeat(vapidPublicKey.length - 1)}`],
        ]),
      ],
      full,
      empty: { site: empty.id, person: '', campaign: '', draft: '', scheduled: '', segment: '' },
      long: longIds,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const site = (belfry: Belfry, name: string, origins: string[]) =>
  belfry.api<Site>('POST', '/sites', { name, origins, subject: 'mailto:bells@tolling-hill.net' });

const compose = (belfry: Belfry, site: string, title: string, more: object) =>
  belfry.api<Campaign>('POST', '/campaigns', {
    site,
    message: {
      title,
      body: 'Twelve new baskets, woven this week. The first fifty come with a willow handle.',
      actions: [
        { action: 'see', title: 'See them' },
        { action: 'later', title: 'Remind me' },
      ],
    },
    audience: { everyone: true },
    ...more,
  });
const divide = (belfry: Belfry, site: string, name: string) =>
  belfry.api<Segment>('POST', '/segments', {
    site,
    name,
    expression: {
      all: [
        {
          any: [
            { field: 'language', is: ['en', 'de'] },
            { field: 'country', is: ['FR'] },
          ],
        },
        { field: 'device', is: ['mobile'] },
        { did: 'clicked', campaigns: { last: 5 } },
        { none: [{ time: 'firstSeen', within: { days: 30 } }] },
      ],
    },
  });
const tomorrow = { at: new Date(now + 20 * 3600 * 1000).toISOString(), pace: { overMinutes: 120 } };

async function rehearse(belfry: Belfry): Promise<Ids> {
  await belfry.api('POST', '/rehearsal', { people: 2000, seed: 7 });
  let made: Rehearsal | undefined;
  await eventually('the practice site', async () => {
    made = await belfry.api<Rehearsal>('GET', '/rehearsal');
    return made.state === 'ready';
  });
  const id = made?.site ?? '';
  const { items } = await belfry.api<Page<Campaign>>('GET', `/campaigns?site=${id}`);
  const campaign = items.find(({ message }) => message.title.startsWith('Your questions'));
  const people = await belfry.api<Page<Subscriber>>('GET', `/subscribers?site=${id}&limit=500`);
  // someone who was there for long, so that there is something to tell
  const person = people.items.findLast(({ tags }) => tags.length > 1) ?? people.items[0];
  const draft = await compose(belfry, id, 'The autumn reeds are cut', { draft: true });
  const scheduled = await compose(belfry, id, 'Tomorrow we open at six', tomorrow);
  const segment = await divide(belfry, id, 'Regulars on phones');
  return {
    site: id,
    person: person?.id ?? '',
    campaign: campaign?.id ?? '',
    draft: draft.id,
    scheduled: scheduled.id,
    segment: segment.id,
  };
}

/** Keys of a subscription (RFC 8291, appendix A), for people who are not sent to. */
export const keys = {
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
};

async function furnishLong(belfry: Belfry, { id }: Site): Promise<Ids> {
  const person = (n: number, known: object) =>
    belfry.api<Subscriber>('POST', '/subscribers', {
      site: id,
      subscription: { endpoint: `https://fcm.googleapis.com/fcm/send/${'long'.repeat(30)}${n}`, keys },
      ...known,
    });
  await person(1, { externalId: arabic, language: 'ar', timeZone: 'Africa/Cairo', tags: [arabic] });
  const { id: longest } = await person(2, {
    externalId: longWord,
    tags: [arabic, longWord.slice(0, 64), ...Array.from({ length: 24 }, (_, i) => `tag number ${i + 1}`)],
    attributes: { [longWord.slice(0, 64)]: longWord.repeat(3), [arabic]: arabic, empty: '' },
    language: 'de-DE',
    timeZone: 'America/Argentina/ComodRivadavia',
  });
  const text = { body: longWord.repeat(8), actions: [{ action: 'go', title: longWord.slice(0, 100) }] };
  const draft = await compose(belfry, id, longWord, { draft: true, message: { title: longWord, ...text } });
  const scheduled = await compose(belfry, id, '', { ...tomorrow, message: { title: arabic, body: arabic } });
  const segment = await divide(belfry, id, longWord.slice(0, 100));
  return {
    site: id,
    person: longest,
    campaign: draft.id,
    draft: draft.id,
    scheduled: scheduled.id,
    segment: segment.id,
  };
}
