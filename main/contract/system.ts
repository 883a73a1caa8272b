import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { CampaignCounts, campaignStates } from './campaigns.ts';
import { Id, procedure, Time } from './common.ts';
import { Job } from './jobs.ts';

/** Something wrong with what Belfry stands on: the disk, the database. It goes by itself once that is mended. */
export const Trouble = z.object({
  id: z.string(),
  title: z.string(),
  detail: z.string().describe('what it means and what to do'),
  since: Time,
});
export type Trouble = z.infer<typeof Trouble>;

const days = z.number().int().min(1).max(36_500).nullable();
/** What is kept, and for how long. The counts of a campaign are kept for ever. */
export const Retention = z.strictObject({
  deliveryDays: days.describe('single deliveries, after their campaign ended; null: for ever'),
  deliveries: z
    .number()
    .int()
    .min(0)
    .max(1_000_000_000)
    .describe('of these at the most, the oldest go first'),
  expiredDays: days.describe('subscribers whose subscription ended; null: for ever'),
});
export type Retention = z.infer<typeof Retention>;
export const RetentionNow = Retention.extend({
  kept: z.object({
    deliveries: z.number().int(),
    campaigns: z.number().int().describe('whose single deliveries are kept'),
    bytes: z.number().int().describe('of the database file'),
    freeBytes: z.number().int().describe('of these, room for what is to come'),
  }),
});
export type RetentionNow = z.infer<typeof RetentionNow>;

export const System = z.object({
  version: z.string(),
  door: z.enum(['window', 'browser', 'key']).describe('how this caller is connected'),
  publicUrl: z.string().describe('where visitors reach the public listener'),
  publicListener: z.string().describe('where it listens on this machine'),
  landing: z.boolean().describe('whether the landing page is served there'),
  apiListener: z.string().nullable(),
  dataFolder: z.string(),
  keyStore: z.object({ kind: z.string(), warning: z.string().nullable() }),
  troubles: z.array(Trouble),
});
export type System = z.infer<typeof System>;

export const PushHosts = z.object({
  builtIn: z.array(z.string()),
  fromCommandLine: z.array(z.string()),
  added: z.array(z.string()),
});
/** `host` or `host:port`, as an operator names a push service of their own. */
export const PushHost = z
  .string()
  .max(260)
  .regex(/^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i, 'Give a host, or host:port');

/** Something changed: what a screen shows of it is worth asking for again. At most one of a kind in 100 ms. */
export const LiveEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello') }),
  z.object({ type: z.literal('sites') }),
  z.object({ type: z.literal('system') }),
  z.object({ type: z.literal('subscribers'), site: Id }),
  z.object({ type: z.literal('segments'), site: Id }),
  z.object({ type: z.literal('attributes'), site: Id }),
  z.object({ type: z.literal('import'), site: Id, id: Id }),
  z.object({
    type: z.literal('campaign'),
    site: Id,
    id: Id,
    state: z.enum(campaignStates),
    counts: CampaignCounts,
    preparing: z.number().int().nullable(),
    rate: z.number().nullable(),
    secondsLeft: z.number().nullable(),
  }),
  z.object({ type: z.literal('job'), id: Id, job: Job }),
]);
export type LiveEvent = z.infer<typeof LiveEvent>;

export const system = {
  get: procedure('operator').route({ method: 'GET', path: '/system' }).output(System),
  pushHosts: procedure('operator').route({ method: 'GET', path: '/push-hosts' }).output(PushHosts),
  setPushHosts: procedure('operator')
    .route({ method: 'PUT', path: '/push-hosts' })
    .input(z.strictObject({ added: z.array(PushHost).max(50) }))
    .output(PushHosts),
  retention: procedure('operator').route({ method: 'GET', path: '/retention' }).output(RetentionNow),
  setRetention: procedure('operator')
    .route({ method: 'PUT', path: '/retention' })
    .input(Retention)
    .output(RetentionNow),
  watch: procedure('operator').route({ method: 'GET', path: '/live' }).output(eventIterator(LiveEvent)),
};
