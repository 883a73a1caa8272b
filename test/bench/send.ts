import { Agent } from 'node:https';
import webpush from 'web-push';
import type { Push, PushResult } from '../../main/core/ports/push.ts';
import { openPush } from '../../main/push/push.ts';
import type { Result } from './helpers/report.ts';
import { compare, interleave } from './helpers/rounds.ts';
import { startService } from './helpers/start-service.ts';
import { makeSubscriptions, payload, vapidDetails, vapidKey } from './helpers/subject.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

/** The whole of sending, to five origins, against web-push's sendNotification with kept connections, 100 at a time. */
export default async function bench(): Promise<Result[]> {
  const service = await startService(5);
  const env = { NODE_EXTRA_CA_CERTS: service.authorityFile };
  const push = openPush({ allowHosts: service.hosts, log, env });
  push.setKey(vapidKey);
  const agent = new Agent({ keepAlive: true, maxSockets: 20, ca: service.authority });
  const results: Result[] = [];
  for (const [count, rounds] of [
    [1000, 7],
    [10_000, 3],
  ] as const) {
    const subscriptions = makeSubscriptions(
      count,
      service.hosts.map((host) => `https://${host}`),
    );
    const costs = await interleave(rounds, {
      ours: () => sendOurs(push, subscriptions),
      theirs: () => sendTheirs(agent, subscriptions),
    });
    const of = (which: 'ours' | 'theirs', cost: 'wall' | 'cpu') =>
      costs[which].map((one) => one[cost] * 1000);
    results.push(
      compare(`send ${count}, time`, 'µs/message', of('ours', 'wall'), of('theirs', 'wall'), count, 4),
      compare(`send ${count}, CPU`, 'µs CPU/message', of('ours', 'cpu'), of('theirs', 'cpu'), count, 3),
    );
  }
  agent.destroy();
  await push.close();
  await service.close();
  return results;
}

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

async function sendTheirs(agent: Agent, subscriptions: Subscriptions): Promise<void> {
  const left = subscriptions.values();
  const lane = async () => {
    for (const { theirs } of left)
      await webpush.sendNotification(theirs, payload, { vapidDetails, agent, TTL: 3600 });
  };
  await Promise.all(Array.from({ length: 100 }, lane));
}
