import { Agent } from 'node:https';
import webpush from 'web-push';
import type { Push, PushResult } from '../../main/core/ports/push.ts';
import { createEncryptor } from '../../main/push/encryption.ts';
import { Hosts } from '../../main/push/hosts.ts';
import { openPush } from '../../main/push/push.ts';
import { Transport } from '../../main/push/transport.ts';
import { Vapid } from '../../main/push/vapid.ts';
import campaigns from './campaign.ts';
import type { Result } from './helpers/report.ts';
import { compare, interleave, median } from './helpers/rounds.ts';
import { startService } from './helpers/start-service.ts';
import { makeSubscriptions, payload, vapidDetails, vapidKey } from './helpers/subject.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };
/** How often each size is run. */
const roundsOf = (count: number) => (count <= 1000 ? 7 : count <= 10_000 ? 5 : 3);
/** Beyond this web-push takes too long to be compared with: then Belfry sends alone, in a campaign. */
const mostCompared = 100_000;
/** Fewer people than this tell more of a campaign's beginning and end than of sending. */
const leastInCampaign = 10_000;

/**
 * Sending at its two depths. The push port alone, to five origins, against web-push's sendNotification with kept
 * connections, 100 at a time, and its two halves each alone, on one thread. Then whole campaigns, with the database and
 * all else that takes part. A million, Belfry alone and once: `--sizes 1000,10000,100000,1000000`.
 */
export default async function bench(sizes = [1000, 10_000, 100_000]): Promise<Result[]> {
  const results = await port(sizes.filter((count) => count <= mostCompared));
  const large = sizes.filter((count) => count >= leastInCampaign);
  return large.length > 0 ? [...results, ...(await campaigns(large))] : results;
}

async function port(sizes: number[]): Promise<Result[]> {
  const service = await startService(5);
  const { authority, authorityFile } = service.certificates;
  const push = openPush({ allowHosts: service.hosts, log, env: { NODE_EXTRA_CA_CERTS: authorityFile } });
  push.setKey(vapidKey);
  const network = { proxy: null, noProxy: '', certificates: [authority] };
  const transport = new Transport({ network, hosts: new Hosts(service.hosts), timeout: 30_000 });
  const agent = new Agent({ keepAlive: true, maxSockets: 20, ca: authority });
  const results: Result[] = [];
  for (const count of sizes) {
    const subscriptions = makeSubscriptions(
      count,
      service.hosts.map((host) => `https://${host}`),
    );
    const costs = await interleave(
      roundsOf(count),
      {
        whole: () => sendOurs(push, subscriptions),
        encryption: () => encryptAll(subscriptions),
        transport: () => postAll(transport, subscriptions),
        theirs: () => sendTheirs(agent, subscriptions),
      },
      // the smaller sizes before have warmed it
      { warmUp: results.length === 0 || count < mostCompared },
    );
    const of = (which: keyof typeof costs, cost: 'wall' | 'cpu') =>
      costs[which].map((one) => one[cost] * 1000);
    const halves = of('encryption', 'cpu').map((cost, round) => cost + (of('transport', 'cpu')[round] ?? 0));
    results.push(
      compare(`send ${count}, time`, 'µs/message', of('whole', 'wall'), of('theirs', 'wall'), count, 4),
      compare(`send ${count}, CPU`, 'µs CPU/message', of('whole', 'cpu'), of('theirs', 'cpu'), count, 3),
      alone(`send ${count}: encrypt and sign alone`, of('encryption', 'cpu'), count),
      alone(`send ${count}: transport alone`, of('transport', 'cpu'), count),
      inverse(
        compare(
          `send ${count} against both alone`,
          'µs CPU/message',
          halves,
          of('whole', 'cpu'),
          count,
          null,
        ),
      ),
    );
  }
  agent.destroy();
  await transport.close();
  await push.close();
  await service.close();
  return results;
}

function alone(name: string, costs: number[], count: number): Result {
  const each = costs.map((cost) => cost / count);
  return {
    name,
    value: median(each),
    unit: 'µs CPU/message',
    reference: null,
    ratio: null,
    spread: [Math.min(...each), Math.max(...each)],
    goal: null,
    met: null,
  };
}

/** The whole beside the sum of its parts: here less is better. */
const inverse = (result: Result): Result => ({
  ...result,
  value: result.reference ?? 0,
  reference: result.value,
  goal: '≤ 1.3',
  met: (result.ratio ?? 0) <= 1.3,
});

type Subscriptions = ReturnType<typeof makeSubscriptions>;

async function sendOurs(push: Push, subscriptions: Subscriptions): Promise<void> {
  const requests = subscriptions.map(({ endpoint, p256dh, auth }, subscriber) => ({
    ref: { campaign: 1, subscriber },
    endpoint,
    pushService: new URL(endpoint).host,
    p256dh,
    auth,
    vapidKey: vapidKey.id,
    payload,
    ttl: 3600,
    urgency: 'normal' as const,
    topic: null,
  }));
  const failed: PushResult[] = [];
  await push.send(requests, (batch) => failed.push(...batch.filter(({ outcome }) => outcome !== 'accepted')));
  if (failed.length > 0) throw new Error(`${failed.length} failed, the first with “${failed[0]?.reason}”`);
}

function encryptAll(subscriptions: Subscriptions): void {
  const encrypt = createEncryptor();
  const vapid = new Vapid();
  vapid.setKey(vapidKey);
  for (const { endpoint, p256dh, auth } of subscriptions) {
    vapid.authorization(vapidKey.id, new URL(endpoint).origin);
    encrypt(p256dh, auth, payload);
  }
}

/** A body of the usual length, to the same addresses, as many at a time as the transport asks for. */
async function postAll(transport: Transport, subscriptions: Subscriptions): Promise<void> {
  const body = Buffer.alloc(465, 1);
  const headers = {
    ttl: '3600',
    urgency: 'normal',
    'content-encoding': 'aes128gcm',
    authorization: 'x'.repeat(300),
  };
  const left = subscriptions.values();
  const lane = async () => {
    for (const { endpoint } of left) {
      const { status } = await transport.post(new URL(endpoint), headers, body);
      if (status !== 201) throw new Error(`The service answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: 400 }, lane));
}

async function sendTheirs(agent: Agent, subscriptions: Subscriptions): Promise<void> {
  const left = subscriptions.values();
  const lane = async () => {
    for (const { theirs } of left)
      await webpush.sendNotification(theirs, payload, { vapidDetails, agent, TTL: 3600 });
  };
  await Promise.all(Array.from({ length: 100 }, lane));
}
