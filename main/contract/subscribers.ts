import * as z from 'zod';
import { ById, Id, PageInput, page, procedure, Time } from './common.ts';
import { SubscriberCounts } from './sites.ts';

export const subscriberStates = ['active', 'foreign', 'expired', 'unsubscribed'] as const;
export type SubscriberState = (typeof subscriberStates)[number];

export const AttributeValue = z.union([
  z.string().max(1000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(200)).max(50),
]);
const StoredAttributes = z.record(z.string().min(1).max(64), AttributeValue);
/** As they are sent. They are merged into those of before, of which there may be more in the end. */
export const Attributes = StoredAttributes.refine(
  (value) => Object.keys(value).length <= 100,
  'At most 100 attributes',
);
export type Attributes = z.infer<typeof Attributes>;
export const Tags = z.array(z.string().trim().min(1).max(64)).max(100);
export const ExternalId = z.string().min(1).max(200);

/** The JSON of a browser's PushSubscription (W3C Push API, 3.3). Unknown members are let through unread. */
export const PushSubscriptionJson = z.object({
  endpoint: z.string().max(2048),
  expirationTime: z.number().nullish(),
  keys: z.object({ p256dh: z.string().max(200), auth: z.string().max(100) }),
});
export type PushSubscriptionJson = z.infer<typeof PushSubscriptionJson>;

export const Subscriber = z.object({
  id: Id,
  site: Id,
  state: z.enum(subscriberStates),
  stateReason: z.string().nullable(),
  stateSince: Time,
  pushService: z.string().describe('fcm, mozilla, wns, apple, or the host of another one'),
  endpointTail: z.string().describe('the last characters of the endpoint; the endpoint itself is a secret'),
  browser: z.string().nullable(),
  browserVersion: z.string().nullable(),
  system: z.string().nullable(),
  device: z.string().nullable(),
  language: z.string().nullable(),
  country: z.string().nullable().describe('ISO 3166 code, from the time zone'),
  timeZone: z.string().nullable(),
  page: z.string().nullable().describe('the page they subscribed on'),
  externalId: z.string().nullable(),
  attributes: StoredAttributes,
  tags: z.array(z.string()),
  consent: z.object({ version: z.string(), at: Time }).nullable(),
  firstSeen: Time,
  lastSeen: Time,
});
export type Subscriber = z.infer<typeof Subscriber>;

export const TimelineEntry = z.object({
  at: Time,
  what: z.enum([
    'subscribed',
    'seen',
    'accepted',
    'shown',
    'clicked',
    'closed',
    'expired',
    'rejected',
    'failed',
    'skipped',
    'pending',
    'unsubscribed',
  ]),
  campaign: z.object({ id: Id, title: z.string() }).nullable(),
  detail: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const PersonData = z.object({
  exportedAt: Time,
  site: z.object({ name: z.string(), origins: z.array(z.string()) }),
  person: Subscriber,
  subscription: PushSubscriptionJson.extend({ applicationServerKey: z.string() }),
  timeline: z.array(TimelineEntry),
});
export type PersonData = z.infer<typeof PersonData>;

const person = {
  externalId: ExternalId.nullable().optional(),
  attributes: Attributes.optional(),
  tags: Tags.optional(),
  language: z.string().max(35).optional(),
  timeZone: z.string().max(64).optional(),
};

export const subscribers = {
  list: procedure('read')
    .route({ method: 'GET', path: '/subscribers' })
    .input(
      PageInput.extend({
        site: Id.optional(),
        state: z.enum([...subscriberStates, 'all']).default('active'),
        externalId: ExternalId.optional(),
        search: z.string().max(200).optional().describe('external id, tag, or tail of the endpoint'),
      }),
    )
    .output(page(Subscriber)),
  counts: procedure('read')
    .route({ method: 'GET', path: '/subscribers/counts' })
    .input(z.object({ site: Id.optional() }))
    .output(SubscriberCounts),
  get: procedure('read').route({ method: 'GET', path: '/subscribers/{id}' }).input(ById).output(Subscriber),
  timeline: procedure('read')
    .route({ method: 'GET', path: '/subscribers/{id}/timeline' })
    .input(ById)
    .output(z.object({ items: z.array(TimelineEntry) })),
  /** Everything that is known of one person, for them: with their endpoint, and every message ever sent to them. */
  data: procedure('operator')
    .route({ method: 'GET', path: '/subscribers/{id}/data' })
    .input(ById)
    .output(PersonData),
  create: procedure('manage')
    .route({ method: 'POST', path: '/subscribers', successStatus: 201 })
    .input(
      z.strictObject({
        site: Id,
        subscription: PushSubscriptionJson,
        userAgent: z.string().max(1000).optional(),
        ...person,
      }),
    )
    .output(Subscriber),
  update: procedure('manage')
    .route({ method: 'PATCH', path: '/subscribers/{id}' })
    .input(z.strictObject({ id: Id, ...person }))
    .output(Subscriber),
  /** Ends the subscription here and keeps the record; `restore` takes it back. */
  remove: procedure('manage')
    .route({ method: 'POST', path: '/subscribers/{id}/remove' })
    .input(ById)
    .output(Subscriber),
  restore: procedure('manage')
    .route({ method: 'POST', path: '/subscribers/{id}/restore' })
    .input(ById)
    .output(Subscriber),
  /** Deletes every trace but a keyed hash of the endpoint, so that a sync cannot bring the person back. */
  erase: procedure('manage')
    .route({ method: 'DELETE', path: '/subscribers/{id}', successStatus: 204 })
    .input(ById),
};
