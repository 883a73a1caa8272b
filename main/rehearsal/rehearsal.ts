import { simulatedServices } from '../contract/rehearsal.ts';
import {
  type PracticeRoutes,
  practiceOrigin,
  type RehearsalDefinition,
  type RehearsalService,
} from '../core/ports/rehearsal.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { ThreadClient } from '../threads/client.ts';
import { threadFile } from '../threads/file.ts';
import { usualBehaviour } from './behaviour.ts';
import type { RehearsalOperations } from './rehearsal.thread.ts';

/** The rehearsal on a thread of its own, which is started when one is opened and ends when it is closed. */
export function rehearsalService(log: Logger): RehearsalService {
  let thread: ThreadClient<RehearsalOperations> | null = null;
  let definition: RehearsalDefinition | null = null;

  async function start(moved: (routes: PracticeRoutes) => void): Promise<void> {
    if (definition === null) return;
    let open = false;
    const mine = new ThreadClient<RehearsalOperations>(threadFile('rehearsal', import.meta.url), {
      name: 'rehearsal',
      onCrash: (error) => {
        if (thread !== mine || !open) return;
        log.error({ error: error.message }, 'The rehearsal ended unexpectedly and is started again');
        moved(null);
        start(moved).catch((again) =>
          log.error({ error: String(again) }, 'The rehearsal could not be started again'),
        );
      },
    });
    thread = mine;
    const listening = await mine.call('open', definition);
    open = true;
    moved(Object.fromEntries(simulatedServices.map((name) => [practiceOrigin(name), listening[name]])));
  }

  function running(): ThreadClient<RehearsalOperations> {
    if (thread === null) throw new Error('There is no rehearsal.');
    return thread;
  }

  return {
    usualBehaviour,
    open(given, moved) {
      definition = given;
      return start(moved);
    },
    async setBehaviour(behaviour) {
      if (definition !== null) definition = { ...definition, behaviour };
      await running().call('setBehaviour', behaviour);
    },
    totals: () => running().call('totals'),
    pastCampaigns: () => running().call('pastCampaigns'),
    people: (from, count) => running().call('people', from, count),
    async close() {
      const ending = thread;
      thread = null;
      definition = null;
      await ending?.close();
    },
  };
}
