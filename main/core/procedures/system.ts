import { os, type Parts } from './base.ts';

export function systemProcedures(parts: Parts) {
  const { about, pushHosts, live } = parts;
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
    })),
    pushHosts: os.system.pushHosts.handler(() => pushHosts.get()),
    setPushHosts: os.system.setPushHosts.handler(async ({ input }) => {
      await pushHosts.setAdded(input.added);
      return pushHosts.get();
    }),
    watch: os.system.watch.handler(({ signal }) => live.watch(signal)),
  };
}
