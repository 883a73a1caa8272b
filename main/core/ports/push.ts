import type { PracticeRoutes } from './rehearsal.ts';

/** The port to the push services; main/push implements it with threads of its own. */

export interface VapidKey {
  id: number;
  /** P-256 point, 65 bytes uncompressed. */
  publicKey: Uint8Array;
  /** P-256 scalar, 32 bytes. */
  privateKey: Uint8Array;
  /** `mailto:` or `https:` contact (RFC 8292, 2.1). */
  subject: string;
  /** Of a practice site: sends to the rehearsal alone, and no other key does. */
  practice?: boolean;
}

export interface PushRequest {
  /** Comes back with the result; `${campaign}:${subscriber}` in practice. */
  ref: { campaign: number; subscriber: number };
  endpoint: string;
  /** The name that `recognise` gave when the endpoint was registered. */
  pushService: string;
  /** 65 bytes, a point on P-256. */
  p256dh: Uint8Array;
  /** 16 bytes. */
  auth: Uint8Array;
  vapidKey: number;
  /** JSON to encrypt, at most 3993 bytes of UTF-8 (RFC 8291). */
  payload: string;
  /** Seconds; clamped to what the push service takes. */
  ttl: number;
  urgency: 'very-low' | 'low' | 'normal' | 'high';
  topic: string | null;
}

/**
 * What an answer means, by the table of the push services:
 * accepted: any 2xx.
 * gone: 404 or 410, the subscription has ended.
 * rejected: refused for this message or subscription alone, never retried (413, wrong key for this subscription).
 * retry: a passing fault or a rate limit.
 * fault: our own fault (wrong key, bad subject, skewed clock): sending to this service must stop.
 */
export type Outcome = 'accepted' | 'gone' | 'rejected' | 'retry' | 'fault';

export interface PushResult {
  ref: PushRequest['ref'];
  pushService: string;
  outcome: Outcome;
  /** HTTP status, null when there was no answer. */
  status: number | null;
  /** A short stable word for grouping, such as `too-many-requests`, `key-mismatch`, `timed-out`. */
  reason: string;
  /** Milliseconds that the push service asked us to wait (Retry-After), when it did. */
  retryAfter: number | null;
  /** Whether a wait is for everything sent to this service, or only for this subscription. */
  pause: 'service' | 'device' | null;
  /** Milliseconds from request to answer. */
  duration: number;
  /** Bytes of the encrypted body. */
  bytes: number;
  /** Milliseconds that the clock here is ahead of the push service's, where its refusal comes from that. */
  clockOff?: number;
}

export type Recognised = { pushService: string } | { refused: string };

export interface Push {
  /**
   * Which push service an endpoint belongs to, or a sentence on why it is refused: not https, another port than
   * 443, credentials in it, a host that is not allowed.
   */
  recognise(endpoint: string): Recognised;
  /** Replaces the hosts that the operator allows beside the built-in ones: `host` or `host:port`. */
  allowHosts(hosts: string[]): void;
  /** Where the rehearsal's push services listen. `recognise` refuses their endpoints all the same: no browser has one. */
  practise(routes: PracticeRoutes): void;
  readonly builtInHosts: string[];
  /** Makes a key known to the senders, or replaces it. */
  setKey(key: VapidKey): void;
  /**
   * Sends every request and resolves when all have a result. `onResults` gets them in small batches as they come,
   * each request exactly once; it never rejects for what a push service does.
   */
  send(requests: PushRequest[], onResults: (results: PushResult[]) => void): Promise<void>;
  /** What to tell an operator about a reason: a sentence on what it means and what to do; null when nothing helps. */
  advice(reason: string, pushService: string): string | null;
  /** A sentence on why a push service may refuse this contact, or null. */
  lintSubject(subject: string): string | null;
  /** Ends the threads; what is still under way is abandoned. */
  close(): Promise<void>;
}
