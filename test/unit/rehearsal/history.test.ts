import { describe, expect, test } from 'vitest';
import { type PracticePerson, practiceOrigin } from '../../../main/core/ports/rehearsal.ts';
import { History } from '../../../main/rehearsal/history.ts';
import { Identities } from '../../../main/rehearsal/identities.ts';
import { personOf } from '../../../main/rehearsal/people.ts';
import { storiesOf } from '../../../main/rehearsal/stories.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const anchor = Date.UTC(2026, 9, 15, 14, 30);
const site = 'https://www.rehearsal.invalid';
const origins = {
  fcm: practiceOrigin('fcm'),
  mozilla: practiceOrigin('mozilla'),
  wns: practiceOrigin('wns'),
  apple: practiceOrigin('apple'),
};

const people = 4000;
const stories = storiesOf(people, anchor, site);
function peopleOf(seed: number, count: number): PracticePerson[] {
  const identities = new Identities(seed, people, origins);
  const history = new History(seed, people, anchor, stories);
  return Array.from({ length: count }, (_, i) => {
    const person = personOf(seed, i, site);
    return history.of(i, person, identities.subscription(i, person.browser.service));
  });
}
const everyone = peopleOf(1, people);
const deliveries = everyone.flatMap((person) => person.deliveries.map((delivery) => ({ person, delivery })));

describe('the people of a rehearsal', () => {
  test('are the same for the same seed, and others for another', () => {
    expect(peopleOf(1, 50)).toEqual(everyone.slice(0, 50));
    const others = peopleOf(2, 50);
    expect(others.map(({ endpoint }) => endpoint)).not.toEqual(
      everyone.slice(0, 50).map(({ endpoint }) => endpoint),
    );
    expect(others.map(({ browser }) => browser)).not.toEqual(
      everyone.slice(0, 50).map(({ browser }) => browser),
    );
  });

  test('have each their own endpoint at the push service of their browser, and keys of their own', () => {
    expect(new Set(everyone.map(({ endpoint }) => endpoint)).size).toBe(people);
    expect(new Set(everyone.map(({ p256dh }) => p256dh)).size).toBe(people);
    expect(new Set(everyone.map(({ auth }) => auth)).size).toBe(people);
    for (const { endpoint, pushService } of everyone)
      expect(new URL(endpoint).hostname).toBe(`${pushService}.rehearsal.invalid`);
    expect(new Set(everyone.map(({ pushService }) => pushService))).toEqual(
      new Set(['fcm', 'mozilla', 'wns', 'apple']),
    );
  });

  test('are found again by their endpoints, and nobody else is', () => {
    const identities = new Identities(1, people, origins);
    for (const [i, { endpoint }] of everyone.slice(0, 100).entries()) {
      const { pathname, search } = new URL(endpoint);
      const service = everyone[i]?.pushService as keyof typeof origins;
      expect(identities.indexOf(service, pathname + search)).toBe(i);
      const forged = `${pathname}${search}`.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
      expect(identities.indexOf(service, forged)).toBeNull();
    }
    expect(identities.indexOf('fcm', '/')).toBeNull();
    expect(
      new Identities(1, 10, origins).indexOf('fcm', new URL(everyone[20]?.endpoint ?? '').pathname),
    ).toBeNull();
  });

  test('came over 90 days, more of them later, fewer at the weekend and at night', () => {
    const times = everyone.map(({ firstSeen }) => firstSeen);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(anchor - 90 * DAY);
    expect(Math.max(...times)).toBeLessThanOrEqual(anchor);
    const within = (from: number, to: number) =>
      times.filter((at) => at >= anchor - from * DAY && at < anchor - to * DAY).length;
    expect(within(30, 0)).toBeGreaterThan(1.3 * within(90, 60));
    const perDay = (days: number[]) =>
      times.filter((at) => days.includes(new Date(at).getUTCDay())).length / days.length;
    expect(perDay([0, 6])).toBeLessThan(0.85 * perDay([1, 2, 3, 4, 5]));
    const at = (hours: number[]) => times.filter((t) => hours.includes(new Date(t).getUTCHours())).length;
    expect(at([1, 2, 3, 4])).toBeLessThan(0.3 * at([17, 18, 19, 20]));
  });
});

describe('their past', () => {
  test('has no message to who was not there, and nothing after the end', () => {
    for (const { person, delivery } of deliveries) {
      const story = stories[delivery.campaign];
      expect(story?.startedAt).toBeGreaterThan(person.firstSeen);
      // one that waits has no time yet
      const tried = delivery.settledAt ?? delivery.firstAt;
      if (tried !== null) expect(tried).toBeGreaterThanOrEqual(story?.startedAt ?? 0);
      // what was on its way when a campaign was cancelled is answered all the same
      const answers = story?.turn === 'cancelled' ? 200 : 0;
      expect(delivery.settledAt ?? 0).toBeLessThanOrEqual((story?.campaign.finishedAt ?? anchor) + answers);
      const tries = delivery.tries?.at ?? [];
      if (delivery.attempts > 0) expect(tries.length).toBe(delivery.attempts - 1);
      expect(tries).toEqual([...tries].sort((a, b) => a - b));
      for (const at of tries) {
        expect(at).toBeGreaterThan(delivery.firstAt ?? Number.POSITIVE_INFINITY);
        expect(at).toBeLessThan(delivery.settledAt ?? 0);
      }
      const clicks = delivery.clicks?.map(({ at }) => at) ?? [];
      const { shownAt, closedAt, leftAt } = delivery;
      for (const at of [shownAt, closedAt, leftAt, ...clicks].filter((time) => time !== undefined)) {
        expect(delivery.state).toBe('accepted');
        expect(at).toBeGreaterThan(delivery.settledAt ?? Number.POSITIVE_INFINITY);
        expect(at).toBeLessThanOrEqual(anchor);
        if (shownAt !== undefined) expect(at).toBeGreaterThanOrEqual(shownAt);
        if (person.state === 'unsubscribed') expect(at).toBeLessThanOrEqual(person.stateSince);
      }
      if (person.state !== 'active') expect(delivery.settledAt ?? 0).toBeLessThanOrEqual(person.stateSince);
    }
  });

  test('gave everyone who was there every message', () => {
    for (const person of everyone) {
      const until = person.state === 'active' ? anchor : person.stateSince;
      const due = stories.flatMap(({ startedAt }, i) =>
        startedAt > person.firstSeen && startedAt < until ? [i] : [],
      );
      expect(person.deliveries.map(({ campaign }) => campaign)).toEqual(due);
    }
  });

  test('ends for who expired or left as the last message says', () => {
    const states = new Set(everyone.map(({ state }) => state));
    expect(states).toEqual(new Set(['active', 'expired', 'unsubscribed']));
    for (const person of everyone) {
      const expired = person.deliveries.filter(({ state }) => state === 'expired');
      const left = person.deliveries.filter(({ leftAt }) => leftAt !== undefined);
      expect(expired.length).toBe(person.state === 'expired' ? 1 : 0);
      if (expired[0])
        expect([expired[0], expired[0].settledAt]).toEqual([person.deliveries.at(-1), person.stateSince]);
      if (left.length > 0) expect(left.map(({ leftAt }) => leftAt)).toEqual([person.stateSince]);
      if (person.state === 'active') expect(left).toEqual([]);
      // Belfry counts who leaves within a day of a message with its campaign
      const last = person.deliveries.at(-1);
      if (
        person.state === 'unsubscribed' &&
        last?.state === 'accepted' &&
        person.stateSince - (last.settledAt ?? 0) < DAY
      )
        expect(last.leftAt).toBe(person.stateSince);
      expect(person.lastSeen).toBeGreaterThanOrEqual(person.firstSeen);
      expect(person.lastSeen).toBeLessThanOrEqual(person.state === 'active' ? anchor : person.stateSince);
    }
  });

  test('has a campaign of each fate', () => {
    const turned = (turn: string) => stories.findIndex((story) => story.turn === turn);
    const of = (turn: string) =>
      deliveries.filter(({ delivery }) => delivery.campaign === turned(turn)).map(({ delivery }) => delivery);
    const states = (turn: string) => new Set(of(turn).map(({ state }) => state));
    expect(states('ordinary')).toEqual(new Set(['accepted', 'expired']));
    expect(states('halted')).toEqual(new Set(['accepted', 'expired', 'pending']));
    expect(states('outage')).toEqual(new Set(['accepted', 'expired', 'failed']));
    expect(states('cancelled')).toEqual(new Set(['accepted', 'expired', 'skipped']));
    expect(states('too-large')).toContain('rejected');
    const clicked = new Set(
      deliveries.flatMap(({ delivery }) => delivery.clicks?.map(({ action }) => action) ?? []),
    );
    for (const action of ['', 'shop', 'read', 'book']) expect(clicked).toContain(action);
  });
});
