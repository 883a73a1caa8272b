import { Buffer } from 'node:buffer';
import { type Import, ImportCounts } from '../../contract/imports.ts';
import type { CallContext } from '../core.ts';
import type { ImportRecord } from '../ports/imports.ts';
import { missing, open, os, type Parts, siteOf, time, timeOrNull, visible } from './base.ts';

export function importProcedures(parts: Parts) {
  const { imports, ids } = parts;

  const counted = (json: string | null) => (json === null ? null : ImportCounts.parse(JSON.parse(json)));

  function shown(record: ImportRecord): Import {
    return {
      id: ids.seal('imp', record.id),
      site: ids.seal('site', record.site),
      name: record.name,
      size: record.size,
      received: record.state === 'receiving' ? imports.received(record.id) : record.size,
      state: record.state,
      options: record.options,
      checked: counted(record.checked),
      counts: counted(record.counts) ?? interrupted(record),
      problem: record.problem,
      createdAt: time(record.createdAt),
      finishedAt: timeOrNull(record.finishedAt),
      job: imports.jobOf(record.id)?.shown() ?? null,
    };
  }

  function find(context: CallContext, id: string): ImportRecord {
    return visible(parts, context.actor, 'imp', imports.get(open(parts, 'imp', id)));
  }
  function now({ id }: ImportRecord): Import {
    const record = imports.get(id);
    if (record === undefined) throw missing('imp');
    return shown(record);
  }

  return {
    list: os.imports.list.handler(({ input, context }) => ({
      items: imports.of(siteOf(parts, context.actor, input.site).id).map(shown),
    })),
    get: os.imports.get.handler(({ input, context }) => shown(find(context, input.id))),
    begin: os.imports.begin.handler(async ({ input, context }) =>
      shown(await imports.begin(siteOf(parts, context.actor, input.site), input.name, input.size)),
    ),
    append: os.imports.append.handler(async ({ input, context }) => {
      const record = find(context, input.id);
      await imports.append(record, input.offset, Buffer.from(input.data, 'base64'));
      return now(record);
    }),
    preview: os.imports.preview.handler(({ input, context }) =>
      imports.preview(find(context, input.id), input),
    ),
    check: os.imports.check.handler(async ({ input, context }) => {
      const record = find(context, input.id);
      await imports.check(record, input.options);
      return now(record);
    }),
    run: os.imports.run.handler(async ({ input, context }) => {
      const record = find(context, input.id);
      await imports.run(record, input.options);
      return now(record);
    }),
    cancel: os.imports.cancel.handler(async ({ input, context }) => {
      const record = find(context, input.id);
      await imports.cancel(record);
      return now(record);
    }),
    undo: os.imports.undo.handler(async ({ input, context }) => {
      const record = find(context, input.id);
      await imports.undo(record);
      return now(record);
    }),
    refused: os.imports.refused.handler(({ input, context }) =>
      imports.refused(find(context, input.id), input.offset),
    ),
    remove: os.imports.remove.handler(({ input, context }) => imports.remove(find(context, input.id))),
  };
}

/** What the commits of an import counted that did not come to its end. */
function interrupted({ added, filled, known }: ImportRecord): ImportCounts | null {
  if (added + filled + known === 0) return null;
  return { rows: added + filled + known, added, filled, known, refused: 0, reasons: [] };
}
