import type { Campaign, Delivery, ServiceHold } from '../../contract/campaigns.ts';
import { checkAudience } from '../campaigns/audience.ts';
import { clockWords } from '../campaigns/clock.ts';
import { MAX_PAYLOAD_BYTES, payloadOf } from '../campaigns/payload.ts';
import type { CallContext } from '../core.ts';
import type { CampaignRow, DeliveryRow, ServiceHoldRow } from '../ports/storage.ts';
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

export function campaignProcedures(parts: Parts) {
  const { storage, campaigns, sender, holds, push, ids } = parts;

  const holdAdvice = ({ kind, reason, pushService, clockOff }: ServiceHoldRow): string => {
    if (kind === 'ask')
      return (
        'Far more people than usual are said to be gone. Push services have been wrong about that. If you changed ' +
        'nothing, wait and choose “A mistake”; if these people really left, choose “They are gone”.'
      );
    const known = push.advice(reason, pushService);
    if (known !== null) return clockOff === null ? known : `${clockWords(clockOff)} ${known}`;
    return kind === 'pause'
      ? 'Belfry goes on by itself.'
      : 'Nothing is known of this reason. Try again later.';
  };

  const shownHold = (hold: ServiceHoldRow): ServiceHold => ({
    pushService: hold.pushService,
    kind: hold.kind,
    until: timeOrNull(hold.until),
    reason: hold.reason,
    advice: holdAdvice(hold),
  });

  const shown = (row: CampaignRow): Campaign => ({
    id: ids.seal('cmp', row.id),
    site: ids.seal('site', row.site),
    state: row.state,
    kind: row.kind,
    message: row.message,
    audience: row.audience,
    pace: row.pace,
    ignoreCap: row.ignoreCap,
    at: timeOrNull(row.at),
    createdAt: time(row.createdAt),
    startedAt: timeOrNull(row.startedAt),
    finishedAt: timeOrNull(row.finishedAt),
    detailDroppedAt: timeOrNull(row.detailDroppedAt),
    counts: row.counts,
    preparing: row.preparing,
    ...sender.progressOf(row),
    holds: ['sending', 'paused', 'halted'].includes(row.state) ? holds.of(row.site).map(shownHold) : [],
  });

  const shownDelivery = (row: DeliveryRow): Delivery => ({
    subscriber: row.exists ? ids.seal('sub', row.subscriber) : null,
    pushService: row.pushService,
    state: row.state,
    status: row.status,
    reason: row.reason,
    attempts: row.attempts,
    duration: row.duration,
    bytes: row.bytes,
    repeated: row.repeated,
    settledAt: timeOrNull(row.settledAt),
    nextAttemptAt: timeOrNull(row.dueAt),
    shownAt: timeOrNull(row.shownAt),
    clickedAt: timeOrNull(row.clickedAt),
    closedAt: timeOrNull(row.closedAt),
  });

  async function find(context: CallContext, id: string): Promise<CampaignRow> {
    return visible(parts, context.actor, 'cmp', await storage.campaigns.get(open(parts, 'cmp', id)));
  }

  return {
    list: os.campaigns.list.handler(async ({ input, context }) => {
      const site = siteFilter(parts, context.actor, input.site);
      const rows = await storage.campaigns.page(
        { ...(site !== undefined && { site }), ...(input.state !== undefined && { state: input.state }) },
        after(parts, 'cmp', input.cursor),
        input.limit + 1,
      );
      return paged(rows, input.limit, shown, (row) => ids.seal('cmp', row.id));
    }),

    get: os.campaigns.get.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      const [outcomes, clicks] = await Promise.all([
        storage.campaigns.outcomes(row.id),
        storage.campaigns.clicks(row.id),
      ]);
      return {
        ...shown(row),
        outcomes: outcomes.map((group) => ({
          ...group,
          advice: push.advice(group.reason, group.pushService),
        })),
        clicks,
      };
    }),

    create: os.campaigns.create.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      const wanted = {
        message: input.message,
        audience: input.audience,
        at: input.at === undefined ? null : Date.parse(input.at),
        draft: input.draft ?? false,
        kind: input.kind ?? 'campaign',
        pace: input.pace ?? null,
        ignoreCap: input.ignoreCap ?? false,
      };
      return shown(await campaigns.create(site, wanted, context.requestId ?? null));
    }),

    test: os.campaigns.test.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      return shown(await campaigns.test(site, input.message, context.requestId ?? null));
    }),

    update: os.campaigns.update.handler(async ({ input, context }) => {
      const row = await find(context, input.id);
      const site = parts.directory.get(row.site);
      if (site === undefined) throw missing('site');
      const at = typeof input.at === 'string' ? Date.parse(input.at) : input.at;
      const { message, audience, pace, ignoreCap } = input;
      return shown(await campaigns.edit(row, site, { message, audience, pace, ignoreCap, at }));
    }),

    remove: os.campaigns.remove.handler(async ({ input, context }) => {
      await campaigns.removeDraft(await find(context, input.id));
    }),

    start: os.campaigns.start.handler(async ({ input, context }) =>
      shown(await campaigns.start(await find(context, input.id))),
    ),
    pause: os.campaigns.pause.handler(async ({ input, context }) =>
      shown(await campaigns.pause(await find(context, input.id))),
    ),
    resume: os.campaigns.resume.handler(async ({ input, context }) =>
      shown(await campaigns.resume(await find(context, input.id))),
    ),
    cancel: os.campaigns.cancel.handler(async ({ input, context }) =>
      shown(await campaigns.cancel(await find(context, input.id))),
    ),

    answerGone: os.campaigns.answerGone.handler(async ({ input, context }) =>
      shown(await campaigns.answerGone(await find(context, input.id), input.pushService, input.answer)),
    ),
    resend: os.campaigns.resend.handler(async ({ input, context }) =>
      shown(
        await campaigns.resend(await find(context, input.id), input.pushService, input.state, input.reason),
      ),
    ),

    deliveries: os.campaigns.deliveries.handler(async ({ input, context }) => {
      const { id } = await find(context, input.id);
      const from = after(parts, 'sub', input.cursor);
      const rows = await storage.deliveries.page(id, input.state ?? null, from, input.limit + 1);
      return paged(rows, input.limit, shownDelivery, (row) => ids.seal('sub', row.subscriber));
    }),

    course: os.campaigns.course.handler(async ({ input, context }) => {
      const { id, startedAt } = await find(context, input.id);
      const step = (input.hours * 60 * 60 * 1000) / SPANS;
      if (startedAt === null) return { seconds: step / 1000, items: [] };
      const rows = await storage.deliveries.course(id, startedAt, step, SPANS);
      const passed = Math.ceil((parts.clock.now() - startedAt) / step);
      const items = Array.from({ length: Math.min(SPANS, Math.max(1, passed)) }, (_, bucket) => ({
        from: time(startedAt + bucket * step),
        accepted: 0,
        shown: 0,
        clicked: 0,
      }));
      for (const { bucket, ...counts } of rows) Object.assign(items[bucket] ?? {}, counts);
      return { seconds: step / 1000, items };
    }),

    check: os.campaigns.check.handler(async ({ input, context, signal }) => {
      const site = siteOf(parts, context.actor, input.site);
      const audience = await checkAudience(input.audience, site.id, parts, parts.clock.now());
      const surroundings = parts.payloadSurroundings(site);
      const { bytes } = payloadOf(input.message, surroundings);
      const foreign = await storage.campaigns.foreignIn(site.id, audience);
      return {
        people: await storage.campaigns.audienceSize(site.id, audience, signal),
        payloadBytes: bytes,
        maxPayloadBytes: MAX_PAYLOAD_BYTES,
        warnings: warnings(
          input.message.url,
          bytes,
          [...surroundings.origins, ...surroundings.ownOrigins],
          push.lintSubject(site.subject),
          foreign,
        ),
      };
    }),

    checkCap: os.campaigns.checkCap.handler(async ({ input, context, signal }) => {
      const site = siteOf(parts, context.actor, input.site);
      const now = parts.clock.now();
      const audience = await checkAudience(input.audience, site.id, parts, now);
      return { skipped: await storage.campaigns.cappedIn(site.id, audience, now, signal) };
    }),
  };
}

/** Into how many spans a campaign's course is cut. */
const SPANS = 60;

/** Android's bridge at Mozilla takes less than the 4096 bytes of everyone else. */
const SMALL_PAYLOAD = 2500;

function warnings(
  url: string | undefined,
  bytes: number,
  origins: string[],
  subject: string | null,
  foreign: number,
): string[] {
  const found: string[] = [];
  if (subject !== null) found.push(subject);
  if (foreign > 0)
    found.push(
      `${foreign === 1 ? '1 person was imported and has' : `${foreign} people were imported and have`} not been seen yet. ` +
        'Until they visit, the former service’s worker receives this message, and may show nothing or something else.',
    );
  if (bytes > MAX_PAYLOAD_BYTES)
    found.push(
      `The message is ${bytes - MAX_PAYLOAD_BYTES} bytes too large to send. Shorten its text or its addresses.`,
    );
  else if (bytes > SMALL_PAYLOAD)
    found.push(`The message is ${bytes} bytes. Firefox on Android may not take more than ${SMALL_PAYLOAD}.`);
  if (url !== undefined && !origins.includes(new URL(url).origin))
    found.push('The address is on another site: in Safari a click on it cannot be counted.');
  return found;
}
