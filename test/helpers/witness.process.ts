import { usualBehaviour } from '../../main/rehearsal/behaviour.ts';
import { World } from '../../main/rehearsal/world.ts';
import type { WitnessAnswer, WitnessCall, WitnessStart } from './witness.ts';

/** The rehearsal's people and push services in a process of their own: see witness.ts. */
const start: WitnessStart = JSON.parse(process.argv[2] ?? '{}');
const world = await World.open({
  ...start,
  siteOrigin: 'https://www.example.org',
  vapidPublicKey: Buffer.from(start.vapidPublicKey, 'base64url'),
  behaviour: { ...usualBehaviour, ...start.behaviour },
  origins: start.tls,
});

const answer = (value: WitnessAnswer) => process.send?.(value);
process.on('message', ({ call, from, count, title, behaviour }: WitnessCall) => {
  switch (call) {
    case 'subscriptions':
      return answer(
        Array.from({ length: count }, (_, i) => {
          const { endpoint, p256dh, auth } = world.subscription(from + i);
          const keys = {
            p256dh: Buffer.from(p256dh).toString('base64url'),
            auth: Buffer.from(auth).toString('base64url'),
          };
          return { endpoint, keys };
        }),
      );
    case 'setBehaviour':
      world.setBehaviour({ ...usualBehaviour, ...behaviour });
      return answer(null);
    case 'totals':
      return answer(world.totals());
    case 'timesOf':
      return answer([...world.timesOf(title)]);
  }
});
// nobody is left to ask
process.on('disconnect', () => process.exit(0));
answer(Object.values(world.listening).map((origin) => new URL(origin).host));
