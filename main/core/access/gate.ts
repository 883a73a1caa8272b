import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Actor, Gate } from '../core.ts';
import type { ApiKeyRow, Storage } from '../ports/storage.ts';
import type { Clock, Logger, Secrets } from '../ports/surroundings.ts';

/** The last use of a key is written at most this often, in milliseconds. */
const TOUCH_EVERY = 10_000;
const TOKEN_SETTING = 'console_token';

interface Parts {
  storage: Storage;
  secrets: Secrets;
  clock: Clock;
  log: Logger;
}

/** The operator's token and the API keys of the sites. */
export class AccessGate implements Gate {
  readonly token: string;
  readonly cookie: string;
  readonly #parts: Parts;
  #keys: ApiKeyRow[];
  readonly #used = new Map<number, number>();
  /** The requests with an Idempotency-Key that are being worked on. */
  readonly #running = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  private constructor(parts: Parts, token: string, keys: ApiKeyRow[]) {
    this.#parts = parts;
    this.token = token;
    // follows from the token: it outlives a restart and ends when the token is changed
    this.cookie = createHmac('sha256', token).update('cookie').digest('base64url');
    this.#keys = keys;
  }

  /** The operator's token is made once and kept sealed, so that a bookmark of the console's address stays good. */
  static async open(parts: Parts): Promise<AccessGate> {
    const { storage, secrets } = parts;
    const stored = await storage.access.setting(TOKEN_SETTING);
    const token =
      stored === null
        ? randomBytes(24).toString('base64url')
        : Buffer.from(secrets.open(Buffer.from(stored, 'base64'))).toString();
    if (stored === null)
      await storage.access.setSetting(
        TOKEN_SETTING,
        Buffer.from(secrets.seal(Buffer.from(token))).toString('base64'),
      );
    return new AccessGate(parts, token, await storage.access.apiKeys());
  }

  authenticate(secret: string, options: { keysOnly?: boolean } = {}): Actor | null {
    if (!options.keysOnly && same(secret, this.token)) return { kind: 'operator', door: 'browser' };
    const hash = hashOf(secret);
    const key = this.#keys.find((one) => one.revokedAt === null && timingSafeEqual(one.hash, hash));
    if (key === undefined) return null;
    this.#touch(key);
    return { kind: 'key', id: key.id, site: key.site, scopes: key.scopes };
  }

  isCookie(value: string): boolean {
    return same(value, this.cookie);
  }

  async begin(
    actor: Actor,
    idempotencyKey: string,
    request: { method: string; path: string; body: Uint8Array },
  ) {
    const { storage, clock } = this.#parts;
    const caller = actor.kind === 'key' ? `key ${actor.id}` : 'operator';
    const key = hashOf(`${caller}\0${idempotencyKey}`).toString('base64url');
    const hash = createHash('sha256')
      .update(`${request.method} ${request.path}\0`)
      .update(request.body)
      .digest();
    if (this.#running.has(key)) return { outcome: 'running' as const };
    this.#running.add(key);
    const begun = await storage.access.beginRequest({ key, hash, at: clock.now() }).catch((error) => {
      this.#running.delete(key);
      throw error;
    });
    // one that the database takes for running and that is not: its end could not be written
    if (begun.outcome === 'done' || begun.outcome === 'mismatch') {
      this.#running.delete(key);
      return begun.outcome === 'done' ? { ...begun, body: this.#unsealed(begun.body) } : begun;
    }
    return {
      outcome: 'fresh' as const,
      // with the body in it: after the 24 hours the same key stands for another request
      requestId: hashOf(`${key}${hash.toString('base64url')}`).toString('base64url'),
      // sealed: an answer may hold a secret, such as a new API key
      finish: (answer: { status: number; body: string } | null) =>
        storage.access
          .finishRequest(key, answer && { ...answer, body: this.#sealed(answer.body) })
          .finally(() => this.#running.delete(key)),
    };
  }

  keys(): ApiKeyRow[] {
    return this.#keys.map((key) => ({ ...key, lastUsedAt: this.#used.get(key.id) ?? key.lastUsedAt }));
  }

  /** @returns the key with its secret, which is kept nowhere */
  async createKey(
    site: number,
    name: string,
    scopes: ApiKeyRow['scopes'],
  ): Promise<ApiKeyRow & { secret: string }> {
    const secret = `bfy_${randomBytes(24).toString('base64url')}`;
    const key = await this.#parts.storage.access.insertApiKey({
      site,
      name,
      scopes: [...new Set(scopes)],
      hash: hashOf(secret),
      hint: secret.slice(0, 8),
      createdAt: this.#parts.clock.now(),
    });
    this.#keys = [key, ...this.#keys];
    return { ...key, secret };
  }

  async revokeKey(id: number): Promise<ApiKeyRow | null> {
    const key = await this.#parts.storage.access.revokeApiKey(id, this.#parts.clock.now());
    if (key !== null) this.#keys = this.#keys.map((one) => (one.id === id ? key : one));
    return key;
  }

  /** The site is gone, and its keys with it. */
  forgetSite(site: number): void {
    this.#keys = this.#keys.filter((key) => key.site !== site);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#flush();
  }

  #sealed(text: string): string {
    return Buffer.from(this.#parts.secrets.seal(Buffer.from(text))).toString('base64');
  }

  #unsealed(sealed: string): string {
    return Buffer.from(this.#parts.secrets.open(Buffer.from(sealed, 'base64'))).toString();
  }

  #touch(key: ApiKeyRow) {
    this.#used.set(key.id, this.#parts.clock.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush().catch((error) =>
        this.#parts.log.warn({ error: String(error) }, 'The last use of keys was not written'),
      );
    }, TOUCH_EVERY).unref();
  }

  async #flush() {
    const used = [...this.#used].map(([id, at]) => ({ id, at }));
    if (used.length > 0) await this.#parts.storage.access.touchApiKeys(used);
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest();
const same = (a: string, b: string) => timingSafeEqual(hashOf(a), hashOf(b));
