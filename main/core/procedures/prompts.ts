import { defaultPrompt } from '../../contract/prompts.ts';
import { os, type Parts, siteOf } from './base.ts';

export function promptProcedures(parts: Parts) {
  const { directory, live } = parts;
  return {
    get: os.prompts.get.handler(
      ({ input, context }) => siteOf(parts, context.actor, input.site).prompt ?? defaultPrompt,
    ),
    set: os.prompts.set.handler(async ({ input, context }) => {
      const site = siteOf(parts, context.actor, input.site);
      const { prompt } = await directory.update(site.id, { prompt: input.prompt });
      live.publish({ type: 'sites' });
      return prompt ?? defaultPrompt;
    }),
  };
}
