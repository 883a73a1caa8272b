import { expect, test } from 'vitest';
import type { CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { killRun } from '../helpers/kill-run.ts';
import { startServer } from '../helpers/program.ts';
import { startPushService } from '../helpers/push-service/push-service.ts';
import { describeWith } from '../helpers/requirements.ts';
import { eventually } from '../helpers/world.ts';

const people = 2000;
/** What may be under way at once: a crash may send no more than these a second time. */
const mostUnderWay = 500;

describeWith('openssl', 'a server killed in the middle of a send', () => {
  test('goes on after a restart: nobody is left out, and who got it twice is counted', async () => {
    await using certificates = await makeCertificates();
    const pushService = await startPushService(certificates);
    await using server = await startServer({
      args: ['--allow-push-host', pushService.host],
      environment: { NODE_EXTRA_CA_CERTS: certificates.authorityFile },
    });
    const site = await server.api<Site>('POST', '/sites', {
      name: 'Large',
      origins: ['https://www.example.org'],
      subject: 'mailto:owls@example.org',
    });
    const browsers = Array.from({ length: people }, () => pushService.subscribe(site.vapidPublicKey));
    const waiting = [...browsers];
    const register = async () => {
      for (let browser = waiting.pop(); browser; browser = waiting.pop())
        await server.api('POST', '/subscribers', { site: site.id, subscription: browser.subscription });
    };
    await Promise.all(Array.from({ length: 20 }, register));

    const campaign = () => server.api<CampaignDetail>('GET', `/campaigns/${id}`);
    const { id } = await server.api<CampaignDetail>('POST', '/campaigns', {
      site: site.id,
      message: { title: 'To all of you' },
      audience: { everyone: true },
    });

    // After 600 requests the service goes silent. What the server has sent by then and not been answered is taken
    // all the same, once the server is dead: the worst that a crash can do.
    let release = () => {};
    const dead = new Promise<void>((done) => {
      release = done;
    });
    const calm = pushService.disturb(() => (pushService.requests.length > 600 ? { until: dead } : undefined));
    const unanswered = () => pushService.requests.filter(({ status }) => status === null).length;
    await eventually(
      'the silence',
      () => (pushService.requests.length > 600 && unanswered() > 0) || undefined,
    );
    // everything that was answered is settled
    const settled = await eventually('the answers to be settled', async () => {
      const { counts } = await campaign();
      return counts.accepted >= 600 && counts.accepted === pushService.accepted.length ? counts : undefined;
    });
    expect(settled.pending).toBeGreaterThan(0);
    await server.kill();
    const lost = unanswered();
    calm();
    release();
    await eventually(
      'what was lost',
      () => pushService.accepted.length === settled.accepted + lost || undefined,
    );

    await server.restart();
    // and once more at any moment
    await eventually('the send to go on', () => pushService.accepted.length > 1200 || undefined);
    await server.kill();
    await server.restart();

    const end = await eventually(
      'the end',
      async () => {
        const now = await campaign();
        return now.state === 'finished' ? now : undefined;
      },
      100,
    );
    expect(end.counts).toMatchObject({ total: people, accepted: people, pending: 0, failed: 0, rejected: 0 });
    expect(browsers.filter(({ received }) => received.length === 0)).toEqual([]);
    const twice = browsers.filter(({ received }) => received.length > 1);
    expect(twice.length).toBeGreaterThanOrEqual(lost);
    expect(twice.length).toBeLessThanOrEqual(end.counts.repeated);
    expect(end.counts.repeated).toBeLessThanOrEqual(2 * mostUnderWay);
    // on a screen the second replaces the first
    for (const { received } of twice) expect(new Set(received).size).toBe(1);
    await pushService.close();
  }, 240_000);

  // `npm run test:kill` does the same for longer
  test('again and again at random moments: nobody skipped, nobody removed, repeats counted', async () => {
    const seed = Math.floor(Math.random() * 0x7fff_ffff);
    const figures = await killRun({ times: 3, seed, people: 500 });
    expect(figures).toMatchObject({ seed, kills: 3, missed: 0 });
    expect(figures.receivedOnce + figures.receivedMore).toBe(figures.messages);
  }, 240_000);
});
