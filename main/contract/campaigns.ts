import * as z from 'zod';
import { ById, Id, PageInput, page, procedure, Time, TimeInput } from './common.ts';
import { Expression, objectTo } from './expressions.ts';
import { Message } from './messages.ts';
import { ExternalId } from './subscribers.ts';

export const campaignStates = [
  'draft',
  'scheduled',
  'sending',
  'paused',
  'halted',
  'finished',
  'cancelled',
] as const;
export type CampaignState = (typeof campaignStates)[number];
export const deliveryStates = ['pending', 'accepted', 'expired', 'rejected', 'failed', 'skipped'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const FORM =
  'Give {"everyone": true}, {"segment": id}, {"matching": expression}, each also with "less": expression, ' +
  'or {"subscriber": id}, {"subscribers": [ids]}, {"externalIds": [ids]}';
const less = Expression.optional().describe('all but those who are meant by this');

const AudienceForms = z.union(
  [
    z.strictObject({ everyone: z.literal(true), less }),
    z.strictObject({ segment: Id, less }),
    z.strictObject({ matching: Expression, less }),
    z.strictObject({ subscriber: Id }),
    z.strictObject({ subscribers: z.array(Id).min(1).max(10_000) }),
    z.strictObject({ externalIds: z.array(ExternalId).min(1).max(10_000) }),
  ],
  FORM,
);
/** Whom a campaign goes to. What is wrong within an expression is said where it is, which a union would not do. */
export const Audience = z.preprocess((value, context) => {
  if (typeof value !== 'object' || value === null) return value;
  const given = value as Record<string, unknown>;
  for (const name of ['matching', 'less'])
    if (given[name] !== undefined) objectTo(given[name], [name], context);
  return value;
}, AudienceForms);
export type Audience = z.infer<typeof Audience>;

/** The operator's own limit: at most so many a minute, or evenly over so many minutes. */
export const Pace = z.union([
  z.strictObject({ perMinute: z.number().int().min(1).max(10_000_000) }),
  z.strictObject({ overMinutes: z.number().int().min(1).max(10_080) }),
]);
export type Pace = z.infer<typeof Pace>;

export const CampaignCounts = z.object({
  total: z.number().int(),
  pending: z.number().int(),
  accepted: z.number().int().describe('taken by the push service, which is not yet shown'),
  expired: z.number().int().describe('the push service said that the subscription is gone'),
  rejected: z.number().int().describe('refused and never retried'),
  failed: z.number().int().describe('retries or time to live used up'),
  skipped: z.number().int(),
  shown: z.number().int(),
  clicked: z.number().int(),
  closed: z.number().int(),
  unsubscribed: z.number().int(),
  repeated: z.number().int().describe('may have been sent twice, after an interruption'),
});
export type CampaignCounts = z.infer<typeof CampaignCounts>;

/** Why deliveries ended as they did, grouped. */
export const OutcomeGroup = z.object({
  state: z.enum(deliveryStates),
  reason: z.string(),
  pushService: z.string(),
  status: z.number().int().nullable().describe("the push service's HTTP status"),
  count: z.number().int(),
  advice: z.string().nullable(),
});
export type OutcomeGroup = z.infer<typeof OutcomeGroup>;

/** A push service that is not being sent to at the moment, and why. */
export const ServiceHold = z.object({
  pushService: z.string(),
  kind: z
    .enum(['pause', 'halt', 'ask'])
    .describe('pause: until a time. halt: until our fault is mended. ask: too many are said to be gone'),
  until: Time.nullable(),
  reason: z.string(),
  advice: z.string(),
});
export type ServiceHold = z.infer<typeof ServiceHold>;

export const Campaign = z.object({
  id: Id,
  site: Id,
  state: z.enum(campaignStates),
  kind: z.enum(['campaign', 'transactional']),
  message: Message,
  audience: Audience,
  pace: Pace.nullable(),
  ignoreCap: z.boolean().describe('sent also to those whom the site’s frequency cap would spare'),
  at: Time.nullable(),
  createdAt: Time,
  startedAt: Time.nullable(),
  finishedAt: Time.nullable(),
  detailDroppedAt: Time.nullable().describe('from then on single deliveries were dropped; the counts stay'),
  counts: CampaignCounts,
  preparing: z
    .number()
    .int()
    .nullable()
    .describe(
      'for how many people deliveries are being made, of which there are counts.total; 0: not known yet; null: all are',
    ),
  rate: z.number().nullable().describe('deliveries settled a second, while sending'),
  secondsLeft: z.number().nullable(),
  holds: z.array(ServiceHold),
});
export type Campaign = z.infer<typeof Campaign>;

export const CampaignDetail = Campaign.extend({
  outcomes: z.array(OutcomeGroup),
  clicks: z
    .array(z.object({ action: z.string(), count: z.number().int() }))
    .describe('by action; empty name: the notification itself'),
});
export type CampaignDetail = z.infer<typeof CampaignDetail>;

export const Delivery = z.object({
  subscriber: Id.nullable().describe('null once the person was erased'),
  pushService: z.string(),
  state: z.enum(deliveryStates),
  status: z.number().int().nullable(),
  reason: z.string().nullable(),
  attempts: z.number().int(),
  duration: z.number().int().nullable().describe('milliseconds of the last attempt'),
  bytes: z.number().int().nullable().describe('of the encrypted body'),
  repeated: z.boolean(),
  settledAt: Time.nullable(),
  nextAttemptAt: Time.nullable(),
  shownAt: Time.nullable(),
  clickedAt: Time.nullable(),
  closedAt: Time.nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

/** What happened in one span of a campaign's course. */
export const CourseSpan = z.object({
  from: Time,
  accepted: z.number().int(),
  shown: z.number().int(),
  clicked: z.number().int(),
});
export type CourseSpan = z.infer<typeof CourseSpan>;

const act = (action: string) =>
  procedure('send')
    .route({ method: 'POST', path: `/campaigns/{id}/${action}` as const })
    .input(ById)
    .output(Campaign);

export const campaigns = {
  list: procedure('read')
    .route({ method: 'GET', path: '/campaigns' })
    .input(PageInput.extend({ site: Id.optional(), state: z.enum(campaignStates).optional() }))
    .output(page(Campaign)),
  get: procedure('read').route({ method: 'GET', path: '/campaigns/{id}' }).input(ById).output(CampaignDetail),
  create: procedure('send')
    .route({ method: 'POST', path: '/campaigns', successStatus: 201 })
    .input(
      z.strictObject({
        site: Id,
        message: Message,
        audience: Audience,
        at: TimeInput.optional(),
        draft: z.boolean().optional(),
        kind: z.enum(['campaign', 'transactional']).optional(),
        pace: Pace.optional(),
        ignoreCap: z.boolean().optional(),
      }),
    )
    .output(Campaign),
  update: procedure('send')
    .route({ method: 'PATCH', path: '/campaigns/{id}' })
    .input(
      z.strictObject({
        id: Id,
        message: Message.optional(),
        audience: Audience.optional(),
        at: TimeInput.nullable().optional(),
        pace: Pace.nullable().optional(),
        ignoreCap: z.boolean().optional(),
      }),
    )
    .output(Campaign),
  remove: procedure('send')
    .route({ method: 'DELETE', path: '/campaigns/{id}', successStatus: 204, description: 'Deletes a draft.' })
    .input(ById),
  /** Sends a message to the site’s test devices, at once; it is no part of any other campaign’s numbers. */
  test: procedure('send')
    .route({ method: 'POST', path: '/campaigns/test', successStatus: 201 })
    .input(z.strictObject({ site: Id, message: Message }))
    .output(Campaign),
  start: act('start'),
  pause: act('pause'),
  resume: act('resume'),
  cancel: act('cancel'),
  /**
   * The answer to a hold of kind `ask`. `real`: they are gone, go on. `mistake`: the push service erred; those whom
   * this campaign expired there are brought back and sent to again.
   */
  answerGone: procedure('manage')
    .route({ method: 'POST', path: '/campaigns/{id}/gone' })
    .input(z.strictObject({ id: Id, pushService: z.string().max(260), answer: z.enum(['real', 'mistake']) }))
    .output(Campaign),
  /** Sends again to those whose delivery was refused, failed or found them gone, for one reason. */
  resend: procedure('send')
    .route({ method: 'POST', path: '/campaigns/{id}/resend' })
    .input(
      z.strictObject({
        id: Id,
        pushService: z.string().max(260),
        state: z
          .enum(['rejected', 'failed', 'expired'])
          .describe('expired: the people are brought back first'),
        reason: z.string().max(100),
      }),
    )
    .output(Campaign),
  deliveries: procedure('read')
    .route({ method: 'GET', path: '/campaigns/{id}/deliveries' })
    .input(PageInput.extend({ id: Id, state: z.enum(deliveryStates).optional() }))
    .output(page(Delivery)),
  /** When it was accepted, shown and clicked, in the first hours after its start. Nothing before it started. */
  course: procedure('read')
    .route({ method: 'GET', path: '/campaigns/{id}/course' })
    .input(z.object({ id: Id, hours: z.coerce.number().int().min(1).max(168).default(24) }))
    .output(
      z.object({
        seconds: z.number().int().describe('the length of a span'),
        items: z.array(CourseSpan).describe('up to now, also those in which nothing happened'),
      }),
    ),
  /** What would happen: how many people, how large the largest payload is, what a push service may object to. */
  check: procedure('read')
    .route({ method: 'POST', path: '/campaigns/check' })
    .input(z.strictObject({ site: Id, message: Message, audience: Audience }))
    .output(
      z.object({
        people: z.number().int(),
        payloadBytes: z.number().int(),
        maxPayloadBytes: z.number().int(),
        warnings: z.array(z.string()),
      }),
    ),
  /** How many of an audience a campaign would skip now, since others reached them as often as the site allows. */
  checkCap: procedure('read')
    .route({ method: 'POST', path: '/campaigns/check-cap' })
    .input(z.strictObject({ site: Id, audience: Audience }))
    .output(z.object({ skipped: z.number().int() })),
};
