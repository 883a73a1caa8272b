import type { PushPayload } from '../contract/public.ts';
import {
  type Behaviour,
  type RehearsalTotals,
  type SimulatedService,
  simulatedServices,
} from '../contract/rehearsal.ts';
import { type AnswerKind, answerKinds } from './behaviour.ts';
import { Dice } from './chance.ts';
import { createDecryptor } from './decryption.ts';
import { Identities, type Subscription } from './identities.ts';
import { type Person, personOf, sleepsOn } from './people.ts';
import { played, reactionOf } from './reactions.ts';
import { type MessageCount, Received } from './received.ts';
import { Reporter } from './reporter.ts';
import { SimulatedServices } from './services.ts';
import { TokenCheck } from './tokens.ts';
import { Wheel } from './wheel.ts';

export interface WorldOptions {
  seed: number;
  people: number;
  siteKey: string;
  siteOrigin: string;
  /** What the subscriptions were made with; null: any key will do. */
  vapidPublicKey: Uint8Array | null;
  /** Origin of Belfry's public listener; null: nobody reports anything. */
  reportTo: string | null;
  behaviour: Behaviour;
  /**
   * The origins in the endpoints, when those are not where the services listen. Null: they are, over TLS with this
   * key and certificate (PEM).
   */
  origins: Readonly<Record<SimulatedService, string>> | { key: string; cert: string };
}

const REACTION = 5;
/** Bytes that the log of what was received may take. */
const logSize = 100_000_000;

/** Simulated push services, and the people behind the subscriptions at them. */
export class World {
  readonly identities: Identities;
  /** Where the services listen, by service. */
  readonly listening: Readonly<Record<SimulatedService, string>>;
  readonly #options: WorldOptions;
  readonly #services: SimulatedServices;
  readonly #received: Received;
  readonly #reporter: Reporter | null;
  readonly #wheel = new Wheel();
  readonly #decrypt = createDecryptor();
  readonly #totals = { received: 0, duplicates: 0, decrypted: 0, undecryptable: 0 };
  readonly #told = { shown: 0, clicked: 0, closed: 0, left: 0 };

  private constructor(
    options: WorldOptions,
    identities: Identities,
    services: SimulatedServices,
    listening: Record<SimulatedService, string>,
  ) {
    this.#options = options;
    this.identities = identities;
    this.#services = services;
    this.listening = listening;
    this.#received = new Received(options.people, Math.min(50, Math.ceil(logSize / (5 * options.people))));
    this.#reporter = options.reportTo === null ? null : new Reporter(options.reportTo);
  }

  /** Starts the services, each on a free port of loopback. */
  static async open(options: WorldOptions): Promise<World> {
    const { seed, people, behaviour, origins } = options;
    const tls = 'key' in origins ? origins : null;
    // over TLS the endpoints are where the services listen, which is known once they do
    const audiences: Record<SimulatedService, string> =
      'key' in origins ? { fcm: '', mozilla: '', wns: '', apple: '' } : { ...origins };
    const identities = new Identities(seed, people, audiences);
    const tokens = new TokenCheck(options.vapidPublicKey);
    const services = new SimulatedServices(
      {
        seed,
        people,
        identities,
        tokens,
        audiences,
        behaviour,
        deliver: (...delivery) => world.#deliver(...delivery),
      },
      tls,
    );
    const ports = await services.listen();
    const entries = simulatedServices.map((service) => [
      service,
      tls ? `https://localhost:${ports[service]}` : `http://127.0.0.1:${ports[service]}`,
    ]);
    const listening = Object.fromEntries(entries) as Record<SimulatedService, string>;
    if (tls) Object.assign(audiences, listening);
    const world = new World(options, identities, services, listening);
    return world;
  }

  person(index: number): Person {
    return personOf(this.#options.seed, index, this.#options.siteOrigin);
  }

  /** The browser's subscription of a person. */
  subscription(index: number): Subscription {
    return this.identities.subscription(index, this.person(index).browser.service);
  }

  setBehaviour(behaviour: Behaviour): void {
    this.#services.behaviour = behaviour;
  }

  totals(): RehearsalTotals {
    const answers = Object.fromEntries(
      simulatedServices.map((service) => [service, this.#services.answers(service)]),
    ) as Record<SimulatedService, Record<string, number>>;
    const of = (kind: AnswerKind) =>
      simulatedServices.reduce((sum, service) => sum + (answers[service][kind] ?? 0), 0);
    return {
      requests: this.#services.requests,
      answers,
      ...this.#totals,
      refused: answerKinds.filter((kind) => kind !== 'accepted').reduce((sum, kind) => sum + of(kind), 0),
      ...this.#told,
      waiting: this.#wheel.waiting + (this.#reporter?.waiting ?? 0),
      lost: this.#reporter?.lost ?? 0,
    };
  }

  /** The log: what was received of each message. */
  messages(): MessageCount[] {
    return this.#received.counts();
  }

  /** How often each person received the messages of a title. */
  timesOf(title: string): Uint8Array<ArrayBuffer> {
    return this.#received.timesOf(title);
  }

  async close(): Promise<void> {
    this.#wheel.close();
    this.#reporter?.close();
    await this.#services.close();
  }

  #deliver(index: number, service: SimulatedService, body: Buffer, ttl: number): void {
    let text: string;
    let payload: PushPayload;
    try {
      text = this.#decrypt(body, this.identities.secrets(index));
      payload = JSON.parse(text);
    } catch {
      this.#totals.undecryptable++;
      return;
    }
    this.#totals.decrypted++;
    const { notification } = payload;
    const token = notification.data?.belfry.token ?? '';
    const content = token === '' ? text : text.replaceAll(token, '');
    const { message, again } = this.#received.note(index, token, notification.title, content);
    if (again) {
      this.#totals.duplicates++;
      return;
    }
    this.#totals.received++;
    if (this.#reporter !== null) this.#react(index, service, token, notification, message, ttl);
  }

  #react(
    index: number,
    service: SimulatedService,
    token: string,
    notification: PushPayload['notification'],
    message: number,
    ttl: number,
  ): void {
    const person = this.person(index);
    const actions = notification.actions?.map(({ action }) => action) ?? [];
    const dice = new Dice(this.#options.seed, index, message, REACTION);
    const now = Date.now();
    const asleep = sleepsOn(person, now);
    const reaction = reactionOf(person, actions, 1, dice, asleep, ttl * 1000);
    const tell = (type: 'shown' | 'clicked' | 'closed', after: number | null, action?: string) => {
      if (after === null) return;
      this.#wheel.after(played(after), () => {
        this.#told[type]++;
        this.#reporter?.report({ token, type, at: Date.now(), ...(action && { action }) });
      });
    };
    tell('shown', reaction.shown);
    if (reaction.clicked) tell('clicked', reaction.clicked.after, reaction.clicked.action);
    tell('closed', reaction.closed);
    if (reaction.left !== null)
      this.#wheel.after(played(reaction.left), () => {
        if (this.#services.hasLeft(index)) return;
        this.#told.left++;
        this.#services.leave(index);
        this.#reporter?.leave(this.#options.siteKey, this.identities.endpoint(index, service));
      });
  }
}
