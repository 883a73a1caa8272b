import type { Actor, Gate } from '../core/core.ts';
import { Refusal } from '../core/refusal.ts';

export interface Answer {
  status: number;
  body: string;
}

/**
 * Does a request once. A repeat with the same Idempotency-Key and body gets the first answer again; 5xx answers
 * are forgotten, so that a repeat tries anew.
 * @param work gets the id that stands for the caller and the key
 * @throws Refusal invalid_input (the key itself), request_in_progress, idempotency_mismatch
 */
export async function once(
  gate: Gate,
  actor: Actor,
  key: string,
  request: { method: string; path: string; body: Uint8Array },
  work: (requestId: string) => Promise<Answer>,
): Promise<Answer & { replayed: boolean }> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Refusal(
      'invalid_input',
      'Idempotency-Key takes 1 to 255 visible ASCII characters, without spaces.',
    );
  }
  const begun = await gate.begin(actor, key, request);
  switch (begun.outcome) {
    case 'done':
      return { status: begun.status, body: begun.body, replayed: true };
    case 'running':
      throw new Refusal(
        'request_in_progress',
        'The first request with this Idempotency-Key has no answer yet. Repeat it in a moment.',
      );
    case 'mismatch':
      throw new Refusal(
        'idempotency_mismatch',
        'Use a new Idempotency-Key: this one belongs to a request with another address or body.',
      );
    case 'fresh': {
      let answer: Answer | null = null;
      try {
        answer = await work(begun.requestId);
      } finally {
        await begun.finish(answer !== null && answer.status < 500 ? answer : null);
      }
      return { ...answer, replayed: false };
    }
  }
}
