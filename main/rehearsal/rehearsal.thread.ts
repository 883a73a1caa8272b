import type { Behaviour, RehearsalTotals, SimulatedService } from '../contract/rehearsal.ts';
import {
  type Packed,
  type PastCampaign,
  type PracticePerson,
  pack,
  practiceOrigin,
  type RehearsalDefinition,
} from '../core/ports/rehearsal.ts';
import { serveThread } from '../threads/serve.ts';
import { History } from './history.ts';
import { type Story, storiesOf } from './stories.ts';
import { World } from './world.ts';

interface Open {
  world: World;
  stories: Story[];
  history: History;
}

let open: Open | null = null;

function opened(): Open {
  if (open === null) throw new Error('The rehearsal is not open.');
  return open;
}

const operations = {
  /** @returns where each service listens */
  async open(definition: RehearsalDefinition): Promise<Record<SimulatedService, string>> {
    await open?.world.close();
    const { seed, people, anchor } = definition;
    const origins = {
      fcm: practiceOrigin('fcm'),
      mozilla: practiceOrigin('mozilla'),
      wns: practiceOrigin('wns'),
      apple: practiceOrigin('apple'),
    };
    const world = await World.open({ ...definition, origins });
    const stories = definition.history ? storiesOf(people, anchor, definition.siteOrigin) : [];
    open = { world, stories, history: new History(seed, people, anchor, stories) };
    return world.listening;
  },
  setBehaviour: (behaviour: Behaviour): void => opened().world.setBehaviour(behaviour),
  totals: (): RehearsalTotals => opened().world.totals(),
  pastCampaigns: (): PastCampaign[] => opened().stories.map(({ campaign }) => campaign),
  people(from: number, count: number): Packed<PracticePerson[]> {
    const { world, history } = opened();
    return pack(
      Array.from({ length: count }, (_, i) =>
        history.of(from + i, world.person(from + i), world.subscription(from + i)),
      ),
    );
  },
};
export type RehearsalOperations = typeof operations;

serveThread(operations, () => open?.world.close());
