import type { RetentionNow } from '../../contract/system.ts';
import { readRetention, writeRetention } from '../upkeep/retention.ts';
import { os, type Parts } from './base.ts';

export function systemProcedures(parts: Parts) {
  const { about, pushHosts, live, storage, upkeep, health } = parts;
  const retention = async (): Promise<RetentionNow> => {
    const [chosen, kept] = await Promise.all([readRetention(storage), storage.upkeep.size()]);
    return { ...chosen, kept };
  };
  return {
    get: os.system.get.handler(({ context }) => ({
      version: about.version,
      door: context.actor.kind === 'operator' ? context.actor.door : ('key' as const),
      publicUrl: parts.siteCheck.publicUrl(),
      publicListener: about.publicListener(),
      landing: about.landing(),
      apiListener: about.apiListener(),
      dataFolder: about.dataFolder,
      keyStore: { kind: parts.secrets.kind, warning: parts.secrets.warning },
      troubles: health.troubles(),
    })),
    pushHosts: os.system.pushHosts.handler(() => pushHosts.get()),
    setPushHosts: os.system.setPushHosts.handler(async ({ input }) => {
      await pushHosts.setAdded(input.added);
      return pushHosts.get();
    }),
    retention: os.system.retention.handler(retention),
    setRetention: os.system.setRetention.handler(async ({ input }) => {
      await writeRetention(storage, input);
      upkeep.wake();
      return retention();
    }),
    watch: os.system.watch.handler(({ signal }) => live.watch(signal)),
  };
}
