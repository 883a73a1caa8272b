import type { SubscribeRequest } from '../../main/contract/public.ts';

type Person = Pick<
  SubscribeRequest,
  'externalId' | 'externalIdSignature' | 'attributes' | 'tags' | 'language' | 'consent'
>;

/** What a page tells of its site and its visitor. */
export interface Options extends Person {
  /** The site's key, as the console shows it. */
  site: string;
  /** Origin of Belfry's public address; where the script came from when left out. */
  server?: string;
  /** Where the site serves the service worker; as set in the console when left out. */
  workerPath?: string;
}

/**
 * The options that a script element carries as `data-site`, `data-server`, `data-worker-path`,
 * `data-external-id`, `data-external-id-signature`, `data-tags` (comma-separated), `data-language`,
 * `data-consent` (the version consented to).
 * @returns null without a `data-site`
 */
export function optionsFrom({ dataset }: HTMLElement): Options | null {
  const { site, server, workerPath, externalId, externalIdSignature, tags, language, consent } = dataset;
  if (!site) return null;
  return {
    site,
    ...(server && { server }),
    ...(workerPath && { workerPath }),
    ...(externalId && { externalId }),
    ...(externalIdSignature && { externalIdSignature }),
    ...(tags && {
      tags: tags
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    }),
    ...(language && { language }),
    ...(consent && { consent: { version: consent } }),
  };
}
