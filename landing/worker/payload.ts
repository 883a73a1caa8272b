import type { PushPayload } from '../../main/contract/public.ts';
import { takeToken } from '../shared/token.ts';

/** What our notifications carry, for when they are clicked or closed. */
export interface OurData {
  navigate: string;
  actions: Record<string, string>;
  token?: string;
  events?: string;
}

export interface Shown {
  title: string;
  options: NotificationOptions & { data: { belfry: OurData; custom?: unknown } };
  /** The number on the application's icon; 0 clears it. */
  badge: number | null;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** The options that we pass on, each with what it must be. `navigate` is none: with it no click would reach us. */
const known: Record<string, (value: unknown) => boolean> = {
  body: isText,
  icon: isText,
  image: isText,
  badge: isText,
  tag: isText,
  lang: isText,
  dir: (value) => value === 'auto' || value === 'ltr' || value === 'rtl',
  silent: isFlag,
  renotify: isFlag,
  requireInteraction: isFlag,
  timestamp: isCount,
  vibrate: (value) => Array.isArray(value) && value.every(isCount),
};

/** A full http(s) address without our token, or else `fallback`. */
function destination(value: unknown, fallback: string): string {
  const { address } = takeToken(isText(value) ? value : '', fallback);
  return address !== null && /^https?:/.test(address) ? address : fallback;
}

/** What is shown for a message that says nothing we understand: something must be, or the browser steps in. */
export const unreadable = (scope: string): Shown => {
  const { hostname } = new URL(scope);
  return {
    title: hostname,
    options: {
      body: `There is news on ${hostname}.`,
      tag: 'belfry',
      data: { belfry: { navigate: scope, actions: {} } },
    },
    badge: null,
  };
};

/**
 * Reads a push message (Declarative Web Push).
 * @param text the decrypted payload
 * @param scope the registration's scope, opened when the message names no usable address
 * @returns null when it is not a declarative message with a title
 */
export function readPayload(text: string, scope: string): Shown | null {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isFields(payload) || payload['web_push'] !== (8030 satisfies PushPayload['web_push'])) return null;
  const notification = payload['notification'];
  if (!isFields(notification) || !isText(notification['title'])) return null;

  const data = isFields(notification['data']) ? notification['data'] : {};
  const ours = isFields(data['belfry']) ? data['belfry'] : {};
  const token = isText(ours['token']) ? ours['token'] : undefined;
  const events = isText(ours['events']) && /^https?:/.test(ours['events']) ? ours['events'] : undefined;

  const navigate = destination(notification['navigate'], scope);
  const actions = (Array.isArray(notification['actions']) ? notification['actions'] : []).filter(
    (entry): entry is Fields & { action: string; title: string } =>
      isFields(entry) && isText(entry['action']) && isText(entry['title']),
  );
  const options = Object.fromEntries(
    Object.entries(notification).filter(([name, value]) => known[name]?.(value)),
  );
  const badge = [payload['app_badge'], notification['app_badge']].find(isCount) ?? null;
  return {
    title: notification['title'],
    options: {
      // a repeated delivery replaces itself
      tag: token ?? 'belfry',
      ...options,
      actions: actions.map(({ action, title, icon }) => ({ action, title, ...(isText(icon) && { icon }) })),
      data: {
        ...data,
        belfry: {
          navigate,
          actions: Object.fromEntries(
            actions.map((entry) => [entry.action, destination(entry['navigate'], navigate)]),
          ),
          token,
          events,
        },
      },
    } as Shown['options'],
    badge,
  };
}
