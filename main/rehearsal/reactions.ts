import type { Dice } from './chance.ts';
import type { Person } from './people.ts';

/** What someone does with a notification, each in milliseconds after it reached their device; null: they don't. */
export interface Reaction {
  shown: number | null;
  clicked: { action: string; after: number } | null;
  closed: number | null;
  left: number | null;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * What a person does with a message.
 * @param actions names of its buttons
 * @param appeal 1 for an ordinary message, more for one that many want
 * @param asleep milliseconds until they wake
 * @param keeps milliseconds that the push service keeps the message for a device that is off
 */
export function reactionOf(
  { habits, browser }: Person,
  actions: readonly string[],
  appeal: number,
  dice: Dice,
  asleep: number,
  keeps: number,
): Reaction {
  const nothing: Reaction = { shown: null, clicked: null, closed: null, left: null };
  if (dice.next() >= habits.sees || asleep > keeps) return nothing;
  const shown = asleep + dice.between(0.2, 2.5) * SECOND;
  const looks = shown + dice.delay(browser.device === 'desktop' ? 9 * MINUTE : 4 * MINUTE);
  const clicks = dice.next() < habits.clicks * appeal;
  const leaves = dice.next() < habits.leaves;
  const closes = !clicks && dice.next() < habits.closes;
  const action = clicks && actions.length > 0 && dice.next() < 0.35 ? dice.pick(actions) : '';
  // where the browser shows the message itself no worker runs: only the page that opens tells of the click
  const silent = browser.service === 'apple';
  return {
    shown: silent ? null : shown,
    clicked: clicks ? { action: silent ? '' : action, after: looks } : null,
    closed: silent || !closes ? null : looks,
    left: leaves ? looks + dice.between(5, 40) * SECOND : null,
  };
}

/** A time of ordinary life as the rehearsal plays it: the first seconds as they are, hours within twenty. */
export function played(after: number): number {
  const real = 2 * SECOND;
  return after <= real ? after : real + 4 * SECOND * Math.log10(after / real);
}
