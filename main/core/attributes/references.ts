import type { SegmentUsers } from '../ports/segments.ts';
import type { CampaignRow, Storage } from '../ports/storage.ts';
import { audienceMentions, mentions, renamed, renamedAudience } from './mentions.ts';

/** Campaigns that are read at once. */
const PAGE = 200;

/** What asks for a site's attributes by name: segments, and the audiences of drafts and scheduled campaigns. */
export class References {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async of(site: number, attribute: string): Promise<SegmentUsers> {
    const segments = (await this.#storage.segments.all(site)).filter(({ expression }) =>
      mentions(expression, attribute),
    );
    const campaigns = (await this.#open(site)).filter(({ audience }) =>
      audienceMentions(audience, attribute),
    );
    return {
      segments: segments.map(({ id, name }) => ({ id, name })),
      campaigns: campaigns.map(({ id, message, state }) => ({
        id,
        title: message.title,
        state: state === 'draft' ? 'draft' : 'scheduled',
      })),
    };
  }

  /** Lets all of them ask for another attribute instead. */
  async rename(site: number, from: string, to: string, at: number): Promise<void> {
    const { segments, campaigns } = this.#storage;
    for (const { id, expression } of await segments.all(site))
      if (mentions(expression, from))
        await segments.update(id, { expression: renamed(expression, from, to) }, at);
    for (const { id, audience } of await this.#open(site))
      if (audienceMentions(audience, from))
        await campaigns.edit(id, { audience: renamedAudience(audience, from, to) });
  }

  /** Campaigns that have not begun. */
  async #open(site: number): Promise<CampaignRow[]> {
    const found: CampaignRow[] = [];
    for (const state of ['draft', 'scheduled'] as const)
      for (let after: number | null = null; ; ) {
        const rows: CampaignRow[] = await this.#storage.campaigns.page({ site, state }, after, PAGE);
        found.push(...rows);
        after = rows.at(-1)?.id ?? null;
        if (rows.length < PAGE) break;
      }
    return found;
  }
}
