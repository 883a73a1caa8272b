import { app, type Session, shell } from 'electron';
import type { Logger } from '../core/ports/surroundings.ts';
import { consoleOrigin, isConsole, isOutwardLink } from './address.ts';

/**
 * Keeps every page that Belfry ever shows where it is: no navigation away from the console, no window of its own, no
 * embedded page. A link out opens in the system's browser.
 */
export function guardPages(log: Logger): void {
  const refuse = (what: string) => (event: { preventDefault(): void }) => {
    event.preventDefault();
    log.warn({}, `Refused: ${what}`);
  };
  app.on('web-contents-created', (_event, page) => {
    const stay = (event: { preventDefault(): void; url: string }) => {
      if (!isConsole(event.url)) refuse('navigation away from the console')(event);
    };
    page.on('will-navigate', stay);
    page.on('will-redirect', stay);
    page.on('will-frame-navigate', stay);
    page.on('will-attach-webview', refuse('an embedded page'));
    page.setWindowOpenHandler(({ url }) => {
      if (isOutwardLink(url)) void shell.openExternal(url).catch(() => {});
      else log.warn({}, 'Refused: a new window');
      return { action: 'deny' };
    });
  });
}

/** Refuses whatever a page may ask of the machine, but for copying text; lets it save only what it made itself. */
export function guardSession(session: Session): void {
  const allowed = (permission: string, address: string) =>
    permission === 'clipboard-sanitized-write' && isConsole(address);
  session.setPermissionCheckHandler((_page, permission, origin) => allowed(permission, origin));
  session.setPermissionRequestHandler((_page, permission, decide, details) =>
    decide(details.isMainFrame && allowed(permission, details.requestingUrl)),
  );
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${consoleOrigin}/`)) event.preventDefault();
  });
}
