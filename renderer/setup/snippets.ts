import type { Site } from '../../main/contract/sites.ts';

/** The file that a site serves as its service worker. */
export const workerSnippet = (publicUrl: string) =>
  `importScripts(${JSON.stringify(`${publicUrl}/belfry-sw.js`)});`;

/** What goes into a site's pages: the client, and a button, since browsers want to be asked from a click. */
export const pageSnippet = (publicUrl: string, { key }: Pick<Site, 'key'>) =>
  [
    `<script src="${publicUrl}/belfry.js" data-site="${key}" defer></script>`,
    '',
    '<button onclick="belfry.subscribe()">Tell me when there is news</button>',
  ].join('\n');
