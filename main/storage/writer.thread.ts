import { workerData } from 'node:worker_threads';
import { serveThread } from '../threads/serve.ts';
import { holdAlone, idSecret, openForWriting } from './database.ts';
import { accessWrites } from './tables/access.ts';
import { campaignServiceWrites } from './tables/campaign-services.ts';
import { campaignWrites } from './tables/campaigns.ts';
import { deliveryWrites } from './tables/deliveries.ts';
import { deliveryWork } from './tables/delivery-work.ts';
import { importWrites } from './tables/imports.ts';
import { practiceWrites } from './tables/practice.ts';
import { registrationWrites } from './tables/registrations.ts';
import { reportWrites } from './tables/reports.ts';
import { siteWrites } from './tables/sites.ts';
import { subscriberChanges } from './tables/subscriber-changes.ts';

/** All that writes, in the one thread that may; each operation is one transaction. */
const lock = holdAlone(String(workerData.file));
const db = openForWriting(String(workerData.file));
const secret = idSecret(db);
const operations = {
  idSecret: () => secret,
  ...siteWrites(db),
  ...registrationWrites(db, secret),
  ...subscriberChanges(db, secret),
  ...campaignWrites(db),
  ...campaignServiceWrites(db),
  ...deliveryWrites(db),
  ...deliveryWork(db),
  ...reportWrites(db),
  ...accessWrites(db),
  ...practiceWrites(db),
  ...importWrites(db, secret),
};

serveThread(operations, () => {
  db.pragma('optimize');
  db.close();
  lock.close();
});

export type Writes = typeof operations;
