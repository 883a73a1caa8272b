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
 * @param isOurs whether a page belongs to a window that Belfry opened for the console
 */
export function offerPort(core: Core, log: Logger, isOurs: (page: WebContents) => boolean): void {
  const handler = new RPCHandler(core.router, { clientInterceptors: [declaredErrors(log)] });
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
    const { port1, port2 } = new MessageChannelMain();
    handler.upgrade(port1, { context: { actor: { kind: 'operator', door: 'window' } } });
    port1.start();
    frame.postMessage(channel, null, [port2]);
  });
}
