import type { Attributes } from '../contract/subscribers.ts';
import { Dice, weighted } from './chance.ts';
import { type Browser, browsers, type Place, places } from './places.ts';

/** How someone treats notifications. Shares are of 1. */
export interface Habits {
  /** How often one that reaches their device is looked at, and not swept away unseen by the system. */
  sees: number;
  clicks: number;
  closes: number;
  leaves: number;
  /** Hours of their own day, with fractions. */
  wakes: number;
  sleeps: number;
}

/** A simulated subscriber: all that Belfry may know of them, and how they behave. */
export interface Person {
  browser: Browser;
  version: string;
  place: Place;
  language: string;
  page: string;
  externalId: string | null;
  attributes: Attributes;
  tags: string[];
  habits: Habits;
}

const browserBy = weighted(browsers);
const placeBy = weighted(places);
const PEOPLE = 1;

const interests = [
  { tag: 'seeds', share: 0.34 },
  { tag: 'houseplants', share: 0.28 },
  { tag: 'tools', share: 0.17 },
  { tag: 'workshops', share: 0.12 },
  { tag: 'offers', share: 0.45 },
];
const pages = ['/', '/', '/seeds', '/seeds/tomatoes', '/houseplants', '/tools', '/journal/first-frost'];

/** Who the person number `index` of a rehearsal is: nothing is stored, it follows from the seed. */
export function personOf(seed: number, index: number, origin: string): Person {
  const dice = new Dice(seed, index, PEOPLE);
  const browser = browserBy(dice.next());
  const place = placeBy(dice.next());
  // most people hardly react, a few always do
  const keen = dice.next() ** 2;
  const member = dice.next() < 0.15 + 0.5 * keen;
  const orders = Math.floor(dice.delay(member ? 4 : 0.6));
  return {
    browser,
    version: dice.pick(browser.versions),
    place,
    language: dice.pick(place.languages),
    page: `${origin}${dice.pick(pages)}`,
    externalId: member ? `customer-${100_000 + index}` : null,
    attributes: {
      plan: member ? 'member' : 'guest',
      orders,
      ...(member && { points: orders * 25 + Math.floor(dice.next() * 20) }),
    },
    tags: interests.filter(({ share }) => dice.next() < share).map(({ tag }) => tag),
    habits: {
      sees: dice.between(0.5, 0.85) + 0.14 * keen,
      clicks: 0.015 + 0.3 * keen * dice.next(),
      closes: dice.between(0.2, 0.6),
      leaves: 0.008 * (1 - keen) * dice.next(),
      wakes: dice.between(5.5, 9),
      sleeps: dice.between(21.5, 24),
    },
  };
}

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** How long someone sleeps on from this moment, in milliseconds; 0 for who is awake. `at`: ms since the epoch. */
export function sleepsOn({ place, habits }: Person, at: number): number {
  const hour = (((at + place.offset) % DAY) + DAY) % DAY;
  const wakes = habits.wakes * HOUR;
  if (hour < wakes) return wakes - hour;
  return hour >= habits.sleeps * HOUR ? DAY - hour + wakes : 0;
}
