/** The scheme and origin that the window's page comes from. */
export const consoleScheme = 'app';
export const consoleHost = 'console';
export const consoleOrigin = `${consoleScheme}://${consoleHost}`;

/** A URL, or null. */
export const parseUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);

const schemes = ['https:', 'http:', 'mailto:'];

/**
 * Whether a link may be handed to the system's browser or mail program: web and mail addresses without credentials,
 * and nothing that could start another program.
 */
export function isOutwardLink(link: string): boolean {
  const url = parseUrl(link);
  return url !== null && schemes.includes(url.protocol) && url.username === '' && url.password === '';
}

/** Whether an address is the console's own page, wherever in it. */
export function isConsole(address: string): boolean {
  const url = parseUrl(address);
  return url?.protocol === `${consoleScheme}:` && url.host === consoleHost;
}

/**
 * The address of a screen of the site that the window shows at present.
 * @param current the window's address, such as `app://console/#/sites/a1/campaigns`
 * @param screen such as `compose`; empty: the overview
 * @returns the console's first page while no site is open
 */
export function screenAddress(current: string, screen: string): string {
  const site = /^#\/sites\/([A-Za-z0-9_-]+)/.exec(parseUrl(current)?.hash ?? '')?.[1];
  const path = site === undefined ? '/' : `/sites/${site}${screen === '' ? '' : `/${screen}`}`;
  return `${consoleOrigin}/#${path}`;
}
