import type { BulkChange, People } from '../../contract/changes.ts';
import type { Actor, CallContext } from '../core.ts';
import type { BulkRow } from '../ports/bulk.ts';
import { Refusal } from '../refusal.ts';
import { type BulkWho, UNDO_FOR } from '../subscribers/bulk.ts';
import { bulkTitle, bulkWords } from '../subscribers/bulk-words.ts';
import {
  after,
  missing,
  open,
  os,
  type Parts,
  paged,
  siteFilter,
  siteOf,
  time,
  timeOrNull,
  visible,
} from './base.ts';
import { peopleFilter, subscriberIds } from './people-filter.ts';

export function changeProcedures(parts: Parts) {
  const { bulk, ids, storage } = parts;

  const shown = (row: BulkRow): BulkChange => ({
    id: ids.seal('chg', row.id),
    site: ids.seal('site', row.site),
    title: bulkTitle(row.action),
    action: row.action,
    state: row.state,
    people: row.people,
    looked: row.looked,
    changed: row.changed,
    undone: row.undone,
    kept: row.kept,
    problem: row.problem,
    result: row.finishedAt === null ? null : bulkWords(row),
    undoable: bulk.isUndoable(row) && bulk.jobOf(row.id) === null,
    undoUntil: bulk.isUndoable(row) && row.finishedAt !== null ? time(row.finishedAt + UNDO_FOR) : null,
    createdAt: time(row.createdAt),
    finishedAt: timeOrNull(row.finishedAt),
    job: bulk.jobOf(row.id)?.shown() ?? null,
  });

  async function find(context: CallContext, id: string): Promise<BulkRow> {
    return visible(parts, context.actor, 'chg', await storage.bulk.get(open(parts, 'chg', id)));
  }
  async function now({ id }: BulkRow): Promise<BulkChange> {
    const row = await storage.bulk.get(id);
    if (row === null) throw missing('chg');
    return shown(row);
  }

  async function meant(actor: Actor, site: string, who: People): Promise<BulkWho> {
    if ('subscribers' in who)
      return { subscribers: subscriberIds(parts, who.subscribers, '/who/subscribers') };
    const except = subscriberIds(parts, who.except ?? [], '/who/except');
    const asked = await peopleFilter(parts, actor, { ...who, site }, '/who');
    if (!('person' in asked)) return { filter: asked.filter, except };
    const { person, filter } = asked;
    const row = await storage.subscribers.get(person);
    const fits = row !== null && (filter.state === undefined || row.state === filter.state);
    return { subscribers: fits && !except.includes(person) ? [person] : [] };
  }

  return {
    start: os.changes.start.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      const { action, people } = input;
      if ('erase' in action && people === undefined)
        throw new Refusal(
          'invalid_input',
          'Say how many people you mean to erase: it cannot be taken back.',
          {
            errors: [{ pointer: '/people', detail: 'Needed for erasing' }],
          },
        );
      const who = await meant(context.actor, input.site, input.who);
      return shown(await bulk.begin(site.id, action, who, people ?? null, context.requestId ?? null));
    }),
    list: os.changes.list.handler(async ({ input, context }) => {
      const site = siteFilter(parts, context.actor, input.site) ?? null;
      const rows = await storage.bulk.page(site, after(parts, 'chg', input.cursor), input.limit + 1);
      const { items, nextCursor } = paged(
        rows,
        input.limit,
        (row) => row,
        (row) => ids.seal('chg', row.id),
      );
      // those of a site that is removed are nobody's any more
      return {
        items: items.filter((row) => parts.directory.get(row.site) !== undefined).map(shown),
        nextCursor,
      };
    }),
    get: os.changes.get.handler(async ({ input, context }) => shown(await find(context, input.id))),
    cancel: os.changes.cancel.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      await bulk.cancel(row);
      return now(row);
    }),
    undo: os.changes.undo.handler(async ({ input, context }) =>
      shown(await bulk.undo(await find(context, input.id))),
    ),
  };
}
