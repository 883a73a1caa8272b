/*
 * The types of belfry.mjs, for sites that keep a copy of both. Written by hand, and checked against the sources by
 * test/unit/client-types.test.ts.
 */

/** The checks on the way to a subscription, in the order in which they are walked. */
export type StepName =
  | 'secure'
  | 'workers'
  | 'push'
  | 'installed'
  | 'running'
  | 'permission'
  | 'subscribe'
  | 'send';

export interface Step {
  readonly name: StepName;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
}

export type FailureCode =
  | 'not_set_up'
  | 'insecure_origin'
  | 'workers_unsupported'
  | 'push_unsupported'
  | 'ios_home_screen'
  | 'storage_blocked'
  | 'worker_not_installed'
  | 'worker_not_running'
  | 'permission_denied'
  | 'permission_dismissed'
  | 'permission_withdrawn'
  | 'private_window'
  | 'push_service_refused'
  | 'subscription_lost'
  | 'server_refused'
  | 'server_unreachable'
  | 'unexpected';

export interface Failure {
  /** The check that failed. */
  readonly step: StepName;
  readonly code: FailureCode;
  /** What happened, as a sentence for the visitor. */
  readonly message: string;
  /** What the visitor can do about it. */
  readonly advice: string;
}

/**
 * - `checking`: finding out, after the page loaded
 * - `unavailable`: this browser cannot subscribe until the visitor changes something; see `failure`
 * - `unsubscribed`: ready to subscribe
 * - `subscribing`, `leaving`: under way
 * - `subscribed`: the server knows this browser
 * - `kept`: this browser is subscribed and the server will be told as soon as it can be reached
 * - `failed`: the last attempt did not work and may be repeated; see `failure`
 */
export type Status =
  | 'checking'
  | 'unavailable'
  | 'unsubscribed'
  | 'subscribing'
  | 'leaving'
  | 'subscribed'
  | 'kept'
  | 'failed';

export interface State {
  readonly status: Status;
  readonly steps: readonly Step[];
  readonly failure: Failure | null;
}

/** What a page tells of its site and its visitor. */
export interface Options {
  /** The site's key, as the console shows it. */
  site: string;
  /** Origin of Belfry's public address; where the script came from when left out. */
  server?: string;
  /** Where the site serves the service worker; as set in the console when left out. */
  workerPath?: string;
  /** The site's own id of the person, signed by its server. */
  externalId?: string | undefined;
  /** HMAC-SHA256 of the external id with the site's identity secret, as 64 hexadecimal digits. */
  externalIdSignature?: string | undefined;
  /** Merged into those of before; only those that the site lets visitors set are kept. */
  attributes?: Record<string, string | number | boolean | string[]> | undefined;
  /** Added to those of before; only those that the site lets visitors set are kept. */
  tags?: string[] | undefined;
  /** A BCP 47 language tag; of the prompts, too. The page's, or the browser's, when left out. */
  language?: string | undefined;
  /** What the person consented to. */
  consent?: { version: string } | undefined;
}

/** What a page can ask. Every promise resolves to where one stands then, and none rejects. */
export interface Belfry {
  /** Begins, and again with other options after a login. Asks for nothing. */
  init(options: Options): Promise<State>;
  /** Subscribes this browser. Call it from a click: the browser may ask for permission. */
  subscribe(): Promise<State>;
  /** Leaves: in the browser at once, and on the server as soon as it answers. */
  unsubscribe(): Promise<State>;
  /**
   * Shows the site's prompt, in another form if `kind` names one; to a subscriber what they can change. Resolves once
   * it was put away, or at once when it cannot be loaded.
   */
  ask(kind?: 'bell' | 'banner' | 'panel'): Promise<State>;
  state(): State;
  /** Calls `listener` after every change. @returns what ends it */
  on(event: 'state', listener: (state: State) => void): () => void;
}

export declare const belfry: Belfry;
