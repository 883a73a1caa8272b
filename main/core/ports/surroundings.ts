/** What the core is given of the world, so that tests can give it another. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Random {
  /** 0 ≤ value < 1 */
  fraction(): number;
}

/** A structured log. Never hand it an endpoint, a key, a token or a body. */
export interface Logger {
  info(data: Record<string, unknown>, message: string): void;
  warn(data: Record<string, unknown>, message: string): void;
  error(data: Record<string, unknown>, message: string): void;
}

/**
 * Seals secrets (VAPID private keys, identity secrets) before they are stored. `warning` is a sentence for the
 * operator when the system has no key store and a key file stands in.
 */
export interface Secrets {
  readonly kind: string;
  readonly warning: string | null;
  seal(secret: Uint8Array): Uint8Array;
  /** @throws when the sealed bytes were made with another key or were changed */
  open(sealed: Uint8Array): Uint8Array;
}
