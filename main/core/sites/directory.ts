import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SiteSettings } from '../../contract/sites.ts';
import { randomName } from '../ids.ts';
import type { Push } from '../ports/push.ts';
import type { SiteChange, SiteRow, Storage, VapidKeyRow } from '../ports/storage.ts';
import type { Clock, Secrets } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';

export const defaultSettings: SiteSettings = {
  visitorTags: [],
  visitorAttributes: [],
  requireSignedExternalId: true,
  workerPath: '/belfry-sw.js',
  frequencyCap: { perDay: null, perWeek: null },
};

/** What a VAPID key pair is made with; web-push in the program. */
export type GenerateKeys = () => { publicKey: Uint8Array; privateKey: Uint8Array };

/** The sites, held in memory: every request of a visitor asks for one, and there are few. */
export class SiteDirectory {
  readonly #storage: Storage;
  readonly #secrets: Secrets;
  readonly #push: Push;
  readonly #clock: Clock;
  readonly #generateKeys: GenerateKeys;
  readonly #byId = new Map<number, SiteRow>();
  readonly #byKey = new Map<string, SiteRow>();

  constructor(parts: {
    storage: Storage;
    secrets: Secrets;
    push: Push;
    clock: Clock;
    generateKeys: GenerateKeys;
  }) {
    this.#storage = parts.storage;
    this.#secrets = parts.secrets;
    this.#push = parts.push;
    this.#clock = parts.clock;
    this.#generateKeys = parts.generateKeys;
  }

  /** Reads all sites and makes their keys known to the senders. @throws when a key cannot be opened */
  async load(): Promise<void> {
    for (const site of await this.#storage.sites.all()) this.#take(site);
  }

  all(): SiteRow[] {
    return [...this.#byId.values()];
  }

  get(id: number): SiteRow | undefined {
    return this.#byId.get(id);
  }

  byKey(key: string): SiteRow | undefined {
    return this.#byKey.get(key);
  }

  async create(wanted: {
    name: string;
    origins: string[];
    subject: string;
    settings?: Partial<SiteSettings> | undefined;
    practice?: boolean;
    /** Milliseconds; now unless given. */
    createdAt?: number;
  }): Promise<SiteRow> {
    const { publicKey, privateKey } = this.#generateKeys();
    const site = await this.#storage.sites.insert({
      key: randomName(),
      name: wanted.name,
      origins: [...new Set(wanted.origins)],
      subject: wanted.subject,
      settings: { ...defaultSettings, ...wanted.settings },
      practice: wanted.practice ?? false,
      identitySecret: this.#secrets.seal(randomBytes(32)),
      vapidKey: { publicKey, privateKey: this.#secrets.seal(privateKey) },
      createdAt: wanted.createdAt ?? this.#clock.now(),
    });
    this.#take(site);
    return site;
  }

  /** @throws Refusal not_found */
  async update(
    id: number,
    change: Omit<SiteChange, 'settings'> & { settings?: Partial<SiteSettings> | undefined },
  ): Promise<SiteRow> {
    const { settings, ...rest } = change;
    const site = await this.#storage.sites.update(id, { ...rest, ...(settings && { settings }) });
    // it may have been removed meanwhile, and must not come back
    if (site === null || !this.#byId.has(id)) throw new Refusal('not_found', 'There is no such site.');
    this.#take(site);
    return site;
  }

  /** A browser asked for the site for the first time. */
  async noteAsked(site: SiteRow): Promise<void> {
    const askedAt = this.#clock.now();
    site.askedAt = askedAt; // at once: many may ask before it is written
    await this.update(site.id, { askedAt });
  }

  async remove(id: number): Promise<void> {
    const site = this.#byId.get(id);
    if (site === undefined) throw new Refusal('not_found', 'There is no such site.');
    this.#byId.delete(id);
    this.#byKey.delete(site.key);
    await this.#storage.sites.remove(id, this.#clock.now());
  }

  /** The secret with which the site's own server signs external ids: 64 hexadecimal digits, used as they are. */
  identitySecret(site: SiteRow): string {
    return Buffer.from(this.#secrets.open(site.identitySecret)).toString('hex');
  }

  async rotateIdentitySecret(site: SiteRow): Promise<string> {
    const changed = await this.update(site.id, { identitySecret: this.#secrets.seal(randomBytes(32)) });
    return this.identitySecret(changed);
  }

  /** Whether `signature` is the hex HMAC-SHA256 of the external id with the site's identity secret. */
  isSigned(site: SiteRow, externalId: string, signature: string): boolean {
    const right = createHmac('sha256', this.identitySecret(site)).update(externalId).digest();
    const given = Buffer.from(signature, 'hex');
    return given.length === right.length && timingSafeEqual(given, right);
  }

  /** Of one of the site's keys; of the current one unless another is named. */
  privateKey(site: SiteRow, key: VapidKeyRow = site.vapidKey): Uint8Array {
    return this.#secrets.open(key.privateKey);
  }

  /** The current one first. */
  keysOf(site: SiteRow): VapidKeyRow[] {
    return [site.vapidKey, ...site.formerKeys];
  }

  /**
   * Adds a key pair, or a fresh one. With `current`, browsers subscribe with it from their next visit on.
   * @throws Refusal conflict when the site has it already, not_found
   */
  async addKey(
    site: SiteRow,
    pair: ReturnType<GenerateKeys> | null,
    current: boolean,
  ): Promise<{ site: SiteRow; key: VapidKeyRow }> {
    const { publicKey, privateKey } = pair ?? this.#generateKeys();
    const same = (key: VapidKeyRow) => Buffer.compare(key.publicKey, publicKey) === 0;
    if (this.keysOf(site).some(same)) throw new Refusal('conflict', 'The site has this key already.');
    const changed = await this.#storage.sites.addKey(
      site.id,
      { publicKey, privateKey: this.#secrets.seal(privateKey), createdAt: this.#clock.now() },
      current,
    );
    const taken = this.#taken(changed);
    const key = this.keysOf(taken).find(same);
    if (key === undefined) throw new Error('the key was not stored');
    return { site: taken, key };
  }

  /** @throws Refusal not_found when the site has no such key */
  async chooseKey(site: SiteRow, key: number): Promise<SiteRow> {
    return this.#taken(await this.#storage.sites.chooseKey(site.id, key));
  }

  /** @throws Refusal conflict when somebody was made with it, or it is the current one */
  async removeKey(site: SiteRow, key: number): Promise<SiteRow> {
    const changed = await this.#storage.sites.removeKey(site.id, key);
    if (changed === null)
      throw new Refusal(
        'conflict',
        'This key is in use: people were made with it, or browsers subscribe with it now.',
      );
    return this.#taken(changed);
  }

  #taken(site: SiteRow | null): SiteRow {
    if (site === null || !this.#byId.has(site.id))
      throw new Refusal('not_found', 'There is no such site or key.');
    this.#take(site);
    return site;
  }

  #take(site: SiteRow) {
    this.#byId.set(site.id, site);
    this.#byKey.set(site.key, site);
    for (const key of this.keysOf(site))
      this.#push.setKey({
        id: key.id,
        publicKey: key.publicKey,
        privateKey: this.privateKey(site, key),
        subject: site.subject,
        practice: site.practice,
      });
  }
}
