import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { Campaign, CampaignDetail, Delivery } from '../../../main/contract/campaigns.ts';
import type { Problem } from '../../../main/contract/errors.ts';
import type { SubscribeAnswer } from '../../../main/contract/public.ts';
import type { Site } from '../../../main/contract/sites.ts';
import type { Subscriber } from '../../../main/contract/subscribers.ts';
import { parseOptions } from '../../../main/options.ts';
import { type Program, type Surroundings, startProgram } from '../../../main/program.ts';
import { openKeyFile } from '../../../main/storage/key-file.ts';
import type { Certificates } from '../certificates.ts';
import type { PushService } from '../push-service/push-service.ts';
import type { SimulatedBrowser } from '../push-service/simulated-browser.ts';

export const siteOrigin = 'https://www.example.org';

export interface Answer<Body = unknown> {
  status: number;
  body: Body;
  headers: Headers;
}

/** A Belfry inside the test's own process: the real program, spoken to over its real listeners. */
export class Belfry {
  readonly data: string;
  /** Every line that it logged. */
  readonly log: string[] = [];
  readonly #args: string[];
  readonly #keeps: boolean;
  readonly #surroundings: Pick<Surroundings, 'clock' | 'answerTimeout'>;
  #program: Program | null = null;
  #threads: Worker[] = [];
  readonly #note = (thread: Worker) => void this.#threads.push(thread);
  #visitors = 0;

  private constructor(
    data: string,
    args: string[],
    keeps: boolean,
    surroundings: Pick<Surroundings, 'clock' | 'answerTimeout'>,
  ) {
    this.#surroundings = surroundings;
    this.data = data;
    this.#args = args;
    this.#keeps = keeps;
  }

  /**
   * @param options.service the push service that it may send to, with the certificates that this one has
   * @param options.data a folder that is kept at the end; else one is made, and deleted
   * @param options.clock what it goes by; else the system's
   */
  static async start(
    options: {
      service?: PushService;
      certificates?: Certificates;
      args?: string[];
      data?: string;
      /** Reach every push service by its real name: endpoints lead to `service` through its proxy. */
      proxied?: boolean;
    } & Pick<Surroundings, 'clock' | 'answerTimeout'> = {},
  ): Promise<Belfry> {
    const { service, certificates, args = [] } = options;
    const data = options.data ?? (await mkdtemp(join(tmpdir(), 'belfry-core-')));
    if (certificates) process.env['NODE_EXTRA_CA_CERTS'] = certificates.authorityFile;
    for (const name of ['HTTPS_PROXY', 'https_proxy']) delete process.env[name];
    if (options.proxied && service) process.env['HTTPS_PROXY'] = service.environment.HTTPS_PROXY;
    const belfry = new Belfry(
      data,
      [
        ...['--data', data, '--public-port', '0', '--console-port', '0', '--api-port', '0'],
        // lets a test be many visitors, each with an address of its own
        ...['--trust-proxy', '127.0.0.1'],
        ...(service ? ['--allow-push-host', service.host] : []),
        ...args,
      ],
      options.data !== undefined,
      options,
    );
    await belfry.launch();
    return belfry;
  }

  async launch(): Promise<void> {
    const options = parseOptions(this.#args, {});
    const { clock, answerTimeout } = this.#surroundings;
    if (options === 'help') throw new Error('help was asked for');
    const write = (data: Record<string, unknown>, message: string) =>
      void this.log.push(JSON.stringify({ ...data, message }));
    process.on('worker', this.#note);
    try {
      this.#program = await startProgram(options, {
        secrets: openKeyFile(this.data),
        log: { info: write, warn: write, error: write },
        version: '0.0.0-test',
        ...(clock && { clock }),
        ...(answerTimeout && { answerTimeout }),
      });
    } catch (error) {
      process.off('worker', this.#note);
      throw error;
    }
  }

  get program(): Program {
    if (this.#program === null) throw new Error('Belfry is not running');
    return this.#program;
  }

  /** The thread that writes to the database. */
  get writerThread(): Worker {
    return this.thread('writer');
  }

  /** The latest thread of this name: `writer`, `reader 0`, `reader 1`, `sender`. */
  thread(name: string): Worker {
    const found = this.#threads.findLast(({ threadName }) => threadName === name);
    if (found === undefined) throw new Error(`there is no thread “${name}”`);
    return found;
  }

  async stop(): Promise<void> {
    await this.#program?.close();
    process.off('worker', this.#note);
    this.#program = null;
    this.#threads = [];
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.launch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (!this.#keeps) await rm(this.data, { recursive: true, force: true });
  }

  /** Calls the REST API as the operator, or with an API key (`key`). `path` begins after /api/v1. */
  async call<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    key?: string,
  ): Promise<Answer<Body>> {
    const response = await fetch(new URL(`/api/v1${path}`, this.program.addresses.console ?? ''), {
      method,
      headers: {
        authorization: `Bearer ${key ?? this.program.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return read<Body>(response);
  }

  /** The same, for what must succeed. @throws with the problem's words on any answer but a 2xx */
  async api<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer.body as Body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** Posts to the public listener as a page of the site does; every call comes from another address. */
  async visit<Body = unknown>(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const n = ++this.#visitors;
    const response = await fetch(new URL(path, this.program.addresses.public), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: siteOrigin,
        'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
        ...headers,
      },
      body: JSON.stringify(body),
    });
    return read<Body>(response);
  }

  makeSite(more: object = {}): Promise<Site> {
    return this.api('POST', '/sites', {
      name: 'The Lantern',
      origins: [siteOrigin],
      subject: 'mailto:tests@example.org',
      ...more,
    });
  }

  /** What the client script posts: a first subscription unless `more` says otherwise. */
  subscribe(site: Site, { subscription }: SimulatedBrowser, more: object = {}, headers = {}) {
    const body = { subscription, intent: 'subscribe', ...more };
    return this.visit<SubscribeAnswer & Problem>(`/v1/sites/${site.key}/subscriptions`, body, headers);
  }

  leave(site: Site, { subscription }: SimulatedBrowser) {
    return this.visit(`/v1/sites/${site.key}/subscriptions/remove`, { endpoint: subscription.endpoint });
  }

  /** New people, subscribed through the API, in the order in which they are given back. */
  async people(site: Site, service: PushService, count: number) {
    const people: { id: string; browser: SimulatedBrowser }[] = [];
    for (let i = 0; i < count; i++) {
      const browser = service.subscribe(site.vapidPublicKey);
      const { id } = await this.api<Subscriber>('POST', '/subscribers', {
        site: site.id,
        subscription: browser.subscription,
      });
      people.push({ id, browser });
    }
    return people;
  }

  subscriber(id: string): Promise<Subscriber> {
    return this.api('GET', `/subscribers/${id}`);
  }

  async identitySecret(site: Site): Promise<string> {
    return (await this.api<{ secret: string }>('GET', `/sites/${site.id}/identity-secret`)).secret;
  }

  send(site: Site, more: object = {}): Promise<Campaign> {
    return this.api('POST', '/campaigns', {
      site: site.id,
      message: { title: 'The bell rings' },
      audience: { everyone: true },
      ...more,
    });
  }

  campaign(id: string): Promise<CampaignDetail> {
    return this.api('GET', `/campaigns/${id}`);
  }

  async deliveries(id: string): Promise<Delivery[]> {
    return (await this.api<{ items: Delivery[] }>('GET', `/campaigns/${id}/deliveries?limit=500`)).items;
  }

  /** Waits until a campaign is as wanted. @throws with what it was last when that takes longer than `seconds` */
  async until(
    id: string,
    wanted: Campaign['state'] | ((campaign: CampaignDetail) => boolean),
    seconds = 40,
  ): Promise<CampaignDetail> {
    const fits = typeof wanted === 'function' ? wanted : ({ state }: Campaign) => state === wanted;
    for (const end = Date.now() + seconds * 1000; ; ) {
      const campaign = await this.campaign(id);
      if (fits(campaign)) return campaign;
      if (Date.now() > end)
        throw new Error(
          `Waited in vain; last: ${JSON.stringify(campaign)} ${JSON.stringify((await this.deliveries(id)).slice(0, 5))}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** The signature of an external id as the site's own server makes it. */
export const sign = (secret: string, externalId: string) =>
  createHmac('sha256', secret).update(externalId).digest('hex');

/** Waits until something is so, without a fixed delay. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>, seconds = 40) {
  for (const end = Date.now() + seconds * 1000; !(await isSo()); ) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function read<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as Body,
  };
}
