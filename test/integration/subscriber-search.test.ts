import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SubscriberRow } from '../../main/core/ports/storage.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { newSite } from '../helpers/stored.ts';

const silent = { info() {}, warn() {}, error() {} };
const browsers = ['Chrome', 'Firefox', 'Safari', '100%_fox'];
const countries = ['DE', 'GB', 'JP', null];
const tags = ['news', 'Offers', 'o\\f_f%', 'owls'];

/** What a search means, said once more, slowly. */
function finds(row: SubscriberRow, text: string): boolean {
  const lower = text.toLowerCase();
  const begins = [row.externalId, row.browser, row.system, row.language, row.country, ...row.tags];
  return (
    begins.some((one) => one?.toLowerCase().startsWith(lower)) ||
    (text.length < 8
      ? row.endpoint.slice(-8).toLowerCase().startsWith(lower)
      : row.endpoint.toLowerCase().endsWith(lower))
  );
}

test('a search finds the same by its indexes as one by one, page after page, in every state', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-search-'));
  const storage = await openStorage(join(folder, 'belfry.db'), silent);
  try {
    const [mine, other] = [await storage.sites.insert(newSite()), await storage.sites.insert(newSite())];
    // more than are looked through before an index is asked; the rare ones are the oldest
    const people = 4000;
    const results = await storage.subscribers.upsertMany(
      Array.from({ length: people }, (_, i) => {
        const { id, vapidKey } = i % 40 === 7 ? other : mine;
        return {
          site: id,
          vapidKey: vapidKey.id,
          endpoint: `https://push.example.org/${i}/${(i * 2_654_435_761).toString(36).padStart(9, 'x')}`,
          oldEndpoint: null,
          pushService: 'fcm',
          p256dh: randomBytes(65),
          auth: randomBytes(16),
          intent: 'subscribe' as const,
          facts: {
            browser: i < 12 ? 'Lynx' : (browsers[i % browsers.length] ?? null),
            browserVersion: null,
            system: i % 3 === 0 ? 'Linux' : null,
            device: null,
            language: i < 30 ? 'rm-CH' : 'de-DE',
            country: countries[i % countries.length] ?? null,
            timeZone: null,
            page: null,
            externalId: i % 2 === 0 ? `Customer-${i}` : null,
            attributes: null,
            tags: i % 5 === 0 ? [tags[(i / 5) % tags.length] ?? ''] : i < 9 ? ['rarely'] : null,
            consentVersion: null,
          },
          at: 1,
        };
      }),
    );
    for (const [i, result] of results.entries()) {
      if (i % 50 !== 0 || !('id' in result)) continue;
      await storage.subscribers.setState(
        { id: result.id, state: 'active', stateReason: null },
        'expired',
        'gone',
        2,
      );
    }
    const everyone: SubscriberRow[] = [];
    for (let after: number | null = null; ; after = everyone.at(-1)?.id ?? null) {
      const rows = await storage.subscribers.page({ site: mine.id }, after, 500);
      if (rows.length === 0) break;
      everyone.push(...rows);
    }
    expect(everyone.length).toBe(people - 100);
    expect(everyone.map(({ id }) => id)).toEqual(everyone.map(({ id }) => id).sort((a, b) => b - a));

    const someone = fc.constantFrom(...everyone.filter((_, i) => i % 97 === 0));
    const text = fc.oneof(
      fc.constantFrom(
        'lynx',
        'RM',
        'rarely',
        'o\\f',
        'o',
        '100%',
        '_',
        '%',
        'customer-1',
        'CUSTOMER-3',
        'zz',
      ),
      someone.map(({ endpoint }) => endpoint.slice(-8)),
      someone.map(({ endpoint }) => endpoint.slice(-8, -3).toUpperCase()),
      someone.map(({ endpoint }) => endpoint),
      someone.map(({ externalId }) => externalId ?? 'Customer-'),
      fc.string({ minLength: 1, maxLength: 12 }).filter((one) => one.trim() === one && one !== ''),
    );
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.constantFrom(undefined, 'active' as const, 'expired' as const),
        fc.integer({ min: 1, max: 120 }),
        fc.constantFrom(...everyone.map(({ id }) => id), null),
        async (search, state, limit, after) => {
          const filter = { site: mine.id, search, ...(state && { state }) };
          const found = await storage.subscribers.page(filter, after, limit);
          const expected = everyone
            .filter((row) => (after === null || row.id < after) && (!state || row.state === state))
            .filter((row) => finds(row, search))
            .slice(0, limit);
          expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        },
      ),
      { numRuns: 150 },
    );
  } finally {
    await storage.close();
    await rm(folder, { recursive: true, force: true });
  }
});
