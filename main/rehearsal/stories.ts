import type { Message } from '../contract/messages.ts';
import type { PastCampaign } from '../core/ports/rehearsal.ts';

/** What happened to a past campaign beside the ordinary. */
export type Turn =
  | 'ordinary'
  /** WNS was down until it had been asked often enough. */
  | 'outage'
  /** Mozilla found it too large for some. */
  | 'too-large'
  /** Stopped by the operator on its way. */
  | 'cancelled'
  /** Apple did not accept the signature, and sending there waits for the operator. */
  | 'halted';

/** A past campaign of the practice site, with how it went. */
export interface Story {
  campaign: PastCampaign;
  turn: Turn;
  startedAt: number;
  /** Milliseconds from the first to the last answer. */
  lasts: number;
  appeal: number;
  /** Names of the buttons. */
  actions: string[];
  /** Of an encrypted body. */
  bytes: number;
}

interface Sketch {
  /** Days before the end of the history, and hour of the day in UTC. */
  day: number;
  hour: number;
  title: string;
  body: string;
  path: string;
  appeal: number;
  turn?: Turn;
  buttons?: [action: string, title: string][];
  more?: Partial<Message>;
}

const sketches: Sketch[] = [
  {
    day: 83,
    hour: 9,
    title: 'The seed catalogue is here',
    body: '214 sorts, 31 of them new. Tomatoes start on page 12.',
    path: '/seeds',
    appeal: 1.3,
    buttons: [
      ['read', 'Leaf through'],
      ['later', 'Remind me'],
    ],
  },
  {
    day: 76,
    hour: 17,
    title: 'Sow chillies now',
    body: 'They want eight weeks on the windowsill before it is warm enough outside.',
    path: '/journal/chillies',
    appeal: 0.8,
  },
  {
    day: 69,
    hour: 9,
    title: '20 % off hand tools until Sunday',
    body: 'Trowels, secateurs and the good dibber.',
    path: '/tools',
    appeal: 1.5,
    buttons: [['shop', 'See the tools']],
    more: { urgency: 'normal', tag: 'offers' },
  },
  {
    day: 62,
    hour: 18,
    title: 'Workshop: pruning roses',
    body: 'Saturday at ten, in the shop. Twelve places.',
    path: '/workshops/roses',
    appeal: 0.7,
    buttons: [
      ['book', 'Book a place'],
      ['map', 'How to get there'],
    ],
  },
  {
    day: 55,
    hour: 10,
    title: 'Frost tonight',
    body: 'Bring the pots in, or put fleece over them.',
    path: '/journal/first-frost',
    appeal: 1.7,
    more: { urgency: 'high', ttl: 6 * 3600 },
  },
  {
    day: 48,
    hour: 9,
    title: 'Your questions about houseplants, answered',
    body: 'Yellow leaves, brown tips, and why the fig sulks when you move it.',
    path: '/journal/houseplants',
    appeal: 0.9,
    turn: 'too-large',
  },
  {
    day: 41,
    hour: 15,
    title: 'Saturday is open house',
    body: 'Soup, seed swap, and someone who can sharpen your secateurs.',
    path: '/journal/open-house',
    appeal: 1,
    turn: 'outage',
    more: { ttl: 4 * 3600 },
  },
  {
    day: 34,
    hour: 9,
    title: 'Three days of free delivery',
    body: 'On everything that fits into a parcel.',
    path: '/offers',
    appeal: 1.4,
    buttons: [['shop', 'To the shop']],
    more: { tag: 'offers' },
  },
  {
    day: 27,
    hour: 11,
    title: 'Test of the new template',
    body: 'Lorem ipsum. Sent too early.',
    path: '/',
    appeal: 0.5,
    turn: 'cancelled',
  },
  {
    day: 20,
    hour: 9,
    title: 'New in the journal: a hedge for birds',
    body: 'Six shrubs that feed them from May to January.',
    path: '/journal/hedge',
    appeal: 0.8,
  },
  {
    day: 9,
    hour: 17,
    title: 'Bulbs: the last chance to plant',
    body: 'The ground is still soft. Tulips forgive you, daffodils do not.',
    path: '/seeds/bulbs',
    appeal: 1.2,
    buttons: [
      ['shop', 'See what is left'],
      ['later', 'Remind me'],
    ],
  },
  {
    day: 1,
    hour: 9,
    title: 'The winter programme is out',
    body: 'Nine workshops, from wreaths to grafting. Booking opens today.',
    path: '/workshops',
    appeal: 1.1,
    turn: 'halted',
    buttons: [['book', 'Book a place']],
  },
];

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
/** Answers a second, as a home connection gets them. */
const pace = 400;

/** The past campaigns of a practice site, oldest first. @param anchor the end of the history, ms since the epoch */
export function storiesOf(people: number, anchor: number, siteOrigin: string): Story[] {
  return sketches.map((sketch) => {
    const midnight = Math.floor((anchor - sketch.day * DAY) / DAY) * DAY;
    const startedAt = midnight + sketch.hour * HOUR;
    const lasts = Math.max(3000, (people / pace) * 1000);
    const turn = sketch.turn ?? 'ordinary';
    const url = `${siteOrigin}${sketch.path}`;
    const message: Message = {
      title: sketch.title,
      body: sketch.body,
      url,
      icon: `${siteOrigin}/icon.png`,
      ...(sketch.buttons && { actions: sketch.buttons.map(([action, title]) => ({ action, title, url })) }),
      ...sketch.more,
    };
    const end = startedAt + lasts + (turn === 'outage' ? outageLasts : 3000);
    return {
      campaign: {
        message,
        state: turn === 'halted' || turn === 'cancelled' ? turn : 'finished',
        createdAt: startedAt - 25 * 60 * 1000,
        startedAt,
        finishedAt: turn === 'halted' ? null : turn === 'cancelled' ? startedAt + lasts * cancelledAt : end,
        holds: turn === 'halted' ? [{ pushService: 'apple', reason: 'bad-token' }] : [],
      },
      turn,
      startedAt,
      lasts,
      appeal: sketch.appeal,
      actions: sketch.buttons?.map(([action]) => action) ?? [],
      bytes: Buffer.byteLength(JSON.stringify(message)) + wrapping,
    };
  });
}

/** How often a push service that is down is asked, and how long that takes at the longest, in milliseconds. */
export const outageAttempts = 12;
const outageLasts = 2 ** (outageAttempts - 1) * 1000 + 5000;
/** Bytes that encryption, the delivery's token and where to report add to a message. */
const wrapping = 290;

/** The part of a cancelled campaign that was on its way by then. */
export const cancelledAt = 0.4;
