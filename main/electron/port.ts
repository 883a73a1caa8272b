import { RPCHandler } from '@orpc/server/message-port';
import { type IpcMainEvent, ipcMain, MessageChannelMain, type WebContents } from 'electron';
import type { Core } from '../core/core.ts';
import type { Logger } from '../core/ports/surroundings.ts';
import { declaredErrors } from '../http/fault.ts';
import { consoleOrigin } from './address.ts';

/** The one channel between a page and the shell; the preload script knows it by the same name. */
const channel = 'belfry:port';

/**
 * Gives the console's page a port to the core whenever it asks for one, so once for each time it is loaded. Only the
 * top frame of a window of ours that shows the console gets one.
 * @param starting the core, which may still be starting: who asks before gets the port when it is there
 * @param isOurs whether a page belongs to a window that Belfry opened for the console
 */
export function offerPort(
  starting: Promise<Core>,
  log: Logger,
  isOurs: (page: WebContents) => boolean,
): void {
  const handling = starting.then(
    (core) => new RPCHandler(core.router, { clientInterceptors: [declaredErrors(log)] }),
  );
  handling.catch(() => {}); // whoever starts the core says why it did not
  ipcMain.on(channel, (event: IpcMainEvent) => {
    const frame = event.senderFrame;
    const entitled =
      frame !== null &&
      isOurs(event.sender) &&
      frame.parent === null &&
      frame.routingId === event.sender.mainFrame.routingId &&
      frame.origin === consoleOrigin;
    if (!entitled) {
      log.warn({ origin: frame?.origin }, 'A page that is not the console asked for its port and got none');
      return;
    }
    const hand = (handler: Awaited<typeof handling>) => {
      // the page that asked may have been left meanwhile; the one that came asks for itself
      if (event.sender.isDestroyed() || event.senderFrame !== frame) return;
      const { port1, port2 } = new MessageChannelMain();
      handler.upgrade(port1, { context: { actor: { kind: 'operator', door: 'window' } } });
      port1.start();
      frame.postMessage(channel, null, [port2]);
    };
    handling.then(hand).catch((error) => {
      log.warn({ kind: String(error?.name) }, 'A page asked for its port and could not be given one');
    });
  });
}
