import { expect, test } from 'vitest';
import type { CampaignDetail } from '../../main/contract/campaigns.ts';
import type { Site } from '../../main/contract/sites.ts';
import { makeCertificates } from '../helpers/certificates.ts';
import { startServer } from '../helpers/program.ts';
import { describeWith } from '../helpers/requirements.ts';
import { Witness } from '../helpers/witness.ts';
import { eventually } from '../helpers/world.ts';

const people = 400;
const title = 'Before and after';

describeWith('openssl', 'the witness', () => {
  test('outlives a killed Belfry and tells how often each person got a message', {
    timeout: 180_000,
  }, async () => {
    await using certificates = await makeCertificates();
    await using server = await startServer({
      environment: { NODE_EXTRA_CA_CERTS: certificates.authorityFile },
    });
    const site = await server.api<Site>('POST', '/sites', {
      name: 'Watched',
      origins: ['https://www.example.org'],
      subject: 'mailto:owls@example.org',
    });
    await using witness = await Witness.start({
      seed: 5,
      people,
      siteKey: site.key,
      vapidPublicKey: site.vapidPublicKey,
      reportTo: new URL(server.public).origin,
      tls: { key: certificates.key, cert: certificates.certificate },
    });
    await server.api('PUT', '/push-hosts', { added: witness.hosts });
    await Promise.all(
      (await witness.subscriptions(0, people)).map((subscription) =>
        server.api('POST', '/subscribers', { site: site.id, subscription }),
      ),
    );

    const { id } = await server.api<CampaignDetail>('POST', '/campaigns', {
      site: site.id,
      message: { title },
      audience: { everyone: true },
    });
    await eventually(
      'some of them to have it',
      async () => (await witness.totals()).received > 50 || undefined,
    );
    await server.kill();
    const { received } = await witness.totals();
    expect(received).toBeLessThan(people);

    await server.restart();
    const { counts } = await eventually('the end', async () => {
      const now = await server.api<CampaignDetail>('GET', `/campaigns/${id}`);
      return now.state === 'finished' ? now : undefined;
    });
    const times = await witness.timesOf(title);
    const log = await witness.totals();
    expect(times.length).toBe(people);
    expect(counts.accepted + counts.expired).toBe(people);
    expect(times.filter((n) => n === 0).length).toBe(counts.expired);
    const twice = times.filter((n) => n > 1).length;
    expect(twice).toBe(log.duplicates);
    expect(twice).toBeLessThanOrEqual(counts.repeated);
    expect(log).toMatchObject({ received: counts.accepted, undecryptable: 0 });
  });
});
