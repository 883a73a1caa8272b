import { randomBytes } from 'node:crypto';

/** A message that the push service took from an application server. */
export interface PushMessage {
  id: string;
  /** The path's last part: names the subscription. */
  token: string;
  body: Buffer;
  /** Seconds. */
  ttl: number;
  topic: string | null;
  urgency: string;
  /** Milliseconds since the epoch. */
  acceptedAt: number;
}

/** What a browser told about a message; a decryption failure is only ever told by Firefox. */
export interface Acknowledgement {
  id: string;
  outcome: 'received' | 'shown' | 'undecryptable' | 'failed';
}

export interface Subscription {
  token: string;
  /** The application server's P-256 key, base64url, that the subscription is bound to; null: any sender. */
  applicationServerKey: string | null;
  gone: boolean;
  deliver(message: PushMessage): void;
}

/** The subscriptions of one push service, whichever way their browsers are connected. */
export class Subscriptions {
  readonly acknowledgements: Acknowledgement[] = [];
  readonly #byToken = new Map<string, Subscription>();

  add(
    applicationServerKey: string | null,
    deliver: Subscription['deliver'],
    token = randomBytes(24).toString('base64url'),
  ): Subscription {
    const subscription = { token, applicationServerKey, gone: false, deliver };
    this.#byToken.set(token, subscription);
    return subscription;
  }

  get(token: string): Subscription | undefined {
    return this.#byToken.get(token);
  }

  /** From now on the endpoint answers 410. */
  remove(token: string): void {
    const subscription = this.#byToken.get(token);
    if (subscription) subscription.gone = true;
  }
}

/** Messages kept for a browser until it has acknowledged them: RFC 8030, 5.2 (TTL) and 5.4 (Topic). */
export class Mailbox {
  #messages: PushMessage[] = [];

  /** A message with a TTL of 0 is for a browser that is there now: it is not kept. */
  keep(message: PushMessage): void {
    const replaced = (other: PushMessage) =>
      message.topic !== null && other.topic === message.topic && other.token === message.token;
    this.#messages = this.#messages.filter((other) => !replaced(other));
    if (message.ttl > 0) this.#messages.push(message);
  }

  acknowledge(id: string): void {
    this.#messages = this.#messages.filter((message) => message.id !== id);
  }

  waiting(now = Date.now()): PushMessage[] {
    return this.#messages.filter((message) => message.acceptedAt + message.ttl * 1000 > now);
  }
}
