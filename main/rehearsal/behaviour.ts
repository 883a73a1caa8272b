import type { Behaviour, ServiceBehaviour, SimulatedService } from '../contract/rehearsal.ts';
import { chance } from './chance.ts';

/** How a request is answered. `accepted` alone reaches the person. */
export const answerKinds = [
  'accepted',
  'gone',
  'missing',
  'tooLarge',
  'limited',
  'failing',
  'garbled',
  'silent',
  'refused',
] as const;
export type AnswerKind = (typeof answerKinds)[number];

export interface Decision {
  kind: AnswerKind;
  /** Milliseconds until the answer. */
  delay: number;
}

const GONE = 2;
const REQUEST = 3;
const LATENCY = 4;

/**
 * Decides on a request. The same seed, person and number of the request (from 1, of those to that person) give the
 * same decision; a subscription that is gone stays so.
 */
export function decide(behaviour: ServiceBehaviour, seed: number, index: number, request: number): Decision {
  return { kind: kindOf(behaviour, seed, index, request), delay: delayOf(behaviour, seed, index, request) };
}

function kindOf(behaviour: ServiceBehaviour, seed: number, index: number, request: number): AnswerKind {
  const { gone, missing } = behaviour;
  const fate = chance(seed, GONE, index);
  if (fate < gone) return 'gone';
  if (fate < gone + missing) return 'missing';
  let left = chance(seed, REQUEST, index, request);
  for (const kind of ['tooLarge', 'limited', 'failing', 'garbled', 'silent'] as const) {
    left -= behaviour[kind];
    if (left < 0) return kind;
  }
  return 'accepted';
}

function delayOf(behaviour: ServiceBehaviour, seed: number, index: number, request: number): number {
  const value = chance(seed, LATENCY, index, request);
  return value < behaviour.slow ? behaviour.slowMs : behaviour.latencyMs * (0.5 + value);
}

/** How a push service's answer looks on the wire. */
export interface Wording {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The answers of one kind in the words of each service. `retryAfter`: seconds. */
export function wordingOf(service: SimulatedService, kind: AnswerKind, retryAfter: number): Wording {
  const wait: Record<string, string> = kind === 'limited' ? { 'retry-after': String(retryAfter) } : {};
  const status = statusOf(service, kind);
  switch (service) {
    case 'fcm':
      return { status, headers: wait, body: status === 201 ? '' : `Simulated: ${kind}` };
    case 'mozilla':
      return {
        status,
        headers: { ...wait, 'content-type': 'application/json' },
        body: status === 201 ? '' : JSON.stringify({ code: status, errno: errnos[kind], message: kind }),
      };
    case 'wns':
      return {
        status,
        headers: { ...wait, 'x-wns-status': kind === 'accepted' ? 'received' : wnsStatus[kind] },
        body: '',
      };
    case 'apple':
      return {
        status,
        headers: { ...wait, 'content-type': 'application/json' },
        body: status === 201 ? '' : JSON.stringify({ reason: appleReasons[kind] }),
      };
  }
}

const statuses: Record<AnswerKind, number> = {
  accepted: 201,
  gone: 410,
  missing: 404,
  tooLarge: 413,
  limited: 429,
  failing: 500,
  garbled: 0,
  silent: 0,
  refused: 403,
};

const statusOf = (service: SimulatedService, kind: AnswerKind) =>
  service === 'wns' && kind === 'limited' ? 406 : statuses[kind];

const errnos: Partial<Record<AnswerKind, number>> = {
  gone: 106,
  missing: 102,
  tooLarge: 104,
  limited: 114,
  failing: 999,
  refused: 109,
};
const wnsStatus: Record<AnswerKind, string> = {
  accepted: 'received',
  gone: 'dropped',
  missing: 'dropped',
  tooLarge: 'dropped',
  limited: 'appthrottled',
  failing: 'dropped',
  garbled: 'dropped',
  silent: 'dropped',
  refused: 'dropped',
};
const appleReasons: Partial<Record<AnswerKind, string>> = {
  gone: 'Unregistered',
  missing: 'Unregistered',
  tooLarge: 'PayloadTooLarge',
  limited: 'TooManyRequests',
  failing: 'InternalServerError',
  refused: 'BadJwtToken',
};

const usual: ServiceBehaviour = {
  gone: 0.004,
  missing: 0,
  tooLarge: 0,
  limited: 0,
  failing: 0.002,
  garbled: 0,
  silent: 0,
  slow: 0.01,
  retryAfter: 2,
  latencyMs: 10,
  slowMs: 400,
};
/** What the services do until the operator says otherwise: nearly always the right thing. */
export const usualBehaviour: Behaviour = { fcm: usual, mozilla: usual, wns: usual, apple: usual };
