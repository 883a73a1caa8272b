import type { Outcome } from '../../core/ports/push.ts';

/** What a push service answered, as far as it was read. */
export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The first few KB; empty for most services. */
  body: string;
}

/** What an answer means: see the port's PushResult. */
export interface Verdict {
  outcome: Outcome;
  reason: string;
  /** Milliseconds. */
  retryAfter: number | null;
  pause: 'service' | 'device' | null;
}

/** How one push service behaves. Everything that Belfry knows of it stands in its one file. */
export interface ServicePolicy {
  /** What subscribers and results are grouped by. */
  name: string;
  /** Host names; `*.` before one stands for any subdomain of it. */
  hosts: string[];
  /** Seconds that it takes, both ends included. */
  ttl: { min: number; max: number };
  /** What this service means by an answer, or null where it means what all do. `now`: ms since the epoch. */
  judge(answer: Answer, now: number): Verdict | null;
  /** Advice by reason, where it says more than the common one. */
  advice: Readonly<Record<string, string>>;
}

/** A header's value; the first when there are several. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The body as a JSON object; an empty one when it is anything else. */
export function jsonOf(answer: Answer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(answer.body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

export const rejected = (reason: string): Verdict => ({
  outcome: 'rejected',
  reason,
  retryAfter: null,
  pause: null,
});
export const fault = (reason: string): Verdict => ({
  outcome: 'fault',
  reason,
  retryAfter: null,
  pause: null,
});
export const retry = (
  reason: string,
  retryAfter: number | null = null,
  pause: Verdict['pause'] = null,
): Verdict => ({ outcome: 'retry', reason, retryAfter, pause });
