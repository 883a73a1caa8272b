import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type {
  CampaignRow,
  Deliveries,
  Registration,
  RegistrationResult,
  Storage,
} from '../core/ports/storage.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { ThreadClient } from '../threads/client.ts';
import { threadFile } from '../threads/file.ts';
import { batcher } from './batcher.ts';
import { oneByOne, stoppable } from './one-by-one.ts';
import type { Reads } from './reader.thread.ts';
import { fileRefused } from './refused.ts';
import { packRegistrations } from './registration-batch.ts';
import { partAccepted, toClaimed } from './tables/delivery-columns.ts';
import { Troubles } from './troubles.ts';
import { writeRefused } from './write-refused.ts';
import type { Writes } from './writer.thread.ts';

const READERS = 2;
/** One more counts and nothing else: it may take long, and nobody shall wait for it who wants one row. */
const COUNTER = READERS;
/** Registrations that share a commit; more would make the last of them wait. */
const COMMIT = 500;
const RESTART_WAIT = 1000;

type Report = Parameters<Deliveries['report']>[0][number];

/**
 * Opens the database in a writer thread and a few readers, makes or migrates it, and gives the ports to it. A
 * thread that dies is started again; what was asked of it is rejected, and nothing half-written stays.
 * @throws DatabaseRefused (by name: it comes from a thread), with a sentence for a person
 */
export async function openStorage(file: string, log: Logger): Promise<Storage> {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileRefused(dirname(file), error);
  }
  const workerData = { file };
  let closing = true; // until the first opening has succeeded, an end is an answer

  /** A thread that ends at once, again and again, must not keep the computer busy: then it waits a little. */
  const startAgain = (message: string, start: () => void) => {
    const began = Date.now();
    return (error: Error) => {
      if (closing) return;
      log.error({ error: error.message }, message);
      if (Date.now() - began > RESTART_WAIT) start();
      else setTimeout(() => closing || start(), RESTART_WAIT).unref();
    };
  };

  const newWriter = (): ThreadClient<Writes> =>
    new ThreadClient<Writes>(threadFile('writer', import.meta.url), {
      name: 'writer',
      workerData,
      onCrash: startAgain('The database writer ended unexpectedly and is started again', () => {
        writer = newWriter();
      }),
    });
  let writer = newWriter();
  const idSecret = await writer.call('idSecret').catch((error: Error) => {
    throw error.cause instanceof Error ? error.cause : error;
  });
  closing = false;

  const newReader = (i: number): ThreadClient<Reads> =>
    new ThreadClient<Reads>(threadFile('reader', import.meta.url), {
      name: `reader ${i}`,
      workerData,
      onCrash: startAgain('A database reader ended unexpectedly and is started again', () => {
        readers[i] = newReader(i);
      }),
    });
  const readers = Array.from({ length: READERS + 1 }, (_, i) => newReader(i));
  let turn = 0;
  const refused = writeRefused(log, (code) => closing || troubles.refused(code));

  const read = <K extends keyof Reads>(name: K, ...args: Parameters<Reads[K]>) => {
    turn = (turn + 1) % READERS;
    const reader = readers[turn];
    if (reader === undefined) throw new Error('no reader');
    return reader.call(name, ...args);
  };
  const turns = oneByOne();
  const count = <K extends keyof Reads>(
    signal: AbortSignal | undefined,
    name: K,
    ...args: Parameters<Reads[K]>
  ) =>
    turns(() => {
      const counter = readers[COUNTER];
      if (counter === undefined) throw new Error('no reader');
      return counter.call(name, ...args);
    }, signal);
  const write = <K extends keyof Writes>(name: K, ...args: Parameters<Writes[K]>) =>
    writer.call(name, ...args).catch((error) => {
      throw refused(error);
    });

  const troubles = new Troubles({
    file,
    log,
    probe: () => write('probe'),
    copyTo: (copy) => writer.call('copyTo', copy),
  });

  const upsertMany = batcher<Registration, RegistrationResult>(async (items) => {
    const batch = packRegistrations(items);
    return writer.callTransferring([batch.keys.buffer], 'subscribers.upsertMany', batch).catch((error) => {
      throw refused(error);
    });
  }, COMMIT);
  // every caller of a shared commit is told of all campaigns that it changed
  const report = batcher<Report, CampaignRow[]>(async (items) => {
    const campaigns = await write('deliveries.report', items);
    return items.map(() => campaigns);
  }, COMMIT);

  return {
    idSecret,
    sites: {
      all: () => read('sites.all'),
      insert: (site) => write('sites.insert', site),
      update: (id, change) => write('sites.update', id, change),
      firstSteps: (id) => read('sites.firstSteps', id),
      remove: (id, at) => write('sites.remove', id, at),
      addKey: (site, key, current) => write('sites.addKey', site, key, current),
      chooseKey: (site, key) => write('sites.chooseKey', site, key),
      removeKey: (site, key) => write('sites.removeKey', site, key),
      keyCounts: (site) => read('sites.keyCounts', site),
    },
    subscribers: {
      upsertMany,
      page: (filter, after, limit, way) => read('subscribers.page', filter, after, limit, way),
      ordered: (filter, order, after, limit) => read('subscribers.ordered', filter, order, after, limit),
      count: (filter, signal) => count(signal, 'subscribers.count', filter),
      counts: (site) => read('subscribers.counts', site),
      changes: (site, edges) => read('subscribers.changes', site, edges),
      get: (id) => read('subscribers.get', id),
      testDevices: (site) => read('subscribers.testDevices', site),
      existing: (site, ids) => read('subscribers.existing', site, ids),
      change: (id, change) => write('subscribers.change', id, change),
      leave: (site, endpoint, at) => write('subscribers.leave', site, endpoint, at),
      lose: (site, endpoint, at) => write('subscribers.lose', site, endpoint, at),
      setState: ({ id, state, stateReason }, to, reason, at) =>
        write('subscribers.setState', { id, state, stateReason }, to, reason, at),
      erase: (id, at) => write('subscribers.erase', id, at),
    },
    bulk: {
      page: (site, after, limit) => read('bulk.page', site, after, limit),
      underWay: () => read('bulk.underWay'),
      get: (id) => read('bulk.get', id),
      insert: (change, requestId) => write('bulk.insert', change, requestId),
      save: (id, change) => write('bulk.save', id, change),
      newestPerson: () => read('bulk.newestPerson'),
      find: (filter, after, upTo, limit) => count(undefined, 'bulk.find', filter, after, upTo, limit),
      add: (id, people) => write('bulk.add', id, people),
      step: (id, now) => write('bulk.step', id, now),
      undoStep: (id, now) => write('bulk.undoStep', id, now),
      dropWaiting: (id) => write('bulk.dropWaiting', id),
      dropOld: (endedBefore) => write('bulk.dropOld', endedBefore),
    },
    segments: {
      all: (site) => read('segments.all', site),
      get: (id) => read('segments.get', id),
      users: (id, publicId) => read('segments.users', id, publicId),
      forgotten: (site, matching) => read('segments.forgotten', site, matching),
      attributes: (site) => read('segments.attributes', site),
      breakdown: (site, matching, signal) => count(signal, 'segments.breakdown', site, matching),
      values: (site, what, search, limit, signal) =>
        count(signal, 'segments.values', site, what, search, limit),
      insert: (segment) => write('segments.insert', segment),
      update: (id, change, at) => write('segments.update', id, change, at),
      remove: (id, publicId) => write('segments.remove', id, publicId),
    },
    attributes: {
      people: (site, signal) => count(signal, 'attributes.people', site),
      preview: (site, change, signal) => count(signal, 'attributes.preview', site, change),
      get: (id) => read('attributes.get', id),
      list: (site) => read('attributes.list', site),
      insert: (site, change, at) => write('attributes.insert', site, change, at),
      step: (id) => write('attributes.step', id),
      stepBack: (id) => write('attributes.stepBack', id),
      move: (id, from, to) => write('attributes.move', id, from, to),
      forget: (before) => write('attributes.forget', before),
    },
    campaigns: {
      get: (id) => read('campaigns.get', id),
      page: (filter, after, limit) => read('campaigns.page', filter, after, limit),
      inState: (state) => read('campaigns.inState', state),
      nextScheduled: () => read('campaigns.nextScheduled'),
      audienceSize: (site, audience, signal) =>
        stoppable(signal, (stop) => count(signal, 'campaigns.audienceSize', site, audience, stop)),
      foreignIn: (site, audience) => read('campaigns.foreignIn', site, audience),
      cappedIn: (site, audience, now, signal) => count(signal, 'campaigns.cappedIn', site, audience, now),
      outcomes: (id) => read('campaigns.outcomes', id),
      clicks: (id) => read('campaigns.clicks', id),
      services: (id) => read('campaigns.services', id),
      goneBefore: (id) => read('campaigns.goneBefore', id),
      trustGone: (id, service) => write('campaigns.trustGone', id, service),
      insert: (campaign, requestId) => write('campaigns.insert', campaign, requestId),
      edit: (id, change) => write('campaigns.edit', id, change),
      removeDraft: (id) => write('campaigns.removeDraft', id),
      move: (id, from, to, at) => write('campaigns.move', id, from, to, at),
      snapshot: (id, audience, at) => write('campaigns.snapshot', id, audience, at),
      preparation: (id) => read('campaigns.preparation', id),
      // it may take as long as a count
      unprepared: (site, id, preparation) => count(undefined, 'campaigns.unprepared', site, id, preparation),
      prepare: (id, ids, people, isLast) => write('campaigns.prepare', id, ids, people, isLast),
      cancel: (id, at) => write('campaigns.cancel', id, at),
    },
    deliveries: {
      async claim(campaign, take, now) {
        const columns = await write('deliveries.claim', campaign, take, now);
        return columns === null ? null : toClaimed(campaign, columns);
      },
      settle: (results) => write('deliveries.settle', ...partAccepted(results)),
      release: (refs) => write('deliveries.release', refs),
      recover: (campaign) => write('deliveries.recover', campaign),
      notLaterThan: (latest) => write('deliveries.notLaterThan', latest),
      shift: (by, now) => write('deliveries.shift', by, now),
      nextDue: (campaign, without) => write('deliveries.nextDue', campaign, without),
      requeue: (campaign, service, state, reasons, at) =>
        write('deliveries.requeue', campaign, service, state, reasons, at),
      bringBack: (campaign, service, at) => write('deliveries.bringBack', campaign, service, at),
      page: (campaign, state, after, limit) => read('deliveries.page', campaign, state, after, limit),
      course: (campaign, from, step, buckets) => read('deliveries.course', campaign, from, step, buckets),
      attemptsOf: (subscriber, limit) => read('deliveries.attemptsOf', subscriber, limit),
      ofSubscriber: (subscriber, limit) => read('deliveries.ofSubscriber', subscriber, limit),
      report: async (reports) => (await report(reports))[0] ?? [],
      holds: () => read('deliveries.holds'),
      setHold: (hold) => write('deliveries.setHold', hold),
      clearHold: (site, service) => write('deliveries.clearHold', site, service),
    },
    access: {
      apiKeys: () => read('access.apiKeys'),
      insertApiKey: (key) => write('access.insertApiKey', key),
      revokeApiKey: (id, at) => write('access.revokeApiKey', id, at),
      touchApiKeys: (used) => write('access.touchApiKeys', used),
      beginRequest: (request) => write('access.beginRequest', request),
      finishRequest: (key, answer) => write('access.finishRequest', key, answer),
      setting: (name) => read('access.setting', name),
      setSetting: (name, value) => write('access.setSetting', name, value),
    },
    practice: {
      define: (definition) => write('practice.define', definition),
      addCampaigns: (site, campaigns) => write('practice.addCampaigns', site, campaigns),
      addPeople: (site, key, campaigns, people) =>
        writer
          .callTransferring([people.buffer], 'practice.addPeople', site, key, campaigns, people)
          .catch((error) => {
            throw refused(error);
          }),
      erase: (site) => write('practice.erase', site),
      giveBack: () => write('practice.giveBack'),
    },
    upkeep: {
      skipCancelled: () => write('upkeep.skipCancelled'),
      dropDetail: (keep, now) => write('upkeep.dropDetail', keep, now),
      expiredBefore: (before) => read('upkeep.expiredBefore', before),
      purge: (ids, before) => write('upkeep.purge', ids, before),
      sweepSites: (site) => write('upkeep.sweepSites', site),
      size: () => read('upkeep.size'),
    },
    troubles: () => troubles.all(),
    onTroubles: (listener) => troubles.onChange(listener),
    imports: {
      all: () => read('imports.all'),
      lookAtPeople: (site, rows) => read('imports.lookAtPeople', site, rows),
      insert: (record) => write('imports.insert', record),
      save: (id, change) => write('imports.save', id, change),
      remove: (id) => write('imports.remove', id),
      addPeople: (id, rows, fill) => write('imports.addPeople', id, rows, fill),
      takeBack: (id) => write('imports.takeBack', id),
    },
    async close() {
      await troubles.close();
      closing = true;
      await Promise.all(readers.map((reader) => reader.close()));
      // last, so that it can write everything back into the one file that people copy
      await writer.close();
    },
  };
}
