import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PersonData, Subscriber } from '../../main/contract/subscribers.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { aSubscription, csv, run, upload } from '../helpers/subscriber-files.ts';

let belfry: Belfry;
beforeAll(async () => {
  belfry = await Belfry.start();
});
afterAll(async () => {
  await belfry[Symbol.asyncDispose]();
});

const everyByte = () =>
  Buffer.concat(
    readdirSync(belfry.data, { recursive: true, encoding: 'utf8' })
      .map((name) => join(belfry.data, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => readFileSync(file)),
  );

test('no address of anyone is kept, neither of visitors nor of a file’s', async () => {
  const site = await belfry.makeSite();
  const addresses = ['203.0.113.77', '198.51.100.234', '2001:db8:77::dead', '192.0.2.213'];
  const [first, second, third, fromFile] = addresses;
  for (const [i, address] of [first, second, third].entries())
    await belfry.subscribe(
      site,
      { subscription: aSubscription(`private${i}`) } as never,
      { page: 'https://www.example.org/a?token=hush' },
      { 'x-forwarded-for': address, 'user-agent': 'Mozilla/5.0 Firefox/131.0' },
    );
  await belfry.visit('/v1/events', { events: [] }, { 'x-forwarded-for': String(first) });
  const { endpoint, keys } = aSubscription('private-file');
  const file = await upload(
    belfry,
    site,
    csv([
      ['endpoint', 'p256dh', 'auth', 'ip', 'remote_ip'],
      [endpoint, keys.p256dh, keys.auth, String(fromFile), String(fromFile)],
    ]),
  );
  expect((await run(belfry, file)).counts?.added).toBe(1);
  await belfry.stop(); // everything is in the files then
  const bytes = everyByte();
  expect(bytes.includes('private-file')).toBe(true);
  expect(bytes.includes('token=hush')).toBe(false);
  for (const address of addresses) {
    expect(bytes.includes(address)).toBe(false);
    expect(belfry.log.join('\n')).not.toContain(address);
  }
  for (const packed of [Buffer.from([203, 0, 113, 77]), Buffer.from([198, 51, 100, 234])])
    expect(bytes.includes(packed)).toBe(false);
  await belfry.launch();
});

test('everything that is known of one person, with what was agreed to, for the operator alone', async () => {
  const site = await belfry.makeSite({ settings: { requireSignedExternalId: false, visitorTags: ['news'] } });
  const subscription = aSubscription('known');
  const { body } = await belfry.subscribe(site, { subscription } as never, {
    externalId: 'anna',
    tags: ['news'],
    consent: { version: 'terms 3' },
    page: 'https://www.example.org/shop',
  });
  const known = await belfry.api<PersonData>('GET', `/subscribers/${body.id}/data`);
  expect(known).toMatchObject({
    site: { name: 'The Lantern' },
    person: {
      externalId: 'anna',
      tags: ['news'],
      consent: { version: 'terms 3', at: expect.stringMatching(/^\d{4}-/) },
      page: 'https://www.example.org/shop',
    },
    subscription: { ...subscription, applicationServerKey: site.vapidPublicKey },
    timeline: [{ what: 'subscribed' }],
  });
  const { secret } = await belfry.api<{ secret: string }>('POST', '/api-keys', {
    site: site.id,
    name: 'k',
    scopes: ['read', 'manage'],
  });
  expect((await belfry.call('GET', `/subscribers/${body.id}/data`, undefined, {}, secret)).status).toBe(403);
});

test('of someone erased nothing is left in the files but a keyed hash, which no import overcomes', async () => {
  const site = await belfry.makeSite();
  const { endpoint, keys } = aSubscription('erase-me-please');
  const content = csv([
    ['endpoint', 'p256dh', 'auth', 'external_id'],
    [endpoint, keys.p256dh, keys.auth, 'distinctive-person-4711'],
  ]);
  const file = await upload(belfry, site, content);
  await run(belfry, file);
  const { items } = await belfry.api<{ items: Subscriber[] }>(
    'GET',
    `/subscribers?site=${site.id}&state=all`,
  );
  expect((await belfry.call('DELETE', `/subscribers/${items[0]?.id}`)).status).toBe(204);
  const again = await upload(belfry, site, content);
  expect((await run(belfry, again)).counts).toMatchObject({ added: 0, refused: 1 });
  const list = await belfry.api<{ items: Subscriber[] }>('GET', `/subscribers?site=${site.id}&state=all`);
  expect(list.items).toEqual([]);
  const folder = join(belfry.data, 'imports');
  expect(readdirSync(folder).length).toBeGreaterThan(0);
  for (const name of readdirSync(folder))
    expect(readFileSync(join(folder, name), 'utf8')).not.toContain('distinctive-person-4711');
});
