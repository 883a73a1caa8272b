import { createRouterClient } from '@orpc/server';
import type { Campaign } from '../contract/campaigns.ts';
import type { Core } from '../core/core.ts';

/** What would stop, or wait, if Belfry ended now. */
export interface Work {
  sending: Campaign[];
  /** Soonest first. */
  scheduled: Campaign[];
}

/** What the shell itself asks of the core, by the same contract as everyone. */
export interface Desk {
  work(): Promise<Work>;
  /** Calls back when campaigns may have changed, until the signal aborts. */
  watch(changed: () => void, signal: AbortSignal): Promise<void>;
}

/** A desk for the shell, which stands where the operator sits. */
export function openDesk(core: Core): Desk {
  const client = createRouterClient(core.router, {
    context: { actor: { kind: 'operator', door: 'window' } },
  });
  return {
    async work() {
      const [sending, scheduled] = await Promise.all([
        client.campaigns.list({ state: 'sending', limit: 100 }),
        client.campaigns.list({ state: 'scheduled', limit: 100 }),
      ]);
      return {
        sending: sending.items,
        scheduled: scheduled.items.sort((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? '')),
      };
    },
    async watch(changed, signal) {
      for await (const event of await client.system.watch(undefined, { signal })) {
        if (event.type === 'campaign' || event.type === 'hello') changed();
      }
    },
  };
}

const people = (count: number) => (count === 1 ? '1 person' : `${groups(count)} people`);
const groups = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, '\u2009');

/** What is going on, in one sentence for the tray and for the question on closing; null: nothing is. */
export function describeWork({ sending, scheduled }: Work): string | null {
  const [first] = sending;
  if (first !== undefined) {
    const total = sending.reduce((sum, { counts }) => sum + counts.total, 0);
    const pending = sending.reduce((sum, { counts }) => sum + counts.pending, 0);
    const what = sending.length === 1 ? `“${first.message.title}”` : `${sending.length} campaigns`;
    return `Sending ${what}: ${people(pending)} of ${groups(total)} still to come.`;
  }
  const [next] = scheduled;
  if (next === undefined || next.at === null) return null;
  const when = new Date(next.at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const others = scheduled.length === 1 ? '' : `, and ${scheduled.length - 1} more later`;
  return `“${next.message.title}” is to be sent on ${when}${others}.`;
}
