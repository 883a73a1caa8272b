import { workerData } from 'node:worker_threads';
import { serveThread } from '../threads/serve.ts';
import { idSecret, openForReading } from './database.ts';
import { accessReads } from './tables/access.ts';
import { attributeChangeReads } from './tables/attribute-changes.ts';
import { audienceCounts } from './tables/audience-counts.ts';
import { bulkReads } from './tables/bulk.ts';
import { campaignServiceReads } from './tables/campaign-services.ts';
import { campaignReads } from './tables/campaigns.ts';
import { deliveryReads } from './tables/deliveries.ts';
import { deliveryCourseReads } from './tables/delivery-course.ts';
import { importReads } from './tables/imports.ts';
import { peopleSets } from './tables/people-sets.ts';
import { peopleTallyReads } from './tables/people-tally.ts';
import { segmentReads } from './tables/segments.ts';
import { siteReads } from './tables/sites.ts';
import { snapshotReads } from './tables/snapshot.ts';
import { subscriberReads } from './tables/subscribers.ts';
import { upkeepReads } from './tables/upkeep.ts';

/** All that only reads; several of these threads run beside the writer (WAL lets them). */
const db = openForReading(String(workerData.file));
const sets = peopleSets(db);
const operations = {
  ...siteReads(db),
  ...subscriberReads(db, sets),
  ...peopleTallyReads(db),
  ...bulkReads(db),
  ...segmentReads(db),
  ...attributeChangeReads(db),
  ...campaignReads(db),
  ...audienceCounts(db, sets),
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
