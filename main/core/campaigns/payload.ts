import { randomBytes } from 'node:crypto';
import type { Message } from '../../contract/messages.ts';
import { type PushPayload, tokenParameter } from '../../contract/public.ts';

/** The largest plaintext that fits one encrypted record of 4096 bytes (RFC 8291, 4). */
export const MAX_PAYLOAD_BYTES = 3993;
/** Push services keep a message for a day unless the campaign says otherwise. Seconds. */
export const DEFAULT_TTL = 86_400;

export interface PayloadSurroundings {
  /** Of the site; the first is where a click leads when the message names no address. */
  origins: string[];
  /** Pages on these origins report clicks themselves: the token goes into the address. */
  ownOrigins: string[];
  /** Full address of the public listener's POST /v1/events. */
  events: string;
}

/**
 * Renders a message once, so that each delivery costs one replacement: all that differs is the delivery's token,
 * which is always of the same length.
 * @returns the size in bytes of UTF-8, and a function from a token to the JSON to encrypt
 */
export function payloadOf(
  message: Message,
  around: PayloadSurroundings,
): { bytes: number; of(token: string): string } {
  // unguessable, so that no text of a message can contain it
  const hole = randomBytes(16).toString('base64url').slice(0, 22).replaceAll('-', 'x').replaceAll('_', 'x');
  const template = JSON.stringify(payloadWith(message, around, hole));
  const parts = template.split(hole);
  return { bytes: Buffer.byteLength(template), of: (token) => parts.join(token) };
}

function payloadWith(message: Message, around: PayloadSurroundings, token: string): PushPayload {
  const home = `${around.origins[0] ?? ''}/`;
  const leads = (url: string) => withToken(url, token, [...around.origins, ...around.ownOrigins]);
  const {
    title,
    url,
    actions,
    appBadge,
    data,
    ttl: _ttl,
    urgency: _urgency,
    topic: _topic,
    ...shown
  } = message;
  return {
    web_push: 8030,
    notification: {
      title,
      navigate: leads(url ?? home),
      ...shown,
      ...(actions && {
        actions: actions.map((action) => ({
          action: action.action,
          title: action.title,
          ...(action.icon !== undefined && { icon: action.icon }),
          navigate: leads(action.url ?? url ?? home),
        })),
      }),
      // WebKit reads it here, the draft has it at the top (w3c/push-api#402)
      ...(appBadge !== undefined && { app_badge: appBadge }),
      data: { belfry: { token, events: around.events }, ...(data !== undefined && { custom: data }) },
    },
    ...(appBadge !== undefined && { app_badge: appBadge }),
  };
}

/** Adds the token to an address of the site's own; elsewhere nobody would report it or take it off again. */
function withToken(address: string, token: string, origins: string[]): string {
  if (!origins.includes(new URL(address).origin)) return address;
  const [before = '', ...fragment] = address.split('#');
  const joined = `${before}${before.includes('?') ? '&' : '?'}${tokenParameter}=${token}`;
  return fragment.length > 0 ? `${joined}#${fragment.join('#')}` : joined;
}
