import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Campaign, CampaignDetail } from '../../main/contract/campaigns.ts';
import { Belfry } from '../helpers/belfry/in-process.ts';
import { type Certificates, makeCertificates } from '../helpers/certificates.ts';
import type { Fault } from '../helpers/push-service/faults.ts';
import { type PushService, startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';

const answers: Record<string, Fault> = {
  gone: { status: 410 },
  'not found': { status: 404 },
  'too large': { status: 413 },
  refused: { status: 406 },
  'slow down': { status: 429, headers: { 'retry-after': '0' } },
  'back soon': { status: 503, headers: { 'retry-after': '0' } },
  'service fault': { status: 500 },
  forbidden: { status: 403 },
  'bad request': { status: 400 },
  reset: { cut: 'reset' },
  slow: { delay: 30 },
};
const acts = ['pause', 'resume', 'start', 'cancel', 'leave', 'restart'] as const;

describeWith('openssl', 'a campaign, whatever is answered and done meanwhile', () => {
  let certificates: Certificates;
  let service: PushService;
  let belfry: Belfry;
  beforeAll(async () => {
    certificates = await makeCertificates();
    service = await startPushService(certificates);
    belfry = await Belfry.start({ service, certificates });
  });
  afterAll(async () => {
    await belfry?.[Symbol.asyncDispose]();
    await service?.close();
    await certificates?.[Symbol.asyncDispose]();
  });

  const check = (campaign: Campaign) => {
    const { total, pending, accepted, expired, rejected, failed, skipped } = campaign.counts;
    for (const count of Object.values(campaign.counts)) expect(count).toBeGreaterThanOrEqual(0);
    expect(pending + accepted + expired + rejected + failed + skipped).toBe(total);
  };

  test('the numbers add up at every moment, and are true in the end', async () => {
    const person = fc.array(fc.constantFrom(...Object.keys(answers)), { maxLength: 3 });
    // what happens: mostly nothing, so that campaigns also end by themselves
    const act = fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, fc.constantFrom(...acts));
    await fc.assert(
      fc.asyncProperty(
        fc.array(person, { minLength: 1, maxLength: 20 }),
        fc.array(act, { maxLength: 10 }),
        async (script, doings) => {
          const site = await belfry.makeSite();
          const people = await belfry.people(site, service, script.length);
          const left = new Map(
            people.map(({ browser }, i) => [
              browser.subscription.endpoint.split('/').at(-1),
              [...(script[i] ?? [])],
            ]),
          );
          const end = service.disturb(({ token }) => {
            const next = left.get(token)?.shift();
            return next === undefined ? undefined : answers[next];
          });
          try {
            const { id } = await belfry.send(site);
            const look = async () => {
              const campaign = await belfry.campaign(id);
              check(campaign);
              expect(campaign.counts.total).toBe(script.length);
              return campaign;
            };
            for (const doing of doings) {
              if (doing === 'leave') await belfry.leave(site, (people[0] as (typeof people)[0]).browser);
              else if (doing === 'restart') await belfry.restart();
              else if (doing !== null) {
                const { status, body } = await belfry.call<Campaign>('POST', `/campaigns/${id}/${doing}`);
                expect([200, 409]).toContain(status);
                if (status === 200) check(body);
              }
              await look();
            }
            const over = ({ state, counts }: CampaignDetail) =>
              (state === 'finished' || state === 'cancelled') && counts.pending === 0;
            let done = await look();
            for (const until = Date.now() + 40_000; !over(done); done = await look()) {
              if (done.state === 'halted' || done.state === 'paused')
                await belfry.call('POST', `/campaigns/${id}/resume`);
              if (Date.now() > until) throw new Error(`no end: ${JSON.stringify(done)}`);
              await new Promise((resolve) => setTimeout(resolve, 20));
            }

            const deliveries = await belfry.deliveries(id);
            expect(deliveries).toHaveLength(script.length);
            for (const state of ['accepted', 'expired', 'rejected', 'failed', 'skipped'] as const)
              expect(deliveries.filter((one) => one.state === state)).toHaveLength(done.counts[state]);
            const reached = people.filter(({ browser }) => browser.received.length > 0);
            // what was cut off by a restart may have gone out all the same, and is told
            const twice = people.filter(({ browser }) => browser.received.length > 1);
            expect(twice.length).toBeLessThanOrEqual(done.counts.repeated);
            expect(done.counts.accepted).toBeLessThanOrEqual(reached.length);
            if (done.counts.repeated === 0 && done.state === 'finished')
              expect(done.counts.accepted).toBe(reached.length);
            const { active, expired, unsubscribed } = await belfry.api<Record<string, number>>(
              'GET',
              `/subscribers/counts?site=${site.id}`,
            );
            expect((active ?? 0) + (expired ?? 0) + (unsubscribed ?? 0)).toBe(script.length);
            expect(expired).toBeLessThanOrEqual(done.counts.expired);
            expect(done.counts.expired - (expired ?? 0)).toBeLessThanOrEqual(unsubscribed ?? 0);
          } finally {
            end();
          }
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  }, 180_000);

  // an HTTP/2 connection carries many requests, and one that is cut loses the answers of all
  test('who may have got it twice after a cut connection is counted', async () => {
    const site = await belfry.makeSite();
    const people = await belfry.people(site, service, 9);
    const last = people.at(-1)?.browser.subscription.endpoint.split('/').at(-1);
    let cuts = 1;
    const end = service.disturb(({ token }) => (token === last && cuts-- > 0 ? { cut: 'reset' } : undefined));
    const done = await belfry.until((await belfry.send(site)).id, 'finished');
    end();
    check(done);
    const twice = people.filter(({ browser }) => browser.received.length > 1);
    expect(twice.length).toBeLessThanOrEqual(done.counts.repeated);
  });
});
