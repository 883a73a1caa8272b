import type { ServiceBehaviour, SimulatedService } from '../../main/contract/rehearsal.ts';
import { formatDuration, formatNumber } from '../parts/format.ts';

export const services: [SimulatedService, string][] = [
  ['fcm', 'Google'],
  ['mozilla', 'Mozilla'],
  ['wns', 'Microsoft'],
  ['apple', 'Apple'],
];

/** A share of 1 as a percentage with at most two decimals: 0.004 → 0.4. */
export const percentOf = (share: number) => Math.round(share * 10_000) / 100;

/** How a simulated push service behaves, in a sentence. */
export function behaviourWords(behaviour: ServiceBehaviour): string {
  const { gone, missing, tooLarge, limited, failing, garbled, silent } = behaviour;
  const { slow, slowMs, retryAfter, latencyMs } = behaviour;
  const ended = gone + missing;
  const parts = [
    ended > 0 && `${percentOf(ended)} in 100 people are gone`,
    limited > 0 && `${percentOf(limited)} in 100 requests are told to wait ${formatDuration(retryAfter)}`,
    failing > 0 && `${percentOf(failing)} in 100 fail on its side`,
    tooLarge > 0 && `${percentOf(tooLarge)} in 100 are called too large`,
    garbled > 0 && `${percentOf(garbled)} in 100 get an answer that makes no sense`,
    silent > 0 && `${percentOf(silent)} in 100 are never answered`,
    slow > 0 && `${percentOf(slow)} in 100 answers take ${formatNumber(slowMs)} ms`,
    `the others are taken after about ${formatNumber(latencyMs)} ms`,
  ].filter((part) => part !== false);
  const sentence = parts.join(', ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

const calm: ServiceBehaviour = {
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

/** Days that a push service may have, ready to be tried. */
export const days: { name: string; behaviour: ServiceBehaviour }[] = [
  { name: 'An ordinary day', behaviour: calm },
  {
    name: 'A rough day',
    behaviour: { ...calm, gone: 0.05, limited: 0.1, failing: 0.1, garbled: 0.02, silent: 0.005, slow: 0.2 },
  },
  { name: 'It is down', behaviour: { ...calm, failing: 1, slow: 0 } },
  { name: 'It says most are gone', behaviour: { ...calm, gone: 0.7 } },
];
