import { workerData } from 'node:worker_threads';
import { serveThread } from '../threads/serve.ts';
import { holdAlone, idSecret, openForWriting } from './database.ts';
import { accessWrites } from './tables/access.ts';
import { attributeChangeWrites } from './tables/attribute-changes.ts';
import { bulkWrites } from './tables/bulk.ts';
import { campaignServiceWrites } from './tables/campaign-services.ts';
import { campaignWrites } from './tables/campaigns.ts';
import { deliveryWrites } from './tables/deliveries.ts';
import { deliveryWork } from './tables/delivery-work.ts';
import { importWrites } from './tables/imports.ts';
import { practiceWrites } from './tables/practice.ts';
import { registrationWrites } from './tables/registrations.ts';
import { reportWrites } from './tables/reports.ts';
import { segmentWrites } from './tables/segments.ts';
import { siteWrites } from './tables/sites.ts';
import { snapshotWrites } from './tables/snapshot.ts';
import { subscriberChanges } from './tables/subscriber-changes.ts';
import { upkeepWrites } from './tables/upkeep.ts';

/** All that writes, in the one thread that may; each operation is one transaction. */
const lock = holdAlone(String(workerData.file));
const db = openForWriting(String(workerData.file));
const secret = idSecret(db);
const operations = {
  idSecret: () => secret,
  /** A little write that is committed like any other: whether there can be any. */
  probe: (): void => {
    db.prepare(
      "INSERT INTO setting VALUES ('probe', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    ).run(Date.now());
  },
  copyTo: (file: string): void => {
    db.prepare('VACUUM INTO ?').run(file);
  },
  ...siteWrites(db),
  ...registrationWrites(db, secret),
  ...subscriberChanges(db, secret),
  ...bulkWrites(db, secret),
  ...segmentWrites(db),
  ...attributeChangeWrites(db),
  ...campaignWrites(db),
  ...snapshotWrites(db),
  ...campaignServiceWrites(db),
  ...deliveryWrites(db),
  ...deliveryWork(db),
  ...reportWrites(db),
  ...accessWrites(db),
  ...practiceWrites(db),
  ...upkeepWrites(db),
  ...importWrites(db, secret),
};

serveThread(operations, () => {
  db.pragma('optimize');
  db.close();
  lock.close();
});

export type Writes = typeof operations;
