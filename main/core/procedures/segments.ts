import type { Segment } from '../../contract/segments.ts';
import type { CallContext } from '../core.ts';
import type { SegmentRow } from '../ports/segments.ts';
import { Refusal } from '../refusal.ts';
import { resolve } from '../segments/resolve.ts';
import { open, os, type Parts, siteFilter, siteOf, time, visible } from './base.ts';
import { shownSubscriber } from './people-page.ts';

/** People that a count shows. */
const NEWEST = 5;

export function segmentProcedures(parts: Parts) {
  const { storage, segments, ids, clock } = parts;

  const shown = (row: SegmentRow): Segment => ({
    id: ids.seal('seg', row.id),
    site: ids.seal('site', row.site),
    name: row.name,
    expression: row.expression,
    createdAt: time(row.createdAt),
    changedAt: time(row.changedAt),
  });

  async function find(context: CallContext, id: string): Promise<SegmentRow> {
    return visible(parts, context.actor, 'seg', await storage.segments.get(open(parts, 'seg', id)));
  }

  return {
    list: os.segments.list.handler(async ({ input, context }) => {
      const all = await storage.segments.all(siteFilter(parts, context.actor, input.site) ?? null);
      // they are few and stand by name: the page goes on after the one that was last
      const from =
        input.cursor === undefined ? 0 : all.findIndex((row) => shown(row).id === input.cursor) + 1;
      if (input.cursor !== undefined && from === 0)
        throw new Refusal(
          'invalid_input',
          'This cursor is not one that was given out. Begin with the first page.',
          {
            errors: [{ pointer: '/cursor', detail: 'Not a cursor of this list' }],
          },
        );
      const items = all.slice(from, from + input.limit).map(shown);
      return { items, nextCursor: from + input.limit < all.length ? (items.at(-1)?.id ?? null) : null };
    }),

    get: os.segments.get.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      const users = await segments.users(row);
      return {
        ...shown(row),
        usedBy: {
          segments: users.segments.map(({ id, name }) => ({ id: ids.seal('seg', id), name })),
          campaigns: users.campaigns.map((one) => ({ ...one, id: ids.seal('cmp', one.id) })),
        },
      };
    }),

    create: os.segments.create.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      return shown(await segments.create(site.id, input.name, input.expression));
    }),

    update: os.segments.update.handler(async ({ input, context }) =>
      shown(await segments.update(await find(context, input.id), input)),
    ),

    duplicate: os.segments.duplicate.handler(async ({ input, context }) =>
      shown(await segments.duplicate(await find(context, input.id))),
    ),

    remove: os.segments.remove.handler(async ({ input, context }) => {
      await segments.remove(await find(context, input.id));
    }),

    count: os.segments.count.handler(async ({ input, context, signal }) => {
      const site = siteOf(parts, context.actor, input.site);
      const matching = { where: await resolve(input.expression, site.id, parts), now: clock.now() };
      const people = await storage.campaigns.audienceSize(site.id, matching, signal);
      const forgotten = await storage.segments.forgotten(site.id, matching);
      if (!input.detail) return { people, forgotten, breakdown: null, newest: null };
      const breakdown = await storage.segments.breakdown(site.id, matching, signal);
      const newest = await storage.subscribers.page(
        { site: site.id, state: 'active', matching },
        null,
        NEWEST,
      );
      return { people, forgotten, breakdown, newest: newest.map((row) => shownSubscriber(row, ids)) };
    }),

    attributes: os.segments.attributes.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      return { items: await storage.segments.attributes(site.id) };
    }),

    values: os.segments.values.handler(async ({ input, context, signal }) => {
      const site = siteOf(parts, context.actor, input.site);
      const { field, attribute, search, limit } = input;
      const what =
        field !== undefined ? { field } : attribute !== undefined ? { attribute } : { tags: true as const };
      return { items: await storage.segments.values(site.id, what, search || null, limit, signal) };
    }),
  };
}
