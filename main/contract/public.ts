import * as z from 'zod';
import type { PromptWords } from './prompt-words.ts';
import type { PromptKind, PromptLook, PromptWhen } from './prompts.ts';
import { Attributes, ExternalId, PushSubscriptionJson, Tags } from './subscribers.ts';

export { tokenParameter } from './wire.ts';

/**
 * What strangers may send to the public listener, and what it answers. These shapes are shared with the client
 * script (types only: it ships no schema).
 */
export const SubscribeRequest = z.object({
  subscription: PushSubscriptionJson,
  intent: z.enum(['subscribe', 'sync']),
  applicationServerKey: z
    .string()
    .max(100)
    .nullish()
    .describe('the VAPID public key that it was made with; null: the browser does not say'),
  oldEndpoint: z.string().max(2048).optional(),
  externalId: ExternalId.optional(),
  externalIdSignature: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'Give the HMAC-SHA256 as 64 hexadecimal digits')
    .optional(),
  attributes: Attributes.optional(),
  tags: Tags.optional(),
  topics: Tags.optional().describe(
    'of the site’s topics, those chosen: the tags of the others are taken away',
  ),
  language: z.string().max(35).optional(),
  timeZone: z.string().max(64).optional(),
  page: z.string().max(2048).optional(),
  consent: z.object({ version: z.string().max(100) }).optional(),
});
export type SubscribeRequest = z.infer<typeof SubscribeRequest>;

export interface SubscribeAnswer {
  id: string;
  /** What the site does not let visitors set, and what was therefore left out. */
  ignored?: { tags: string[]; attributes: string[] };
}

export const UnsubscribeRequest = z.object({
  endpoint: z.string().max(2048),
  lost: z
    .boolean()
    .optional()
    .describe('nobody wished it: the browser gave the subscription up, and made no new one'),
});
export type UnsubscribeRequest = z.infer<typeof UnsubscribeRequest>;

export const reportTypes = ['shown', 'clicked', 'closed'] as const;
export type ReportType = (typeof reportTypes)[number];
export const Report = z.object({
  token: z.string().max(100),
  type: z.enum(reportTypes),
  action: z.string().max(50).optional(),
  at: z.number().describe('milliseconds since the epoch, by the browser’s clock'),
});
export type Report = z.infer<typeof Report>;
export const ReportsRequest = z.object({ events: z.array(Report).max(100) });

export interface ClientConfig {
  vapidPublicKey: string;
  /** How visitors are asked. `page`: the page's own script calls `belfry.subscribe()`. */
  prompt: { kind: PromptKind; welcome?: true };
  workerPath: string;
}

/** What belfry-prompts.js shows, in one language. */
export interface PromptForPage {
  kind: PromptKind;
  when: PromptWhen;
  /** How long a prompt that was put away stays away; null: for ever. */
  snoozeDays: number | null;
  look: PromptLook;
  language: string;
  direction: 'ltr' | 'rtl';
  words: PromptWords;
  topics: { tag: string; label: string; chosen: boolean }[];
  welcome: { title: string; body: string; url?: string; icon?: string } | null;
}

/**
 * The message on its way (Declarative Web Push). `data.belfry` is for our own service worker: the delivery's
 * token and where to report. Where the browser shows the message itself, `navigate` carries the token.
 */
export interface PushPayload {
  web_push: 8030;
  notification: {
    title: string;
    navigate: string;
    body?: string;
    icon?: string;
    image?: string;
    badge?: string;
    tag?: string;
    lang?: string;
    dir?: 'auto' | 'ltr' | 'rtl';
    silent?: boolean;
    renotify?: boolean;
    requireInteraction?: boolean;
    timestamp?: number;
    vibrate?: number[];
    actions?: { action: string; title: string; icon?: string; navigate: string }[];
    app_badge?: number;
    data?: { belfry: { token: string; events: string }; custom?: unknown };
  };
  app_badge?: number;
}
