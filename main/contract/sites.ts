import * as z from 'zod';
import { ById, Id, PageInput, page, procedure, Time } from './common.ts';

/** A contact for push services (RFC 8292, `sub`). */
export const Subject = z
  .string()
  .max(255)
  .regex(
    /^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/,
    'Give an e-mail address (or an https: address) where you can be reached',
  );

/** A web origin: scheme, host and port, nothing after. Plain http only on loopback, as browsers have it. */
export const Origin = z
  .string()
  .max(255)
  .transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    const loopback = url !== null && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
    if (
      url === null ||
      !(url.protocol === 'https:' || (url.protocol === 'http:' && loopback)) ||
      url.username !== '' ||
      url.password !== '' ||
      url.pathname !== '/' ||
      url.search !== '' ||
      url.hash !== ''
    ) {
      context.addIssue({
        code: 'custom',
        message: 'Give an origin such as https://www.example.com, without a path (http only for localhost)',
      });
      return z.NEVER;
    }
    return url.origin;
  });

const mostMessages = z.number().int().min(1).max(1000).nullable();
/** How many campaigns may reach one person: rolling windows of 24 hours and 7 days. */
export const FrequencyCap = z
  .object({
    perDay: mostMessages.describe('in any 24 hours; null: as many as there are'),
    perWeek: mostMessages.describe('in any 7 days; null: as many as there are'),
  })
  .describe(
    'campaigns skip whom others have reached as often; transactional messages neither count nor are held back',
  );
export type FrequencyCap = z.infer<typeof FrequencyCap>;

export const SiteSettings = z.object({
  visitorTags: z.array(z.string().min(1).max(64)).max(200).describe('tags that a browser may set'),
  visitorAttributes: z
    .array(z.string().min(1).max(64))
    .max(200)
    .describe('attributes that a browser may set'),
  requireSignedExternalId: z.boolean().describe('refuse an external id that the site has not signed'),
  workerPath: z.string().startsWith('/').max(255).describe('where the site serves the service worker'),
  frequencyCap: FrequencyCap,
});
export type SiteSettings = z.infer<typeof SiteSettings>;

export const SubscriberCounts = z.object({
  active: z.number().int(),
  foreign: z.number().int(),
  expired: z.number().int(),
  unsubscribed: z.number().int(),
  quarantined: z.number().int().describe('subscribed with another key: not sent to until they come back'),
});
export type SubscriberCounts = z.infer<typeof SubscriberCounts>;

export const Site = z.object({
  id: Id,
  key: z.string().describe('names the site in public addresses; not a secret'),
  name: z.string(),
  origins: z.array(z.string()),
  subject: z.string(),
  subjectWarning: z.string().nullable().describe('why a push service may refuse the contact'),
  vapidPublicKey: z.string().describe('P-256 point, base64url (RFC 8292)'),
  settings: SiteSettings,
  practice: z.boolean().describe('made by a rehearsal: its people are simulated'),
  subscribers: SubscriberCounts,
  createdAt: Time,
});
export type Site = z.infer<typeof Site>;

/** One thing that the check of a site looked at. */
export const Finding = z.object({
  origin: z.string().nullable().describe('of the site; null for what is about the public address'),
  what: z.string(),
  verdict: z.enum(['good', 'unsure', 'bad']),
  detail: z.string().describe('what was seen'),
  remedy: z.string().nullable().describe('what to do'),
  snippet: z.string().nullable().describe('exactly what to write, where the remedy has such'),
});
export type Finding = z.infer<typeof Finding>;
export const FirstSteps = z.object({
  opened: z.boolean().describe('a browser loaded a page with the client script, or the landing page'),
  person: z.boolean().describe('someone subscribed'),
  accepted: z.boolean().describe('a push service took a message'),
  shown: z.boolean().describe('a browser said that it showed one'),
  clicked: z.boolean(),
});
export type FirstSteps = z.infer<typeof FirstSteps>;
export const SiteKey = z.object({
  publicKey: z.string().describe('P-256 point, base64url (RFC 8292)'),
  current: z.boolean().describe('browsers subscribe with it'),
  createdAt: Time,
  active: z.number().int().describe('people who can be sent to with it'),
  foreign: z.number().int().describe('imported people who have not been seen yet'),
  others: z.number().int().describe('people who left, or whose subscription expired'),
});
export type SiteKey = z.infer<typeof SiteKey>;

const name = z.string().trim().min(1).max(100);
const origins = z.array(Origin).min(1).max(50);

export const NewSite = z.strictObject({
  name,
  origins,
  subject: Subject,
  settings: SiteSettings.partial().optional(),
});

export const sites = {
  list: procedure('read').route({ method: 'GET', path: '/sites' }).input(PageInput).output(page(Site)),
  get: procedure('read').route({ method: 'GET', path: '/sites/{id}' }).input(ById).output(Site),
  create: procedure('operator')
    .route({ method: 'POST', path: '/sites', successStatus: 201 })
    .input(NewSite)
    .output(Site),
  update: procedure('manage')
    .route({ method: 'PATCH', path: '/sites/{id}' })
    .input(
      z.strictObject({
        id: Id,
        name: name.optional(),
        origins: origins.optional(),
        subject: Subject.optional(),
        settings: SiteSettings.partial().optional(),
      }),
    )
    .output(Site),
  remove: procedure('operator')
    .route({ method: 'DELETE', path: '/sites/{id}', successStatus: 204 })
    .input(ById),
  identitySecret: procedure('operator')
    .route({ method: 'GET', path: '/sites/{id}/identity-secret' })
    .input(ById)
    .output(z.object({ secret: z.string() })),
  rotateIdentitySecret: procedure('operator')
    .route({ method: 'POST', path: '/sites/{id}/identity-secret' })
    .input(ById)
    .output(z.object({ secret: z.string() })),
  /** The current key, and those that people were made with before, with how many are left on each. */
  keys: procedure('manage')
    .route({ method: 'GET', path: '/sites/{id}/keys' })
    .input(ById)
    .output(z.object({ items: z.array(SiteKey) })),
  /** Brings a key pair in, or makes a fresh one. With `current`, browsers subscribe with it from their next visit. */
  addKey: procedure('operator')
    .route({ method: 'POST', path: '/sites/{id}/keys', successStatus: 201 })
    .input(
      z.strictObject({
        id: Id,
        key: z
          .string()
          .max(20_000)
          .optional()
          .describe('PEM, JWK, web-push’s JSON, or both halves in base64url; a fresh pair when left out'),
        current: z.boolean(),
      }),
    )
    .output(SiteKey),
  chooseKey: procedure('operator')
    .route({ method: 'POST', path: '/sites/{id}/keys/choose' })
    .input(z.strictObject({ id: Id, publicKey: z.string().max(100) }))
    .output(z.object({ items: z.array(SiteKey) })),
  /** Removes a key that nobody was made with. */
  removeKey: procedure('operator')
    .route({ method: 'POST', path: '/sites/{id}/keys/remove' })
    .input(z.strictObject({ id: Id, publicKey: z.string().max(100) }))
    .output(z.object({ items: z.array(SiteKey) })),
  exportVapidKey: procedure('operator')
    .route({ method: 'POST', path: '/sites/{id}/vapid-key' })
    .input(
      z.strictObject({
        id: Id,
        confirm: z.literal(true),
        publicKey: z.string().max(100).optional().describe('of which key; the current one when left out'),
      }),
    )
    .output(z.object({ subject: z.string(), publicKey: z.string(), privateKey: z.string() })),
  /** What has ever happened of what a first notification takes: the way from a new site to it. */
  firstSteps: procedure('read')
    .route({ method: 'GET', path: '/sites/{id}/first-steps' })
    .input(ById)
    .output(FirstSteps),
  /** Looks at the live site and at the public address, as a visitor's browser would meet them. */
  check: procedure('read')
    .route({ method: 'POST', path: '/sites/{id}/check' })
    .input(
      z.strictObject({
        id: Id,
        page: z
          .string()
          .max(500)
          .regex(/^\/(?![/\\])[^\s#]*$/, 'Give the path of a page, such as /news')
          .optional()
          .describe('the path of a page that has the script; / when left out'),
        live: z
          .boolean()
          .optional()
          .describe('look at the pages of the site, too; not when false: at the public address alone'),
      }),
    )
    .output(z.object({ findings: z.array(Finding), checkedAt: Time })),
};
