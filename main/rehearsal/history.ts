import type { PastDelivery, PracticePerson } from '../core/ports/rehearsal.ts';
import { arrivals } from './arrivals.ts';
import { Dice } from './chance.ts';
import type { Subscription } from './identities.ts';
import { type Person, sleepsOn } from './people.ts';
import { reactionOf } from './reactions.ts';
import { cancelledAt, outageAttempts, type Story } from './stories.ts';

const DAY = 24 * 60 * 60 * 1000;
const LIFE = 8;
/** Of subscriptions that each campaign finds ended, and of people who leave unprompted within the history. */
const ends = 0.011;
const leavesUnprompted = 0.02;
/** Of Apple's, those on their way when the first was refused. */
const refusedAtOnce = 0.15;

/** Of messages, those that a push service takes only when they come again. */
const stumbles = 0.003;

type Ending = Pick<PracticePerson, 'state' | 'stateReason' | 'stateSince'>;

/** What the people of a practice site did until the anchor: when they came, what they got, and what became of them. */
export class History {
  readonly #seed: number;
  readonly #anchor: number;
  readonly #arrival: (index: number) => number;
  readonly #stories: Story[];

  /** @param stories past campaigns, oldest first; none: everyone came at the anchor and nothing has happened */
  constructor(seed: number, people: number, anchor: number, stories: Story[]) {
    this.#seed = seed;
    this.#anchor = anchor;
    this.#stories = stories;
    this.#arrival = stories.length > 0 ? arrivals(seed, people, anchor) : () => anchor;
  }

  /** Everything that Belfry stores of a person. */
  of(index: number, person: Person, { endpoint, p256dh, auth }: Subscription): PracticePerson {
    const dice = new Dice(this.#seed, index, LIFE);
    const firstSeen = this.#arrival(index);
    const life = this.#live(person, firstSeen, dice);
    const { browser, place } = person;
    return {
      endpoint,
      pushService: browser.service,
      p256dh: Buffer.from(p256dh).toString('base64url'),
      auth: Buffer.from(auth).toString('base64url'),
      ...life.ending,
      browser: browser.browser,
      browserVersion: person.version,
      system: browser.system,
      device: browser.device,
      language: person.language,
      country: place.country,
      timeZone: place.timeZone,
      page: person.page,
      externalId: person.externalId,
      attributes: person.attributes,
      tags: person.tags,
      firstSeen,
      lastSeen: life.lastSeen,
      deliveries: life.deliveries,
    };
  }

  #live(person: Person, firstSeen: number, dice: Dice) {
    const deliveries: PastDelivery[] = [];
    let ending: Ending = { state: 'active', stateReason: null, stateSince: firstSeen };
    let lastSeen = firstSeen;
    const leavesAt =
      this.#stories.length > 0 && dice.next() < leavesUnprompted
        ? dice.between(firstSeen, this.#anchor)
        : Number.POSITIVE_INFINITY;
    for (const [campaign, story] of this.#stories.entries()) {
      if (story.startedAt <= firstSeen) continue;
      if (ending.state !== 'active' || leavesAt < story.startedAt) break;
      const delivery = this.#receive(campaign, story, person, dice);
      deliveries.push(delivery);
      lastSeen = Math.max(lastSeen, ...(delivery.clicks?.map(({ at }) => at) ?? []));
      if (delivery.leftAt !== undefined)
        ending = { state: 'unsubscribed', stateReason: 'left', stateSince: delivery.leftAt };
      else if (delivery.state === 'expired' && delivery.settledAt !== null)
        ending = { state: 'expired', stateReason: 'gone', stateSince: delivery.settledAt };
    }
    if (ending.state === 'active' && leavesAt < this.#anchor)
      ending = this.#leaveAlone(deliveries, Math.floor(leavesAt)) ?? ending;
    const until = ending.state === 'active' ? this.#anchor : ending.stateSince;
    // people who click also come by without being called
    const visited = firstSeen + (until - firstSeen) * dice.next() ** (1 - person.habits.clicks);
    return { deliveries, ending, lastSeen: Math.min(until, Math.floor(Math.max(lastSeen, visited))) };
  }

  /** Someone leaves by themselves; within a day of a message Belfry counts that with its campaign. */
  #leaveAlone(deliveries: PastDelivery[], at: number): Ending | null {
    const last = deliveries.at(-1);
    const { settledAt = null, state } = last ?? {};
    if (settledAt !== null && settledAt >= at) return null; // a message is on its way to them: they stay
    if (last && state === 'accepted' && settledAt !== null && settledAt > at - DAY) {
      const done = Math.max(last.shownAt ?? 0, last.closedAt ?? 0, ...(last.clicks?.map((c) => c.at) ?? []));
      last.leftAt = Math.min(Math.max(at, done + 1000), this.#anchor);
      return { state: 'unsubscribed', stateReason: 'left', stateSince: last.leftAt };
    }
    return { state: 'unsubscribed', stateReason: 'left', stateSince: at };
  }

  #receive(campaign: number, story: Story, person: Person, dice: Dice): PastDelivery {
    const { service } = person.browser;
    const turn = dice.next();
    const part = dice.next();
    const firstAt = Math.floor(story.startedAt + part * story.lasts);
    const duration = Math.floor(dice.between(15, 180));
    const settledAt = firstAt + duration;
    const settled = { campaign, attempts: 1, firstAt, settledAt, duration, bytes: story.bytes };
    const unsent = { attempts: 0, firstAt: null, duration: 0, bytes: 0 };
    if (story.turn === 'cancelled' && part > cancelledAt)
      return {
        ...settled,
        ...unsent,
        settledAt: Math.floor(story.startedAt + story.lasts * cancelledAt),
        state: 'skipped',
        status: null,
        reason: 'cancelled',
      };
    if (story.turn === 'halted' && service === 'apple')
      return {
        ...settled,
        ...(part < refusedAtOnce
          ? { attempts: 0, firstAt: null, status: 403, reason: 'bad-token' }
          : { ...unsent, status: null, reason: 'held-back' }),
        settledAt: null,
        state: 'pending',
      };
    if (turn < ends)
      return { ...settled, state: 'expired', status: turn < ends / 8 ? 404 : 410, reason: 'gone' };
    if (story.turn === 'outage' && service === 'wns') {
      const down = { status: 503, reason: 'service-unavailable' };
      return {
        ...settled,
        ...down,
        state: 'failed',
        ...retried(firstAt, outageAttempts, down, duration, dice),
      };
    }
    if (story.turn === 'too-large' && service === 'mozilla' && person.browser.system === 'Android')
      return { ...settled, state: 'rejected', status: 413, reason: 'too-large' };
    const stumbled = dice.next() < stumbles && story.turn !== 'cancelled'; // where it would not come again
    const accepted = {
      ...settled,
      state: 'accepted' as const,
      status: 201,
      reason: null,
      ...(stumbled && retried(firstAt, 2, { status: 500, reason: 'service-error' }, duration, dice)),
    };
    return { ...accepted, ...this.#react(story, person, accepted.settledAt, dice) };
  }

  #react(story: Story, person: Person, at: number, dice: Dice): Partial<PastDelivery> {
    const keeps = (story.campaign.message.ttl ?? 86_400) * 1000;
    const asleep = sleepsOn(person, at);
    const reaction = reactionOf(person, story.actions, story.appeal, dice, asleep, keeps);
    const time = (after: number | null) => {
      const then = after === null ? null : Math.floor(at + after);
      return then === null || then > this.#anchor ? null : then;
    };
    const [shownAt, closedAt, leftAt] = [time(reaction.shown), time(reaction.closed), time(reaction.left)];
    const clickedAt = time(reaction.clicked?.after ?? null);
    return {
      ...(shownAt !== null && { shownAt }),
      ...(clickedAt !== null && { clicks: [{ action: reaction.clicked?.action ?? '', at: clickedAt }] }),
      ...(closedAt !== null && { closedAt }),
      ...(leftAt !== null && { leftAt }),
    };
  }
}

/** What the engine does with a passing fault: it waits for twice as long before each further attempt. */
function retried(
  firstAt: number,
  attempts: number,
  fault: { status: number; reason: string },
  duration: number,
  dice: Dice,
) {
  const at: number[] = [];
  let time = firstAt;
  for (let attempt = 1; attempt < attempts; attempt++) {
    time += duration;
    at.push(time);
    time += Math.floor(1000 * 2 ** (attempt - 1) * dice.between(0.5, 1));
  }
  return { attempts, settledAt: time + duration, tries: { ...fault, at, duration } };
}
