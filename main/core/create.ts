import { AccessGate } from './access/gate.ts';
import { AttributeDirectory } from './attributes/attributes.ts';
import { Campaigns } from './campaigns/campaigns.ts';
import { Holds } from './campaigns/holds.ts';
import { Sender } from './campaigns/sender.ts';
import type { Core } from './core.ts';
import { Ids } from './ids.ts';
import { Imports } from './imports/imports.ts';
import { Jobs } from './jobs/jobs.ts';
import { Live } from './live.ts';
import type { ImportFiles } from './ports/imports.ts';
import type { Push } from './ports/push.ts';
import type { RehearsalService } from './ports/rehearsal.ts';
import type { SiteRow, Storage } from './ports/storage.ts';
import type { Clock, Logger, Random, Secrets } from './ports/surroundings.ts';
import type { Web } from './ports/web.ts';
import { Rehearsals } from './practice/rehearsals.ts';
import type { Parts } from './procedures/base.ts';
import { exporter } from './procedures/exports.ts';
import { buildRouter } from './procedures/router.ts';
import { SegmentDirectory } from './segments/segments.ts';
import { SiteCheck } from './sites/checks/check.ts';
import { type GenerateKeys, SiteDirectory } from './sites/directory.ts';
import { PushHostList } from './sites/push-hosts.ts';
import { BulkChanges } from './subscribers/bulk.ts';
import { Countries } from './subscribers/derived.ts';
import { visitors } from './subscribers/visitors.ts';
import { ClockWatch } from './upkeep/clock-watch.ts';
import { Health } from './upkeep/health.ts';
import { Upkeep } from './upkeep/upkeep.ts';

export interface CorePorts {
  storage: Storage;
  push: Push;
  rehearsal: RehearsalService;
  importFiles: ImportFiles;
  secrets: Secrets;
  clock: Clock;
  random: Random;
  log: Logger;
  generateKeys: GenerateKeys;
  web: Web;
  allowPushHosts: string[];
  /** Hosts in a private network that the check of a site may ask. */
  checkPrivateHosts: string[];
  about: Parts['about'];
  /** Where visitors reach the public listener; known once it listens. */
  publicUrl(): string;
  /** The public listener's own origins while it serves the landing page. */
  ownOrigins(): string[];
}

/** Puts the domain together over its ports. @throws when a sealed secret cannot be opened */
export async function createCore(ports: CorePorts): Promise<Core> {
  const { storage, push, secrets, clock, log } = ports;
  const ids = new Ids(storage.idSecret);
  const live = new Live();
  const jobs = new Jobs(live, clock);
  const countries = new Countries();
  const directory = new SiteDirectory({ storage, secrets, push, clock, generateKeys: ports.generateKeys });
  const pushHosts = new PushHostList(storage, push, ports.allowPushHosts);
  const holds = new Holds(storage, clock);
  const [gate] = await Promise.all([
    AccessGate.open({ storage, secrets, clock, log }),
    directory.load(),
    pushHosts.load(),
    holds.load(),
  ]);

  const payloadSurroundings = (site: SiteRow) => ({
    origins: site.origins,
    ownOrigins: ports.ownOrigins(),
    events: new URL('/v1/events', ports.publicUrl()).href,
  });
  const sending = {
    storage,
    push,
    directory,
    holds,
    ids,
    clock,
    random: ports.random,
    log,
    payloadSurroundings,
  };
  const sender = new Sender(sending, live);
  const bulk = new BulkChanges({ storage, directory, ids, live, jobs, clock, log });
  const upkeep = new Upkeep({
    storage,
    clock,
    log,
    jobs,
    changed: (changed) => sender.publish(changed),
    forgetChanges: () => bulk.forget(),
  });
  const health = new Health(storage, ports.about.dataFolder, live);
  const clockWatch = new ClockWatch(clock, (by) => void sender.clockJumped(by));
  await sender.recover();
  const campaigns = new Campaigns({ storage, sender, upkeep, holds, ids, clock, payloadSurroundings });
  const rehearsals = new Rehearsals({
    storage,
    service: ports.rehearsal,
    push,
    directory,
    campaigns,
    holds,
    ids,
    live,
    jobs,
    random: ports.random,
    clock,
    log,
    publicListener: ports.about.publicListener,
    forgetSite(site) {
      gate.forgetSite(site);
      holds.forget(site);
    },
  });
  const siteCheck = new SiteCheck({
    web: ports.web,
    directory,
    clock,
    publicUrl: ports.publicUrl,
    privateHosts: ports.checkPrivateHosts,
  });
  const imports = new Imports({
    storage,
    files: ports.importFiles,
    directory,
    pushHosts,
    ids,
    live,
    jobs,
    clock,
    log,
  });

  const attributes = new AttributeDirectory({ storage, ids, live, jobs, clock, log });

  const parts = {
    storage,
    directory,
    campaigns,
    segments: new SegmentDirectory({ storage, ids, live, clock }),
    attributes,
    sender,
    holds,
    gate,
    ids,
    live,
    jobs,
    push,
    pushHosts,
    rehearsals,
    imports,
    bulk,
    upkeep,
    health,
    siteCheck,
    secrets,
    clock,
    countries,
    about: ports.about,
    payloadSurroundings,
  };
  const exported = exporter(parts);

  return {
    router: buildRouter(parts, exported),
    exporter: exported,
    visitors: visitors({
      storage,
      directory,
      push,
      ids,
      live,
      clock,
      countries,
      ownOrigins: ports.ownOrigins,
      onCampaigns: (changed) => sender.publish(changed),
    }),
    gate,
    rehearse: (people) => rehearsals.ensure(people),
    async start() {
      await rehearsals.start(); // before the campaigns that send to it
      await Promise.all([
        sender.start(),
        countries.load(),
        imports.start(),
        bulk.start(),
        attributes.start(),
      ]);
      upkeep.start();
      clockWatch.start();
    },
    async stop() {
      clockWatch.stop();
      await Promise.all([
        sender.stop(),
        rehearsals.stop(),
        imports.stop(),
        bulk.stop(),
        attributes.stop(),
        upkeep.stop(),
      ]);
      await jobs.stop();
      await gate.close();
    },
  };
}
