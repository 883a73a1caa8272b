import * as z from 'zod';
import { ById, Id, PageInput, page, procedure, Time } from './common.ts';
import { Expression } from './expressions.ts';
import { SubscriberCounts } from './sites.ts';

/** `quarantined`: subscribed with another VAPID key than the site's, by the push service's word: kept, not sent to. */
export const subscriberStates = ['active', 'foreign', 'expired', 'unsubscribed', 'quarantined'] as const;
export type SubscriberState = (typeof subscriberStates)[number];

export const AttributeValue = z.union([
  z.string().max(1000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(200)).max(50),
]);
export type AttributeValue = z.infer<typeof AttributeValue>;
const StoredAttributes = z.record(z.string().min(1).max(64), AttributeValue);
/** As they are sent. They are merged into those of before, of which there may be more in the end. */
export const Attributes = StoredAttributes.refine(
  (value) => Object.keys(value).length <= 100,
  'At most 100 attributes',
);
export type Attributes = z.infer<typeof Attributes>;
export const Tag = z.string().trim().min(1).max(64);
export const Tags = z.array(Tag).max(100);
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
  testDevice: z.boolean().describe('one of the operator’s own: gets test messages'),
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
    'tried',
    'unsubscribed',
  ]),
  campaign: z.object({ id: Id, title: z.string() }).nullable(),
  detail: z.string().nullable(),
  attempt: z
    .object({
      number: z.number().int(),
      pushService: z.string(),
      status: z.number().int().nullable().describe('null: there was no answer'),
      duration: z.number().int().nullable().describe('milliseconds'),
    })
    .nullable()
    .describe('of what a push service answered'),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** An expression where only text can stand, as in an address. */
export const ExpressionText = z
  .string()
  .max(50_000)
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'Give an expression as JSON' });
      return z.NEVER;
    }
  })
  .pipe(Expression);

/** `added`: in which order they came here. Each is offered where an index gives it. */
export const peopleSorts = ['added', 'lastSeen', 'externalId'] as const;
export type PeopleSort = (typeof peopleSorts)[number];

/** What a list of people is narrowed to, as the parameters of an address. */
export const PeopleFilter = z.object({
  state: z.enum([...subscriberStates, 'all']).default('active'),
  search: z
    .string()
    .max(200)
    .optional()
    .describe(
      'how an external id, tag, browser, system, language or country begins, the last characters of an endpoint, or an id',
    ),
  segment: Id.optional().describe('only who is in that segment'),
  matching: ExpressionText.optional().describe('only who is meant by this expression, as JSON'),
});

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

const isTimeZone = (name: string) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** How many people came and went on a day, and how many there were at its end (today: are now). */
export const PeopleDay = z.object({
  date: z.iso.date(),
  from: Time.describe('its first moment in that time zone'),
  people: z.number().int().describe('active and imported ones'),
  joined: z.number().int(),
  imported: z.number().int(),
  returned: z.number().int().describe('after having expired, left or been removed'),
  expired: z.number().int(),
  unsubscribed: z.number().int().describe('left by their own wish'),
  removed: z.number().int().describe('by the operator, erased ones too'),
});
export type PeopleDay = z.infer<typeof PeopleDay>;

export const subscribers = {
  list: procedure('read')
    .route({ method: 'GET', path: '/subscribers' })
    .input(
      PageInput.extend({
        site: Id.optional(),
        ...PeopleFilter.shape,
        externalId: ExternalId.optional(),
        sort: z
          .enum(peopleSorts)
          .default('added')
          .describe(
            'all but `added`, the newest first, are for all of a site or of one state of it, without a search, segment or expression',
          ),
        order: z
          .enum(['asc', 'desc'])
          .optional()
          .describe('without it, external ids ascend, and times descend'),
        // it holds what the last one was sorted by
        cursor: z.string().max(1500).optional().describe('nextCursor of the page before'),
      }),
    )
    .output(page(Subscriber)),
  /** How many people a list with the same parameters has. */
  count: procedure('read')
    .route({ method: 'GET', path: '/subscribers/count' })
    .input(z.object({ site: Id, ...PeopleFilter.shape }))
    .output(z.object({ people: z.number().int() })),
  counts: procedure('read')
    .route({ method: 'GET', path: '/subscribers/counts' })
    .input(z.object({ site: Id.optional() }))
    .output(SubscriberCounts),
  /** The last days, oldest first, today last: who came and who went. */
  days: procedure('read')
    .route({ method: 'GET', path: '/subscribers/days' })
    .input(
      z.object({
        site: Id,
        days: z.coerce.number().int().min(1).max(400).default(30),
        timeZone: z
          .string()
          .max(64)
          .refine(isTimeZone, 'Give an IANA time zone, such as Europe/Berlin')
          .default('UTC')
          .describe('whose days they are'),
      }),
    )
    .output(z.object({ timeZone: z.string(), items: z.array(PeopleDay) })),
  /** Those that test messages go to. */
  testDevices: procedure('read')
    .route({ method: 'GET', path: '/subscribers/test-devices' })
    .input(z.object({ site: Id }))
    .output(z.object({ items: z.array(Subscriber) })),
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
    .input(z.strictObject({ id: Id, ...person, testDevice: z.boolean().optional() }))
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
