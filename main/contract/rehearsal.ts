import { eventIterator } from '@orpc/contract';
import * as z from 'zod';
import { Id, procedure, Time } from './common.ts';

/** The push services that a rehearsal stands in for. */
export const simulatedServices = ['fcm', 'mozilla', 'wns', 'apple'] as const;
export type SimulatedService = (typeof simulatedServices)[number];

const share = z.number().min(0).max(1);
const behaviour = z.strictObject({
  gone: share.describe('of subscriptions that answer 410, always the same ones'),
  missing: share.describe('of subscriptions that answer 404, always the same ones'),
  tooLarge: share.describe('of requests answered with 413'),
  limited: share.describe('of requests answered with 429 (WNS: 406)'),
  failing: share.describe('of requests answered with 5xx'),
  garbled: share.describe('of requests answered with what is no HTTP'),
  silent: share.describe('of requests never answered'),
  slow: share.describe('of answers that take slowMs'),
  retryAfter: z.number().int().min(0).max(3600).describe('seconds that a limit asks to wait'),
  latencyMs: z
    .number()
    .min(0)
    .max(10_000)
    .describe('milliseconds until an ordinary answer, half more or less'),
  slowMs: z.number().min(0).max(60_000),
});
/** How a simulated push service answers. What is left of 1 is taken: 201. */
export const ServiceBehaviour = behaviour.refine(
  ({ gone, missing, tooLarge, limited, failing, garbled, silent }) =>
    gone + missing <= 1 && tooLarge + limited + failing + garbled + silent <= 1,
  'The shares add up to more than 1',
);
export type ServiceBehaviour = z.infer<typeof ServiceBehaviour>;
const perService = <T extends z.ZodType>(item: T) =>
  z.strictObject({ fcm: item, mozilla: item, wns: item, apple: item });
export const Behaviour = perService(ServiceBehaviour);
export type Behaviour = z.infer<typeof Behaviour>;

const count = z.number().int();
/** What the rehearsal itself counted since Belfry was started, whatever Belfry believes. */
export const RehearsalTotals = z.object({
  requests: count.describe('to the simulated push services'),
  answers: perService(z.record(z.string(), count)).describe('by what was answered'),
  received: count.describe('messages that reached a person, repetitions left out'),
  duplicates: count.describe('messages that reached a person once more'),
  decrypted: count,
  undecryptable: count,
  refused: count.describe('requests answered with anything but 201, or not at all'),
  shown: count.describe('reported, as are clicked and closed'),
  clicked: count,
  closed: count,
  left: count,
  waiting: count.describe('reactions still to come'),
  lost: count.describe('reports that Belfry did not take'),
});
export type RehearsalTotals = z.infer<typeof RehearsalTotals>;

export const rehearsalStates = ['none', 'making', 'ready', 'removing'] as const;
export const Rehearsal = z.object({
  state: z.enum(rehearsalStates),
  site: Id.nullable().describe('the practice site'),
  people: count.describe('as many as were asked for'),
  seed: count.nullable(),
  history: z.boolean(),
  startedAt: Time.nullable(),
  progress: z
    .object({
      done: count,
      total: count,
      perSecond: z.number().nullable(),
      secondsLeft: z.number().nullable(),
    })
    .nullable()
    .describe('while people are made or removed'),
  problem: z.string().nullable().describe('why the last rehearsal could not be made or removed'),
  behaviour: Behaviour,
  totals: RehearsalTotals.nullable(),
});
export type Rehearsal = z.infer<typeof Rehearsal>;

/** A practice site with simulated people, served by push services of our own on this machine. One at a time. */
export const rehearsal = {
  get: procedure('operator').route({ method: 'GET', path: '/rehearsal' }).output(Rehearsal),
  /** Answers at once; the people are made while `get` and `watch` tell how far it is. `remove` cancels. */
  start: procedure('operator')
    .route({ method: 'POST', path: '/rehearsal', successStatus: 202 })
    .input(
      z.strictObject({
        people: z.number().int().min(10).max(1_000_000),
        seed: z
          .number()
          .int()
          .min(0)
          .max(0x7fff_ffff)
          .optional()
          .describe('the same seed gives the same people'),
        history: z.boolean().default(true).describe('with past campaigns over the last 90 days'),
      }),
    )
    .output(Rehearsal),
  /** Takes effect with the next request, also in the middle of a campaign. What is left out stays as it is. */
  setBehaviour: procedure('operator')
    .route({ method: 'PATCH', path: '/rehearsal/behaviour' })
    .input(
      z.strictObject({
        fcm: behaviour.partial().optional(),
        mozilla: behaviour.partial().optional(),
        wns: behaviour.partial().optional(),
        apple: behaviour.partial().optional(),
      }),
    )
    .output(Rehearsal),
  /**
   * Removes the practice site and everything that belongs to it. Answers when nothing is left, or after half a minute
   * with the state `removing`: a job then goes on with it, which `get` and `jobs` tell of.
   */
  remove: procedure('operator').route({ method: 'DELETE', path: '/rehearsal' }).output(Rehearsal),
  watch: procedure('operator')
    .route({ method: 'GET', path: '/rehearsal/live' })
    .output(eventIterator(Rehearsal)),
};
