import { workerData } from 'node:worker_threads';
import { serveThread } from '../threads/serve.ts';
import { idSecret, openForReading } from './database.ts';
import { accessReads } from './tables/access.ts';
import { attributeChangeReads } from './tables/attribute-changes.ts';
import { campaignServiceReads } from './tables/campaign-services.ts';
import { campaignReads } from './tables/campaigns.ts';
import { deliveryReads } from './tables/deliveries.ts';
import { deliveryCourseReads } from './tables/delivery-course.ts';
import { importReads } from './tables/imports.ts';
import { peopleTallyReads } from './tables/people-tally.ts';
import { segmentReads } from './tables/segments.ts';
import { siteReads } from './tables/sites.ts';
import { snapshotReads } from './tables/snapshot.ts';
import { subscriberReads } from './tables/subscribers.ts';
import { upkeepReads } from './tables/upkeep.ts';

/** All that only reads; several of these threads run beside the writer (WAL lets them). */
const db = openForReading(String(workerData.file));
const operations = {
  ...siteReads(db),
  ...subscriberReads(db),
  ...peopleTallyReads(db),
  ...segmentReads(db),
  ...attributeChangeReads(db),
  ...campaignReads(db),
  ...snapshotReads(db),
  ...campaignServiceReads(db),
  ...deliveryReads(db),
  ...deliveryCourseReads(db),
  ...accessReads(db),
  ...upkeepReads(db),
  ...importReads(db, idSecret(db)),
};

serveThread(operations, () => {
  db.close();
});

export type Reads = typeof operations;
