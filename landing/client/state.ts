/** The checks on the way to a subscription, in the order in which they are walked. */
export const stepNames = [
  'secure',
  'workers',
  'push',
  'installed',
  'running',
  'permission',
  'subscribe',
  'send',
] as const;
export type StepName = (typeof stepNames)[number];

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
