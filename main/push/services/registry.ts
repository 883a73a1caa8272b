import { apple } from './apple.ts';
import { judgeCommonly } from './common.ts';
import { fcm } from './fcm.ts';
import { mozilla } from './mozilla.ts';
import type { Answer, ServicePolicy, Verdict } from './policy.ts';
import { unknown } from './unknown.ts';
import { wns } from './wns.ts';

/** The push services that browsers use. A new one is its file and its name here. */
export const services: readonly ServicePolicy[] = [fcm, mozilla, wns, apple];

/** The policy of a push service by the name that subscribers carry. */
export const policyOf = (name: string): ServicePolicy =>
  services.find((service) => service.name === name) ?? unknown(name);

/** What an answer of a push service means. `now`: milliseconds since the epoch. */
export const judge = (service: ServicePolicy, answer: Answer, now: number): Verdict =>
  service.judge(answer, now) ?? judgeCommonly(answer, now);

/** The nearest TTL that a push service takes, in whole seconds. */
export const clampTtl = ({ ttl: { min, max } }: ServicePolicy, seconds: number): number =>
  Math.min(Math.max(Math.floor(seconds), min), max);
