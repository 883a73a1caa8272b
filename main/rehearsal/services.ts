import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Behaviour, type SimulatedService, simulatedServices } from '../contract/rehearsal.ts';
import { type AnswerKind, decide, wordingOf } from './behaviour.ts';
import type { Identities } from './identities.ts';
import type { TokenCheck } from './tokens.ts';

export interface ServicesOptions {
  seed: number;
  people: number;
  identities: Identities;
  tokens: TokenCheck;
  /** The origins in the endpoints, for which tokens must be made. */
  audiences: Readonly<Record<SimulatedService, string>>;
  behaviour: Behaviour;
  /** A message was taken for a person; called before the service answers. */
  deliver(index: number, service: SimulatedService, body: Buffer, ttl: number): void;
}

/** The largest body that every push service takes (RFC 8030, 7.2). */
const largestBody = 4096;

/**
 * Push services as application servers meet them (RFC 8030 with RFC 8292), one listener for each, so that a slow
 * one is as far from the others as in the world.
 */
export class SimulatedServices {
  readonly #options: ServicesOptions;
  readonly #servers: { service: SimulatedService; server: Server }[];
  readonly #requests: Uint16Array;
  readonly #left: Uint8Array;
  readonly #answers = new Map<SimulatedService, Map<AnswerKind, number>>();
  #behaviour: Behaviour;
  requests = 0;

  /** @param tls key and certificate in PEM; without them it speaks plain HTTP */
  constructor(options: ServicesOptions, tls: { key: string; cert: string } | null) {
    this.#options = options;
    this.#behaviour = options.behaviour;
    this.#requests = new Uint16Array(options.people);
    this.#left = new Uint8Array(options.people);
    this.#servers = simulatedServices.map((service) => {
      const listener = (request: IncomingMessage, response: ServerResponse) =>
        this.#take(service, request, response);
      const server = tls ? createTlsServer(tls, listener) : createServer(listener);
      server.keepAliveTimeout = 60_000;
      server.requestTimeout = 0;
      return { service, server };
    });
  }

  /** Listens on loopback, each on a free port. @returns the ports */
  async listen(): Promise<Record<SimulatedService, number>> {
    const entries = await Promise.all(
      this.#servers.map(
        ({ service, server }) =>
          new Promise<[SimulatedService, number]>((resolve, reject) => {
            server.once('error', reject);
            server.listen(0, '127.0.0.1', () => resolve([service, (server.address() as AddressInfo).port]));
          }),
      ),
    );
    return Object.fromEntries(entries) as Record<SimulatedService, number>;
  }

  set behaviour(behaviour: Behaviour) {
    this.#behaviour = behaviour;
  }

  /** The person's browser unsubscribed: from now on their endpoint answers 410. */
  leave(index: number): void {
    this.#left[index] = 1;
  }

  hasLeft(index: number): boolean {
    return this.#left[index] === 1;
  }

  answers(service: SimulatedService): Partial<Record<AnswerKind, number>> {
    return Object.fromEntries(this.#answers.get(service) ?? []);
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(({ server }) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closed;
      }),
    );
  }

  #take(service: SimulatedService, request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= largestBody) parts.push(part);
    });
    request.on('end', () => {
      this.requests++;
      const index = this.#options.identities.indexOf(service, request.url ?? '');
      const body = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      const { kind, delay } =
        index === null
          ? { kind: 'missing' as const, delay: 0 }
          : this.#decide(service, index, request, size > largestBody);
      if (index !== null && kind === 'accepted')
        this.#options.deliver(index, service, body, Number(request.headers['ttl']));
      this.#count(service, kind);
      if (delay < 1) this.#answer(service, kind, request, response);
      else setTimeout(() => this.#answer(service, kind, request, response), delay);
    });
    request.on('error', () => {});
  }

  #decide(service: SimulatedService, index: number, request: IncomingMessage, tooLarge: boolean) {
    const number = ((this.#requests[index] ?? 0) + 1) & 0xffff;
    this.#requests[index] = number;
    const decision = decide(this.#behaviour[service], this.#options.seed, index, number);
    if (this.#left[index] === 1) return { ...decision, kind: 'gone' as const };
    const { authorization, 'content-encoding': encoding } = request.headers;
    const ttl = request.headers['ttl'];
    const fault = this.#options.tokens.fault(authorization, this.#options.audiences[service], Date.now());
    if (fault !== null || !/^\d+$/.test(String(ttl)) || encoding !== 'aes128gcm' || request.method !== 'POST')
      return { ...decision, kind: 'refused' as const };
    return tooLarge ? { ...decision, kind: 'tooLarge' as const } : decision;
  }

  #count(service: SimulatedService, kind: AnswerKind): void {
    const counts = this.#answers.get(service) ?? new Map<AnswerKind, number>();
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    this.#answers.set(service, counts);
  }

  #answer(
    service: SimulatedService,
    kind: AnswerKind,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (kind === 'silent' || response.destroyed) return; // until the sender gives up
    if (kind === 'garbled') {
      request.socket.end('This is the page of a hotel that wants you to sign in.\r\n\r\n');
      return;
    }
    const { status, headers, body } = wordingOf(service, kind, this.#behaviour[service].retryAfter);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }
}
