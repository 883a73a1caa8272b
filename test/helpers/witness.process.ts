import { decide, usualBehaviour } from '../../main/rehearsal/behaviour.ts';
import { World } from '../../main/rehearsal/world.ts';
import type { WitnessAnswer, WitnessCall, WitnessStart } from './witness.ts';

/** The rehearsal's people and push services in a process of their own: see witness.ts. */
const start: WitnessStart = JSON.parse(process.argv[2] ?? '{}');
let behaviour = { ...usualBehaviour, ...start.behaviour };
const world = await World.open({
  ...start,
  siteOrigin: 'https://www.example.org',
  vapidPublicKey: Buffer.from(start.vapidPublicKey, 'base64url'),
  behaviour,
  origins: start.tls,
});

const answer = (value: WitnessAnswer) => process.send?.(value);
process.on('message', ({ call, from, count, title, behaviour: changed }: WitnessCall) => {
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
      behaviour = { ...usualBehaviour, ...changed };
      world.setBehaviour(behaviour);
      return answer(null);
    case 'totals':
      return answer(world.totals());
    case 'timesOf':
      return answer([...world.timesOf(title)]);
    case 'gone':
      return answer(
        Array.from({ length: start.people }, (_, i) => i).filter((i) => {
          const { service } = world.person(i).browser;
          return decide(behaviour[service], start.seed, i, 1).kind === 'gone';
        }),
      );
  }
});
// nobody is left to ask
process.on('disconnect', () => process.exit(0));
answer(Object.values(world.listening).map((origin) => new URL(origin).host));
