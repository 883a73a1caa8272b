import { implement } from '@orpc/server';
import type { Scope } from '../../contract/common.ts';
import { contract } from '../../contract/contract.ts';
import type { AccessGate } from '../access/gate.ts';
import type { AttributeDirectory } from '../attributes/attributes.ts';
import type { Campaigns } from '../campaigns/campaigns.ts';
import type { Holds } from '../campaigns/holds.ts';
import type { PayloadSurroundings } from '../campaigns/payload.ts';
import type { Sender } from '../campaigns/sender.ts';
import type { Actor, CallContext } from '../core.ts';
import type { IdKind, Ids } from '../ids.ts';
import type { Imports } from '../imports/imports.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Live } from '../live.ts';
import type { Push } from '../ports/push.ts';
import type { SiteRow, Storage } from '../ports/storage.ts';
import type { Clock, Secrets } from '../ports/surroundings.ts';
import type { Rehearsals } from '../practice/rehearsals.ts';
import { Refusal } from '../refusal.ts';
import type { SegmentDirectory } from '../segments/segments.ts';
import type { SiteCheck } from '../sites/checks/check.ts';
import type { SiteDirectory } from '../sites/directory.ts';
import type { PushHostList } from '../sites/push-hosts.ts';
import type { BulkChanges } from '../subscribers/bulk.ts';
import type { Health } from '../upkeep/health.ts';
import type { Upkeep } from '../upkeep/upkeep.ts';

/** All that procedures work with. */
export interface Parts {
  storage: Storage;
  directory: SiteDirectory;
  campaigns: Campaigns;
  segments: SegmentDirectory;
  attributes: AttributeDirectory;
  sender: Sender;
  holds: Holds;
  gate: AccessGate;
  ids: Ids;
  live: Live;
  jobs: Jobs;
  push: Push;
  pushHosts: PushHostList;
  imports: Imports;
  bulk: BulkChanges;
  rehearsals: Rehearsals;
  upkeep: Upkeep;
  health: Health;
  siteCheck: SiteCheck;
  secrets: Secrets;
  clock: Clock;
  about: {
    version: string;
    dataFolder: string;
    publicListener(): string;
    apiListener(): string | null;
    landing(): boolean;
  };
  payloadSurroundings(site: SiteRow): PayloadSurroundings;
}

/**
 * The contract, to be given handlers. Before each: whether the caller may. After each: a Refusal becomes the
 * declared error of its code, which every door knows how to show.
 */
export const os = implement(contract)
  .$context<CallContext>()
  .use(async ({ context, procedure, next, errors }) => {
    const { scope } = procedure['~orpc'].meta;
    if (!may(context.actor, scope))
      throw errors.forbidden({
        data: {
          detail:
            scope === 'operator'
              ? 'Only the operator may do this, not an API key.'
              : `This API key lacks the scope “${scope}”.`,
        },
      });
    try {
      return await next();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw errors[error.code]({
        message: error.message,
        data: { detail: error.message, ...(error.errors && { errors: error.errors }) },
      });
    }
  });

function may(actor: Actor, scope: Scope): boolean {
  return actor.kind === 'operator' || (scope !== 'operator' && actor.scopes.includes(scope));
}

const names: Record<IdKind, string> = {
  site: 'site',
  sub: 'subscriber',
  cmp: 'campaign',
  key: 'API key',
  seg: 'segment',
  imp: 'import',
  att: 'change to an attribute',
  chg: 'change',
};

/** Opens a public id, or refuses as it would for one that does not exist. */
export function open(parts: Pick<Parts, 'ids'>, kind: IdKind, id: string): number {
  const opened = parts.ids.open(kind, id);
  if (opened === null) throw missing(kind);
  return opened;
}

export const missing = (kind: IdKind) => new Refusal('not_found', `There is no such ${names[kind]}.`);

/** Something of a site; another site's does not exist for an API key, and a removed site's for nobody. */
export function visible<T extends { site: number }>(
  { directory }: Pick<Parts, 'directory'>,
  actor: Actor,
  kind: IdKind,
  row: T | null | undefined,
): T {
  const other =
    row && (directory.get(row.site) === undefined || (actor.kind === 'key' && actor.site !== row.site));
  if (row === null || row === undefined || other) throw missing(kind);
  return row;
}

export function siteOf(parts: Parts, actor: Actor, id: string): SiteRow {
  const site = parts.directory.get(open(parts, 'site', id));
  if (site === undefined || (actor.kind === 'key' && actor.site !== site.id)) throw missing('site');
  return site;
}

/** The site that a list is narrowed to: the one named, or an API key's own; undefined: all. */
export function siteFilter(parts: Parts, actor: Actor, id: string | undefined): number | undefined {
  if (id !== undefined) return siteOf(parts, actor, id).id;
  return actor.kind === 'key' ? actor.site : undefined;
}

/** The last id of the page before, sealed as that kind. @throws Refusal for a cursor that we did not give */
export function after(parts: Parts, kind: IdKind, cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const opened = parts.ids.open(kind, cursor);
  if (opened === null)
    throw new Refusal(
      'invalid_input',
      'This cursor is not one that was given out. Begin with the first page.',
      {
        errors: [{ pointer: '/cursor', detail: 'Not a cursor of this list' }],
      },
    );
  return opened;
}

/** Makes a page of one more row than asked for: the further one tells that there is a next page. */
export function paged<Row, Item>(
  rows: Row[],
  limit: number,
  item: (row: Row) => Item,
  cursor: (row: Row) => string,
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    nextCursor: rows.length > limit && last !== undefined ? cursor(last) : null,
  };
}

export const time = (at: number) => new Date(at).toISOString();
export const timeOrNull = (at: number | null) => (at === null ? null : time(at));
