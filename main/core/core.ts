import type {
  ClientConfig,
  PromptForPage,
  Report,
  SubscribeAnswer,
  SubscribeRequest,
  UnsubscribeRequest,
} from '../contract/public.ts';
import type { Exporter } from './procedures/exports.ts';
import type { Router } from './procedures/router.ts';

/** Who is calling. Doors make it; procedures check it. */
export type Actor =
  | { kind: 'operator'; door: 'window' | 'browser' }
  | { kind: 'key'; id: number; site: number; scopes: ('read' | 'send' | 'manage')[] };

/** What every procedure is called with. */
export interface CallContext {
  actor: Actor;
  /** Stands for the caller and its Idempotency-Key: a repeat makes no second campaign. */
  requestId?: string;
}

/** What a request of a visitor's browser tells beside its body. */
export interface VisitorRequest {
  origin: string | null;
  userAgent: string | null;
}

/** What strangers may ask. Every method throws a Refusal; none tells more than the endpoint's holder knows. */
export interface Visitors {
  /** What the site asks its visitors with, in a language as a browser names it. @throws Refusal not_found */
  prompt(siteKey: string, language: string): PromptForPage;
  /**
   * The site's configuration for the client script. `from` is given where a page asks: the first one is noted.
   * @throws Refusal not_found
   */
  config(siteKey: string, from?: VisitorRequest): ClientConfig;
  /** Whether a page of this origin may talk to the site (also for CORS). */
  allows(siteKey: string, origin: string): boolean;
  /** Resolves once stored durably. `created` decides between 201 and 200. */
  subscribe(
    siteKey: string,
    request: SubscribeRequest,
    from: VisitorRequest,
  ): Promise<SubscribeAnswer & { created: boolean }>;
  /** Someone left, or their browser lost the subscription. Says nothing of whether there was one. */
  remove(siteKey: string, request: UnsubscribeRequest, from: VisitorRequest): Promise<void>;
  /** Counts what is genuine and lets the rest pass without a word. */
  report(reports: Report[]): Promise<void>;
  /** The key of the site that the landing page is for: the one named, or the first. */
  landingSite(siteKey: string | null): { key: string; name: string } | null;
}

/** Who may enter by the console and API doors. */
export interface Gate {
  /** The operator's token, for the console's address. */
  readonly token: string;
  /** The value of the operator's cookie; another one is worthless. */
  readonly cookie: string;
  /** Null when the secret opens nothing. `keysOnly` leaves out the operator's token. */
  authenticate(secret: string, options?: { keysOnly?: boolean }): Actor | null;
  isCookie(value: string): boolean;
  /** Idempotency-Key: see the storage port. `body` is what was sent, byte for byte. */
  begin(
    actor: Actor,
    idempotencyKey: string,
    request: { method: string; path: string; body: Uint8Array },
  ): Promise<
    | {
        outcome: 'fresh';
        requestId: string;
        finish(answer: { status: number; body: string } | null): Promise<void>;
      }
    | { outcome: 'done'; status: number; body: string }
    | { outcome: 'running' | 'mismatch' }
  >;
}

export interface Core {
  router: Router;
  /** Exports as streams, for doors that can send them. */
  exporter: Pick<Exporter, 'stream'>;
  visitors: Visitors;
  gate: Gate;
  /** Makes a practice site of so many people unless there is one; resolves when it is complete. */
  rehearse(people: number): Promise<void>;
  /** Takes up what an earlier run of the program left: campaigns under way, schedules, retries. */
  start(): Promise<void>;
  /** Stops sending, settles what has an answer, and resolves when nothing is under way any more. */
  stop(): Promise<void>;
}
