import { randomBytes } from 'node:crypto';

/** What the build writes wherever a nonce belongs. */
const placeholder = '__CSP_NONCE__';

/** A nonce for one response (CSP Level 3, 2.3): 128 random bits. */
export const newNonce = () => randomBytes(16).toString('base64');

/** A Content-Security-Policy from its directives; everything not named is refused. */
export const policy = (directives: Record<string, string>) =>
  Object.entries({
    'default-src': "'none'",
    ...directives,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  })
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');

/** The policy of everything that is not a page: it may do nothing at all. */
export const bare = policy({});

/**
 * The policy of the service worker's file, which holds for all that the worker does: it reports to the public
 * address, which need not be where the file came from, and notifications have pictures from anywhere.
 */
export const workerPolicy = policy({
  'script-src': "'self'",
  'connect-src': 'https: http:',
  'img-src': 'https: http: data:',
});

/**
 * The console's page as built, made ready to be sent once.
 * @returns the HTML with a fresh nonce and the Content-Security-Policy that belongs to it. Pictures may come from
 *   anywhere, since the compose screen previews those that a message names.
 */
export function consolePage(html: string): { html: string; csp: string } {
  const nonce = newNonce();
  return {
    html: html.replaceAll(placeholder, nonce),
    csp: policy({
      'script-src': `'self' 'nonce-${nonce}'`,
      'style-src': `'self' 'nonce-${nonce}'`,
      'img-src': "'self' data: blob: https: http:",
      'font-src': "'self' data:",
      'connect-src': "'self'",
    }),
  };
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/**
 * The landing page as built, for one site.
 * @returns the HTML with the site's key and name in it, and the Content-Security-Policy that belongs to it
 */
export function landingPage(
  html: string,
  site: { key: string; name: string },
): { html: string; csp: string } {
  const nonce = newNonce();
  const values: Record<string, string> = {
    __SITE_KEY__: escapeHtml(site.key),
    __SITE_NAME__: escapeHtml(site.name),
    [placeholder]: nonce,
  };
  return {
    // in one pass, so that a name that looks like a placeholder stays a name
    html: html.replace(/__(?:SITE_KEY|SITE_NAME|CSP_NONCE)__/g, (found) => values[found] ?? found),
    csp: policy({
      'script-src': `'self' 'nonce-${nonce}'`,
      'style-src': `'self' 'nonce-${nonce}'`,
      'img-src': "'self' data:",
      'font-src': "'self'",
      'connect-src': "'self'",
      'worker-src': "'self'",
      'manifest-src': "'self'",
    }),
  };
}
