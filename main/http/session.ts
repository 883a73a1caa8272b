import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Actor, Gate } from '../core/core.ts';
import { Refusal } from '../core/refusal.ts';

const actors = new WeakMap<FastifyRequest, Actor>();

/** Notes who is calling, once they have shown that they may. */
export const admit = (request: FastifyRequest, actor: Actor) => void actors.set(request, actor);

/** Who is calling. @throws Refusal unauthorized when nobody was admitted */
export function actorOf(request: FastifyRequest): Actor {
  const actor = actors.get(request);
  if (actor === undefined) throw new Refusal('unauthorized', 'Send a key or token as Authorization: Bearer.');
  return actor;
}

/** The secret of `Authorization: Bearer` (RFC 6750, 2.1); null when there is none. */
export function bearer(request: FastifyRequest): string | null {
  const given = request.headers.authorization;
  return given === undefined ? null : (/^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(given)?.[1] ?? '');
}

/** Cookies know no ports: two Belfrys on one host need two names. */
export const cookieName = (request: FastifyRequest) => `belfry_${request.socket.localPort ?? 0}`;

/** Whether the request carries the operator's cookie. */
export function hasCookie(request: FastifyRequest, gate: Gate): boolean {
  const prefix = `${cookieName(request)}=`;
  return (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .some((pair) => pair.startsWith(prefix) && gate.isCookie(pair.slice(prefix.length)));
}

const month = 30 * 24 * 3600;

/** A Set-Cookie that keeps the operator signed in on this listener alone. */
export const operatorCookie = (request: FastifyRequest, value: string) =>
  `${cookieName(request)}=${value}; Path=/; Max-Age=${month}; HttpOnly; SameSite=Strict${
    request.protocol === 'https' ? '; Secure' : ''
  }`;

/**
 * Whether the name in the address is one of ours. A page elsewhere can make its own name point at this machine
 * (DNS rebinding); it cannot do that with an IP address, nor with localhost.
 */
export function isOwnHost(host: string, allowed: string[]): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:]+)(:\d+)?$/i.exec(host)?.[1]?.toLowerCase().replace(/\.$/, '');
  if (name === undefined) return false;
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    isIP(name.replace(/^\[|\]$/g, '')) !== 0 ||
    allowed.some((one) => one.toLowerCase() === name)
  );
}

/**
 * Refuses what a page of another origin makes a browser ask.
 * @param byCookie the browser added the credential by itself, so that the page need not know it
 * @throws Refusal forbidden
 */
export function requireOwnPage(request: FastifyRequest, byCookie: boolean): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const safe = request.method === 'GET' || request.method === 'HEAD';
  const isOwnOrigin = origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.host;
  const foreign = origin !== undefined && !isOwnOrigin;
  const unproven = origin === undefined && site !== 'same-origin';
  // a person who follows a link, into a page that nobody else can read
  const followed = request.headers['sec-fetch-dest'] === 'document';
  const refused = safe
    ? byCookie && !followed && site !== undefined && site !== 'same-origin' && site !== 'none'
    : foreign || (byCookie && unproven);
  if (refused) throw new Refusal('forbidden', 'Only pages of this console may ask this.');
}
