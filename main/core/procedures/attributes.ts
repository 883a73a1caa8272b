import type { ChangedAttribute } from '../../contract/attributes.ts';
import { UNDO_FOR } from '../attributes/attributes.ts';
import type { AttributeChangeRow } from '../ports/attributes.ts';
import { open, os, type Parts, siteOf, time, visible } from './base.ts';

export function attributeProcedures(parts: Parts) {
  const { storage, attributes, ids } = parts;

  const shown = (row: AttributeChangeRow): ChangedAttribute => ({
    id: ids.seal('att', row.id),
    site: ids.seal('site', row.site),
    change: row.change,
    state: row.state,
    people: row.people,
    at: time(row.at),
    undoUntil: row.undoable ? time(row.at + UNDO_FOR) : null,
  });

  return {
    list: os.attributes.list.handler(async ({ input, context, signal }) => {
      const site = siteOf(parts, context.actor, input.site);
      const [known, people, changes] = await Promise.all([
        storage.segments.attributes(site.id),
        storage.attributes.people(site.id, signal),
        storage.attributes.list(site.id),
      ]);
      const kinds = new Map(known.map(({ name, kinds }) => [name, kinds]));
      return {
        items: Object.entries(people)
          .map(([name, people]) => ({ name, people, kinds: kinds.get(name) ?? [] }))
          .sort((a, b) => a.name.localeCompare(b.name, 'en')),
        changes: changes.map(shown),
      };
    }),

    preview: os.attributes.preview.handler(async ({ input, context, signal }) => {
      const site = siteOf(parts, context.actor, input.site);
      const [counts, users] = await Promise.all([
        storage.attributes.preview(site.id, input.change, signal),
        attributes.usersOf(site.id, input.change.name),
      ]);
      return {
        ...counts,
        usedBy: {
          segments: users.segments.map(({ id, name }) => ({ id: ids.seal('seg', id), name })),
          campaigns: users.campaigns.map((one) => ({ ...one, id: ids.seal('cmp', one.id) })),
        },
      };
    }),

    change: os.attributes.change.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      return shown(await attributes.change(site.id, input.change));
    }),

    undo: os.attributes.undo.handler(async ({ input, context }) => {
      const found = await storage.attributes.get(open(parts, 'att', input.id));
      const row = visible(parts, context.actor, 'att', found);
      return shown(await attributes.undo(row));
    }),
  };
}
