import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { ImportOptions } from '../../main/contract/imports.ts';
import { readThrough } from '../../main/core/imports/work.ts';
import { type ImportRow, unpackRows } from '../../main/core/ports/import-rows.ts';
import { importFiles } from '../../main/import-files/import-files.ts';
import { openStorage } from '../../main/storage/storage.ts';
import { newSite } from '../helpers/stored.ts';
import { manyRows } from '../helpers/subscriber-files.ts';
import type { Result } from './helpers/report.ts';
import { compare, interleave, median } from './helpers/rounds.ts';

const rounds = 5;
const silent = { info() {}, warn() {}, error() {} };

/**
 * What it costs to import a file, everything checked and indexed, against bare inserts of the same rows into a table
 * without an index (commits of the same size, synced as durably), and against the reading and checking alone.
 */
export default async function bench(sizes: number[] = [100_000]): Promise<Result[]> {
  const results: Result[] = [];
  for (const size of sizes) results.push(...(await measureSize(size)));
  return results;
}

async function measureSize(size: number): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-import-'));
  const files = importFiles(folder);
  const storage = await openStorage(join(folder, 'belfry.db'), silent);
  try {
    await pipeline(Readable.from(manyRows(size)), createWriteStream(join(folder, '1.rows')));
    const total = (await readFile(join(folder, '1.rows'))).length;
    const settings = {
      options: ImportOptions.parse({}),
      keys: [],
      vapidKey: 1,
      allowedHosts: [],
      now: Date.now(),
    };
    const read = (take: (rows: Parameters<typeof storage.imports.addPeople>[1]) => Promise<unknown>) =>
      readThrough({
        files,
        file: 1,
        settings,
        signal: new AbortController().signal,
        take: async (rows) => {
          await take(rows);
          return { added: 0, filled: 0, known: 0, left: [], erased: [] };
        },
        advanced() {},
      });
    // the rows for the bare inserts, read before
    const batches: ImportRow[][] = [];
    await read(async (rows) => batches.push(unpackRows(rows)));
    const costs = await interleave(rounds, {
      ours: async () => {
        const site = await storage.sites.insert(newSite());
        settings.vapidKey = site.vapidKey.id;
        const { id } = await storage.imports.insert({ site: site.id, name: 'b', size: total, createdAt: 1 });
        await read((rows) => storage.imports.addPeople(id, rows, false));
      },
      bare: () => insertBare(join(folder, 'bare.db'), batches),
      reading: () => read(async () => {}),
    });
    const rate = (which: keyof typeof costs) => costs[which].map(({ wall }) => size / (wall / 1000));
    const compared = (name: string, which: keyof typeof costs, goal: number | null): Result => {
      const ratios = rate(which).map((one, round) => one / (rate('bare')[round] ?? Number.NaN));
      return {
        name: `${name}, ${size} rows`,
        value: median(rate(which)),
        unit: 'rows/s',
        reference: median(rate('bare')),
        ratio: median(ratios),
        spread: [Math.min(...ratios), Math.max(...ratios)],
        goal: goal === null ? null : `≥ ${goal}`,
        met: goal === null ? null : median(ratios) >= goal,
      };
    };
    const cpu = (which: keyof typeof costs) => costs[which].map((cost) => cost.cpu * 1000);
    return [
      compared('import against bare inserts', 'ours', 0.5),
      compared('reading and checking alone', 'reading', null),
      compare(`CPU of an import, ${size} rows`, 'µs CPU/row', cpu('ours'), cpu('bare'), size, null),
      compare(`CPU of reading, ${size} rows`, 'µs CPU/row', cpu('reading'), cpu('bare'), size, null),
    ];
  } finally {
    await files.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same columns, in a table without a single index, in the commits that an import makes. */
function insertBare(file: string, batches: ImportRow[][]): void {
  rmSync(file, { force: true });
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('wal_autocheckpoint = 16000');
  db.exec(`CREATE TABLE subscriber (id INTEGER PRIMARY KEY, site_id, vapid_key_id, state, state_since, state_reason,
    endpoint, push_service, p256dh, auth, browser, browser_version, system, device, language, country, time_zone,
    page, external_id, attributes, consent_version, consent_at, first_seen, last_seen)`);
  const insert = db.prepare(
    `INSERT INTO subscriber VALUES (${Array.from({ length: 24 }, () => '?').join()})`,
  );
  const add = db.transaction((rows: ImportRow[]) => {
    for (const row of rows)
      insert.run(
        ...[null, 1, 1, 1, row.stateSince, row.stateReason, row.endpoint, row.pushService],
        ...[row.p256dh, row.auth],
        ...[row.browser, row.browserVersion, row.system, row.device, row.language, row.country, row.timeZone],
        ...[row.page, row.externalId, JSON.stringify(row.attributes), row.consentVersion, row.consentAt],
        ...[row.firstSeen, row.lastSeen],
      );
  });
  for (const rows of batches) add(rows);
  db.close();
}
