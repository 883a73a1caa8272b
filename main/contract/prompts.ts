import * as z from 'zod';
import { Id, procedure } from './common.ts';
import { contrast, leastContrast } from './contrast.ts';
import { link, picture } from './messages.ts';
import { promptWordNames } from './prompt-words.ts';

/**
 * How a site asks its visitors. `page`: the page's own script does. `button`: buttons of the page with `data-belfry`.
 * `bell`: a quiet bell in a corner. `banner`, `panel`: shown by themselves once, when their time has come.
 */
export const promptKinds = ['page', 'button', 'bell', 'banner', 'panel'] as const;
export type PromptKind = (typeof promptKinds)[number];

const whole = (least: number, most: number) => z.number().int().min(least).max(most);

/** When a bell, a banner or a panel appears. */
export const PromptWhen = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('seconds'), seconds: whole(0, 600).describe('after so long on a page') }),
  z.strictObject({ on: z.literal('pages'), pages: whole(1, 50).describe('on the page of that number') }),
  z.strictObject({
    on: z.literal('scroll'),
    percent: whole(1, 100).describe('of the page scrolled through'),
  }),
  z.strictObject({ on: z.literal('visit'), visits: whole(2, 50).describe('on the visit of that number') }),
  z.strictObject({ on: z.literal('call') }).describe('only when the page calls belfry.ask()'),
]);
export type PromptWhen = z.infer<typeof PromptWhen>;

const Colour = z.string().regex(/^#[0-9a-f]{6}$/, 'Give a colour as # and six hexadecimal digits');
export const PromptColours = z
  .strictObject({
    accent: Colour.describe('of the button that says yes, and of the bell'),
    ground: Colour,
    ink: Colour.describe('of the text'),
  })
  .superRefine((colours, context) => {
    // only what is a colour can be measured; what is not was refused already
    if (!Object.values(colours).every((colour) => Colour.safeParse(colour).success)) return;
    for (const name of ['ink', 'accent'] as const) {
      if (contrast(colours[name], colours.ground) >= leastContrast[name]) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `This colour needs a contrast of ${leastContrast[name]}:1 on its ground to be readable`,
      });
    }
  });
export type PromptColours = z.infer<typeof PromptColours>;

export const PromptLook = z.strictObject({
  scheme: z.enum(['auto', 'light', 'dark']).describe('auto: as the visitor’s system has it'),
  light: PromptColours,
  dark: PromptColours,
  corners: z.enum(['square', 'soft', 'round']),
  side: z.enum(['start', 'end']).describe('of the bell and the panel, in the direction of the text'),
  edge: z.enum(['top', 'bottom']).describe('of the banner'),
});
export type PromptLook = z.infer<typeof PromptLook>;

/** A BCP 47 language tag. */
export const PromptLanguage = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i, 'Give a language such as en or pt-BR');
const byLanguage = <T extends z.ZodType>(value: T, most = 30) =>
  z
    .record(PromptLanguage, value)
    .refine((given) => Object.keys(given).length <= most, `At most ${most} languages`);

const Words = z.strictObject(
  Object.fromEntries(promptWordNames.map((name) => [name, z.string().trim().min(1).max(300).optional()])) as {
    [K in (typeof promptWordNames)[number]]: z.ZodOptional<z.ZodString>;
  },
);

export const PromptTopic = z.strictObject({
  tag: z.string().trim().min(1).max(64),
  labels: byLanguage(z.string().trim().min(1).max(80)),
  chosen: z.boolean().describe('ticked until the visitor says otherwise'),
});
export type PromptTopic = z.infer<typeof PromptTopic>;

/** Shown by the page itself, once somebody has subscribed. */
export const PromptWelcome = z.strictObject({
  texts: byLanguage(
    z.strictObject({
      title: z.string().trim().min(1).max(200),
      body: z.string().trim().max(500),
    }),
  ).refine((given) => Object.keys(given).length > 0, 'Give the words in one language at least'),
  url: link.optional(),
  icon: picture.optional(),
});
export type PromptWelcome = z.infer<typeof PromptWelcome>;

const mostBytes = 64 * 1024;

/** Everything that the screen “Ways to ask” sets. */
export const Prompt = z
  .strictObject({
    version: z.literal(1),
    kind: z.enum(promptKinds),
    when: PromptWhen,
    snoozeDays: whole(1, 365)
      .nullable()
      .describe('how long a prompt that was put away stays away; null: for ever'),
    look: PromptLook,
    language: PromptLanguage.describe('what visitors read whose own language there is nothing in'),
    words: byLanguage(Words).describe('what is not given stands in the words that Belfry brings'),
    topics: z
      .array(PromptTopic)
      .max(12)
      .refine(
        (topics) => new Set(topics.map(({ tag }) => tag)).size === topics.length,
        'Each topic needs its own tag',
      ),
    welcome: PromptWelcome.nullable(),
  })
  .refine((prompt) => JSON.stringify(prompt).length <= mostBytes, 'These are too many words: 64 KB at most');
export type Prompt = z.infer<typeof Prompt>;

/** What a site has before anybody has chosen. */
export const defaultPrompt: Prompt = {
  version: 1,
  kind: 'page',
  when: { on: 'seconds', seconds: 20 },
  snoozeDays: 30,
  look: {
    scheme: 'auto',
    light: { accent: '#1a706b', ground: '#ffffff', ink: '#181f26' },
    dark: { accent: '#5db8b1', ground: '#20252a', ink: '#e6e8ea' },
    corners: 'soft',
    side: 'end',
    edge: 'bottom',
  },
  language: 'en',
  words: {},
  topics: [],
  welcome: null,
};

export const prompts = {
  get: procedure('read')
    .route({ method: 'GET', path: '/sites/{site}/prompt' })
    .input(z.object({ site: Id }))
    .output(Prompt),
  set: procedure('manage')
    .route({ method: 'PUT', path: '/sites/{site}/prompt' })
    .input(z.strictObject({ site: Id, prompt: Prompt }))
    .output(Prompt),
};
