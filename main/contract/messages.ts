import * as z from 'zod';

/** An absolute address that a notification may open or load. */
const address = (...protocols: string[]) =>
  z
    .string()
    .max(2000)
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      message: `Give a full address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    });
export const link = address('https:', 'http:');
export const picture = address('https:', 'http:');

export const MessageAction = z.strictObject({
  action: z.string().min(1).max(50),
  title: z.string().min(1).max(100),
  url: link.optional(),
  icon: picture.optional(),
});

/** What is shown (the Notifications API's words) and how the push service is to treat it (RFC 8030). */
export const Message = z.strictObject({
  title: z.string().min(1).max(200),
  body: z.string().max(2000).optional(),
  url: link.optional().describe('opened on a click; the first origin of the site when left out'),
  icon: picture.optional(),
  image: picture.optional(),
  badge: picture.optional(),
  actions: z
    .array(MessageAction)
    .max(4)
    .refine(
      (actions) => new Set(actions.map(({ action }) => action)).size === actions.length,
      'Each action needs its own name',
    )
    .optional(),
  tag: z.string().max(100).optional().describe('replaces a notification on screen that has the same tag'),
  renotify: z.boolean().optional(),
  requireInteraction: z.boolean().optional(),
  silent: z.boolean().optional(),
  lang: z.string().max(35).optional(),
  dir: z.enum(['auto', 'ltr', 'rtl']).optional(),
  timestamp: z.number().int().nonnegative().optional().describe('milliseconds since the epoch'),
  vibrate: z.array(z.number().int().min(0).max(10_000)).max(32).optional(),
  appBadge: z.number().int().nonnegative().optional(),
  data: z.json().optional().describe('handed to the page as it is'),
  ttl: z
    .number()
    .int()
    .min(0)
    .max(2_592_000)
    .optional()
    .describe('seconds that a push service keeps it; a day when left out'),
  urgency: z.enum(['very-low', 'low', 'normal', 'high']).optional(),
  topic: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'At most 32 letters, digits, - or _')
    .optional()
    .describe('a newer message of the same topic replaces one not yet delivered'),
});
export type Message = z.infer<typeof Message>;
