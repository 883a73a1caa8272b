import type { Audience, Pace } from '../../main/contract/campaigns.ts';
import type { Message } from '../../main/contract/messages.ts';

/** A message while it is written: every field as text, with what the form has no field for kept beside it. */
export interface Draft {
  title: string;
  body: string;
  url: string;
  icon: string;
  image: string;
  badge: string;
  actions: { key: number; title: string; url: string }[];
  tag: string;
  topic: string;
  ttl: number;
  urgency: NonNullable<Message['urgency']>;
  requireInteraction: boolean;
  silent: boolean;
  renotify: boolean;
  rest: Partial<Message>;
  /** null: one person, or a segment, that is not chosen yet. */
  audience: Audience | null;
  /** null: as fast as push services take it. */
  pace: Pace | null;
  /** Also to those whom the site's frequency cap would spare. */
  ignoreCap: boolean;
}

export const emptyDraft: Draft = {
  title: '',
  body: '',
  url: '',
  icon: '',
  image: '',
  badge: '',
  actions: [],
  tag: '',
  topic: '',
  ttl: 86_400,
  urgency: 'normal',
  requireInteraction: false,
  silent: false,
  renotify: false,
  rest: {},
  audience: { everyone: true },
  pace: null,
  ignoreCap: false,
};

/** A draft made of a message that exists. */
export function draftOf(
  message: Message,
  audience: Audience | null,
  pace: Pace | null,
  ignoreCap = false,
): Draft {
  const { title, body, url, icon, image, badge, actions, tag, topic, ttl, urgency, ...others } = message;
  const { requireInteraction, silent, renotify, ...rest } = others;
  return {
    title,
    body: body ?? '',
    url: url ?? '',
    icon: icon ?? '',
    image: image ?? '',
    badge: badge ?? '',
    actions: (actions ?? []).map((action, key) => ({ key, title: action.title, url: action.url ?? '' })),
    tag: tag ?? '',
    topic: topic ?? '',
    ttl: ttl ?? emptyDraft.ttl,
    urgency: urgency ?? 'normal',
    requireInteraction: requireInteraction ?? false,
    silent: silent ?? false,
    renotify: renotify ?? false,
    rest,
    audience,
    pace,
    ignoreCap,
  };
}

/** Ready-made text only when there is some: an empty field is a field left out. */
const given = <K extends string>(name: K, text: string) =>
  (text.trim() === '' ? {} : { [name]: text.trim() }) as Partial<Record<K, string>>;

/** The message as the contract wants it. */
export function messageOf(draft: Draft): Message {
  const { actions, ttl, urgency, requireInteraction, silent, renotify, rest } = draft;
  return {
    ...rest,
    title: draft.title.trim(),
    ...given('body', draft.body),
    ...given('url', draft.url),
    ...given('icon', draft.icon),
    ...given('image', draft.image),
    ...given('badge', draft.badge),
    ...(actions.length === 0
      ? {}
      : {
          actions: actions.map(({ title, url }, index) => ({
            action: `button-${index + 1}`,
            title: title.trim(),
            ...given('url', url),
          })),
        }),
    ...given('tag', draft.tag),
    ...given('topic', draft.topic),
    ...(ttl === emptyDraft.ttl ? {} : { ttl }),
    ...(urgency === 'normal' ? {} : { urgency }),
    ...(requireInteraction ? { requireInteraction } : {}),
    ...(silent ? { silent } : {}),
    ...(renotify && draft.tag.trim() !== '' ? { renotify } : {}),
  };
}

const isAddress = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** The pace as the contract wants it: one person needs none. */
export const paceOf = ({ audience, pace }: Draft): Pace | null =>
  audience === null || 'subscriber' in audience ? null : pace;

/** What is still wrong, as JSON pointers into what would be sent, each with a sentence. */
export function problemsOf(draft: Draft): Map<string, string> {
  const problems = new Map<string, string>();
  if (draft.title.trim() === '') problems.set('/message/title', 'A notification needs a title.');
  if (draft.audience === null) problems.set('/audience', 'Choose whom it is for.');
  const addresses: [pointer: string, text: string][] = [
    ['/message/url', draft.url],
    ['/message/icon', draft.icon],
    ['/message/image', draft.image],
    ['/message/badge', draft.badge],
    ...draft.actions.map(({ url }, index): [string, string] => [`/message/actions/${index}/url`, url]),
  ];
  for (const [pointer, text] of addresses) {
    if (text.trim() === '' || isAddress(text.trim())) continue;
    problems.set(pointer, 'Give the whole address, beginning with https://');
  }
  for (const [index, { title }] of draft.actions.entries()) {
    if (title.trim() === '') problems.set(`/message/actions/${index}/title`, 'A button needs a word on it.');
  }
  return problems;
}

const isDraft = (value: unknown): value is Draft =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(emptyDraft).every((field) => field in value || field === 'ignoreCap');
const place = (site: string) => `belfry:compose:${site}`;

/** What was being written for a site when this screen was left; nothing of it is lost by looking elsewhere. */
export function recallDraft(site: string): Draft | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(place(site)) ?? 'null');
    // one from before there was a cap says nothing of it
    return isDraft(stored) ? { ...stored, ignoreCap: stored.ignoreCap ?? false } : null;
  } catch {
    return null;
  }
}
export function keepDraft(site: string, draft: Draft | null) {
  if (draft) localStorage.setItem(place(site), JSON.stringify(draft));
  else localStorage.removeItem(place(site));
}
