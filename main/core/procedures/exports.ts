import { stringify } from 'csv-stringify/sync';
import type { ExportFormat, ExportPart } from '../../contract/exports.ts';
import type { Actor } from '../core.ts';
import { harmless } from '../imports/values.ts';
import type { CampaignRow, DeliveryRow, SiteRow, SubscriberRow } from '../ports/storage.ts';
import { Refusal } from '../refusal.ts';
import { after, open, os, type Parts, siteOf, time, timeOrNull, visible } from './base.ts';
import { peopleFilter, subscriberIds } from './people-filter.ts';

/** Rows of one piece: some milliseconds of work. */
const pieceRows = 500;

/** A row before it is CSV or JSON; lists and objects are JSON in a cell. */
type Row = Record<string, unknown>;
interface Piece {
  text: string;
  rows: number;
  nextCursor: string | null;
}

/** Writes out what there is, piece by piece along the primary key, so that no export holds more than one piece. */
export function exporter(parts: Parts) {
  const { storage, ids, directory } = parts;

  /** @throws Refusal forbidden for secrets without the operator */
  function checked(actor: Actor, query: ExportPart): SiteRow {
    if (query.secrets && query.what !== 'subscribers')
      throw new Refusal('invalid_input', 'Only subscribers have secrets.');
    if (query.secrets && actor.kind !== 'operator')
      throw new Refusal('forbidden', 'Endpoints and keys are for the operator alone, not for an API key.');
    return siteOf(parts, actor, query.site);
  }

  async function campaignOf(actor: Actor, query: ExportPart, site: SiteRow): Promise<CampaignRow> {
    if (query.campaign === undefined)
      throw new Refusal('invalid_input', 'Say which campaign’s deliveries.', {
        errors: [{ pointer: '/campaign', detail: 'Needed for deliveries' }],
      });
    const row = await storage.campaigns.get(open(parts, 'cmp', query.campaign));
    const campaign = visible(parts, actor, 'cmp', row);
    return visible(parts, actor, 'cmp', campaign.site === site.id ? campaign : null);
  }

  async function piece(actor: Actor, query: ExportPart, cursor: string | undefined): Promise<Piece> {
    const site = checked(actor, query);
    const given = await rowsOf(actor, query, site, cursor);
    const text =
      given.rows.length > 0 || cursor === undefined
        ? written(given.rows, query.format, given.columns, cursor === undefined)
        : '';
    return { text, rows: given.rows.length, nextCursor: given.nextCursor };
  }

  async function rowsOf(actor: Actor, query: ExportPart, site: SiteRow, cursor: string | undefined) {
    if (query.what === 'campaigns') {
      const rows = await storage.campaigns.page({ site: site.id }, after(parts, 'cmp', cursor), pieceRows);
      const next = rows.length < pieceRows ? null : ids.seal('cmp', rows.at(-1)?.id ?? 0);
      return { rows: rows.map((row) => campaign(row)), columns: campaignColumns, nextCursor: next };
    }
    const from = after(parts, 'sub', cursor);
    if (query.what === 'deliveries') {
      const { id } = await campaignOf(actor, query, site);
      const rows = await storage.deliveries.page(id, null, from, pieceRows);
      const next = rows.length < pieceRows ? null : ids.seal('sub', rows.at(-1)?.subscriber ?? 0);
      return { rows: rows.map((row) => delivery(row)), columns: deliveryColumns, nextCursor: next };
    }
    const all = await peopleOf(actor, query, from);
    const except = new Set(subscriberIds(parts, query.except ?? [], '/except'));
    const rows = all.filter(({ id }) => !except.has(id));
    const next = all.length < pieceRows ? null : ids.seal('sub', all.at(-1)?.id ?? 0);
    const keys = new Map(
      directory.keysOf(site).map(({ id, publicKey }) => [id, Buffer.from(publicKey).toString('base64url')]),
    );
    const columns = query.secrets ? [...secretColumns, ...subscriberColumns] : subscriberColumns;
    return {
      rows: rows.map((row) => ({ ...(query.secrets && secrets(row, keys)), ...subscriber(row) })),
      columns,
      nextCursor: next,
    };
  }

  /** The next piece of those who are meant, whoever of them is left out. */
  async function peopleOf(actor: Actor, query: ExportPart, from: number | null): Promise<SubscriberRow[]> {
    const asked = await peopleFilter(parts, actor, query);
    const named = query.subscribers && subscriberIds(parts, query.subscribers, '/subscribers');
    const only = 'person' in asked ? [asked.person] : named;
    return storage.subscribers.page({ ...asked.filter, ...(only && { only }) }, from, pieceRows);
  }

  const subscriber = (row: SubscriberRow): Row => ({
    id: ids.seal('sub', row.id),
    state: row.state,
    state_reason: row.stateReason,
    state_since: time(row.stateSince),
    external_id: row.externalId,
    tags: row.tags,
    attributes: row.attributes,
    browser: row.browser,
    browser_version: row.browserVersion,
    system: row.system,
    device: row.device,
    language: row.language,
    country: row.country,
    time_zone: row.timeZone,
    page: row.page,
    push_service: row.pushService,
    first_seen: time(row.firstSeen),
    last_seen: time(row.lastSeen),
    consent_version: row.consentVersion,
    consent_at: timeOrNull(row.consentAt),
  });

  const campaign = (row: CampaignRow): Row => ({
    id: ids.seal('cmp', row.id),
    title: row.message.title,
    body: row.message.body ?? null,
    url: row.message.url ?? null,
    kind: row.kind,
    state: row.state,
    audience: row.audience,
    created_at: time(row.createdAt),
    started_at: timeOrNull(row.startedAt),
    finished_at: timeOrNull(row.finishedAt),
    ...row.counts,
  });

  const delivery = (row: DeliveryRow): Row => ({
    subscriber: row.exists ? ids.seal('sub', row.subscriber) : null,
    push_service: row.pushService,
    state: row.state,
    status: row.status,
    reason: row.reason,
    attempts: row.attempts,
    repeated: row.repeated,
    settled_at: timeOrNull(row.settledAt),
    shown_at: timeOrNull(row.shownAt),
    clicked_at: timeOrNull(row.clickedAt),
    closed_at: timeOrNull(row.closedAt),
  });

  return {
    piece,
    /** The whole export, one piece after the other, each made when the one before was taken. */
    async *stream(actor: Actor, query: ExportPart): AsyncGenerator<string, void, void> {
      for (let cursor: string | undefined; ; ) {
        const { text, nextCursor } = await piece(actor, query, cursor);
        if (text !== '') yield text;
        if (nextCursor === null) return;
        cursor = nextCursor;
      }
    },
  };
}
export type Exporter = ReturnType<typeof exporter>;

const secretColumns = ['endpoint', 'p256dh', 'auth', 'vapid_public_key'];
const subscriberColumns = [
  ...['id', 'state', 'state_reason', 'state_since', 'external_id', 'tags', 'attributes', 'browser'],
  ...['browser_version', 'system', 'device', 'language', 'country', 'time_zone', 'page', 'push_service'],
  ...['first_seen', 'last_seen', 'consent_version', 'consent_at'],
];
const campaignColumns = [
  ...['id', 'title', 'body', 'url', 'kind', 'state', 'audience', 'created_at', 'started_at', 'finished_at'],
  ...['total', 'pending', 'accepted', 'expired', 'rejected', 'failed', 'skipped'],
  ...['shown', 'clicked', 'closed', 'unsubscribed', 'repeated'],
];
const deliveryColumns = [
  ...['subscriber', 'push_service', 'state', 'status', 'reason', 'attempts', 'repeated', 'settled_at'],
  ...['shown_at', 'clicked_at', 'closed_at'],
];

const secrets = (row: SubscriberRow, keys: Map<number, string>): Row => ({
  endpoint: row.endpoint,
  p256dh: Buffer.from(row.p256dh).toString('base64url'),
  auth: Buffer.from(row.auth).toString('base64url'),
  vapid_public_key: keys.get(row.vapidKey) ?? null,
});

/** CSV with harmless cells, or a line of JSON each. */
function written(rows: Row[], format: ExportFormat, columns: string[], isFirst: boolean): string {
  if (format === 'json-lines')
    return rows.map((row) => `${JSON.stringify(row, (_, value) => value ?? undefined)}\n`).join('');
  const cells = rows.map((row) => columns.map((column) => harmless(cell(row[column]))));
  return stringify(isFirst ? [columns, ...cells] : cells, { bom: isFirst });
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  const isEmpty = Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
  return isEmpty ? '' : JSON.stringify(value);
}

export function exportProcedures(exported: Exporter) {
  return {
    part: os.exports.part.handler(({ input, context }) => {
      const { cursor, ...query } = input;
      return exported.piece(context.actor, query, cursor);
    }),
  };
}
