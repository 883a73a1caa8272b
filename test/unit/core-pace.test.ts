import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pace } from '../../main/core/campaigns/pace.ts';
import type { PushResult } from '../../main/core/ports/push.ts';

const site = 1;
const service = 'fcm';

function pace() {
  const clock = { at: 1000, now: () => clock.at };
  const paced = new Pace(clock);
  const answer = (more: Partial<PushResult>) =>
    paced.answered(site, {
      ref: { campaign: 1, subscriber: 1 },
      pushService: service,
      outcome: 'accepted',
      status: 201,
      reason: 'accepted',
      retryAfter: null,
      pause: null,
      duration: 1,
      bytes: 1,
      ...more,
    });
  const failing = { outcome: 'retry', reason: 'service-error', status: 500 } as const;
  const limiting = { outcome: 'retry', reason: 'too-many-requests', status: 429, pause: 'service' } as const;
  const room = () => paced.rooms(site).rooms[service] ?? paced.rooms(site).first;
  /** Gives the service all that it may be given, and has it answer all. @returns how many */
  const round = (more: Partial<PushResult> = {}, most = Number.POSITIVE_INFINITY) => {
    const count = Math.min(room(), most);
    for (let i = 0; i < count; i++) paced.begin(site, service);
    for (let i = 0; i < count; i++) answer(more);
    return count;
  };
  return { paced, clock, answer, failing, limiting, room, round };
}

describe('what may be under way at a push service', () => {
  test('grows while it accepts, up to a bound; grows slower after the first trouble', () => {
    const { round, room, clock, failing } = pace();
    const sizes = Array.from({ length: 6 }, () => round());
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(room()).toBe(200);
    clock.at += 1000;
    round(failing, 1);
    expect(room()).toBe(100);
    round();
    round();
    expect(room()).toBe(101); // about one more with each windowful
  });

  test('halves when it fails, once for what failed together, and is never nothing', () => {
    const { round, room, clock, failing } = pace();
    round(failing, 8);
    expect(room()).toBe(16);
    for (let i = 0; i < 10; i++) {
      clock.at += 1000;
      round(failing, 1);
      round({}, 1); // no break
    }
    expect(room()).toBeGreaterThanOrEqual(1);
    expect(room()).toBeLessThan(8);
  });

  test('is of one service of one site: neither another service nor another site feels it', () => {
    const { paced, round, failing } = pace();
    round(failing, 32);
    paced.begin(site, 'mozilla');
    paced.begin(2, service);
    expect(paced.rooms(site).rooms['mozilla']).toBe(31);
    expect(paced.rooms(2).rooms[service]).toBe(31);
    expect(paced.rooms(site).rooms[service]).toBeLessThan(16);
    paced.forget(site);
    expect(paced.rooms(site).rooms).toEqual({});
    expect(paced.rooms(2).rooms[service]).toBe(31);
  });
});

describe('a service that does not answer', () => {
  test('is left alone, then tried with one delivery and not a burst; each time that fails for longer', () => {
    const { round, room, clock, failing, paced, answer } = pace();
    for (let i = 0; i < 12; i++) paced.begin(site, service);
    const rests = Array.from({ length: 12 }, () => answer(failing));
    expect(rests.slice(0, 11)).toEqual(Array(11).fill(null));
    expect(rests[11]).toEqual({ milliseconds: 5000, reason: 'not-answering' });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      clock.at += 60_000;
      expect(room()).toBe(1);
      paced.begin(site, service);
      expect(room()).toBe(0); // while the one is out, nobody else goes
      waits.push(answer(failing)?.milliseconds ?? 0);
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    // it answers: closed again, and from one it grows anew
    clock.at += 60_000;
    round();
    expect(room()).toBe(2);
    expect(round(failing, 1)).toBe(1);
    expect(room()).toBe(1);
  });

  test('what was on its way when it was left alone does not make it longer', () => {
    const { paced, answer, failing } = pace();
    for (let i = 0; i < 32; i++) paced.begin(site, service);
    const rests = Array.from({ length: 32 }, () => answer(failing)).filter((rest) => rest !== null);
    expect(rests).toEqual([{ milliseconds: 5000, reason: 'not-answering' }]);
  });

  test('is silent after a while, and no longer once it says something', () => {
    const { paced, clock, answer } = pace();
    paced.begin(site, service);
    expect(paced.isSilent(site, service)).toBe(false);
    clock.at += 3000;
    expect(paced.isSilent(site, service)).toBe(true);
    paced.begin(site, service);
    answer({});
    expect(paced.isSilent(site, service)).toBe(false);
  });
});

describe('a service that says “slow down”', () => {
  test('is left alone for as long as it asks; one device of Apple’s changes nothing', () => {
    const { round, room, answer, paced, limiting } = pace();
    round();
    const before = room();
    paced.begin(site, service);
    expect(answer({ ...limiting, retryAfter: 60_000, pause: 'device' })).toBeNull();
    expect(room()).toBe(before);
    paced.begin(site, service);
    expect(answer({ ...limiting, retryAfter: 60_000 })).toEqual({
      milliseconds: 60_000,
      reason: 'too-many-requests',
    });
    paced.begin(site, service);
    expect(answer(limiting)?.milliseconds).toBe(5000);
  });

  test('after a few it is no measure: nothing is slowed down for good', () => {
    const { round, room, clock, limiting } = pace();
    round({}, 10);
    round({ ...limiting, retryAfter: 1000 }, 1);
    clock.at += 1000;
    expect(room()).toBeGreaterThan(10);
  });

  test('1000 a minute: after the first time it is kept near that, and hears “slow down” seldom', () => {
    const { round, clock, limiting, paced, answer } = pace();
    let [taken, from, accepted, refused] = [0, clock.at, 0, 0];
    let heldUntil = 0;
    // half an hour in steps of a tenth of a second; the service counts by minutes
    const minutes: number[] = [];
    for (const end = clock.at + 30 * 60_000; clock.at < end; clock.at += 100) {
      if (clock.at - from >= 60_000) {
        minutes.push(taken);
        [taken, from] = [0, from + 60_000];
      }
      if (clock.at < heldUntil) continue;
      const left = 1000 - taken;
      const count = round({}, left);
      taken += count;
      accepted += count;
      const { rooms } = paced.rooms(site);
      if (taken === 1000 && (rooms[service] ?? 0) > 0) {
        refused++;
        paced.begin(site, service);
        const rest = answer({ ...limiting, retryAfter: from + 60_000 - clock.at });
        heldUntil = clock.at + (rest?.milliseconds ?? 0);
      }
    }
    expect(accepted).toBeGreaterThan(0.8 * 30_000);
    expect(refused).toBeLessThan(18);
    // spread over each minute, not all at once
    expect(minutes.every((count) => count <= 1000)).toBe(true);
  });

  test('the rate comes back when it takes more', () => {
    const { round, clock, limiting } = pace();
    for (let i = 0; i < 50; i++) round();
    round({ ...limiting, retryAfter: 1000 }, 1);
    clock.at += 1000;
    const perSecond = () => {
      let sent = 0;
      for (let i = 0; i < 10; i++) {
        clock.at += 100;
        sent += round();
      }
      return sent;
    };
    const first = perSecond();
    for (let i = 0; i < 600; i++) perSecond();
    expect(perSecond()).toBeGreaterThan(Math.min(1.5 * first, 1900));
  });

  test('whatever happens, room is a whole number of at least none', () => {
    const step = fc.constantFrom('accept', 'fail', 'limit', 'device', 'held', 'give up', 'time');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { paced, answer, clock, failing, limiting, room } = pace();
        for (const one of steps) {
          if (one === 'time') clock.at += 700;
          else {
            paced.begin(site, service);
            if (one === 'give up') paced.giveUp(site, service);
            else if (one === 'accept') answer({});
            else if (one === 'fail') answer(failing);
            else if (one === 'held') answer({ ...limiting, reason: 'held-back', status: null });
            else answer({ ...limiting, pause: one === 'device' ? 'device' : 'service', retryAfter: 500 });
          }
          expect(Number.isInteger(room())).toBe(true);
          expect(room()).toBeGreaterThanOrEqual(0);
          expect(paced.wait(site) ?? 1).toBeGreaterThan(0);
        }
      }),
    );
  });
});
