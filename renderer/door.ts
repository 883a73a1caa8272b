import { createORPCClient } from '@orpc/client';
import { RPCLink as FetchLink } from '@orpc/client/fetch';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../main/contract/contract.ts';

/** The core, as a screen sees it: every procedure of the contract, whatever carries the call. */
export type Client = ContractRouterClient<Contract>;

/** Asks the preload script for the window's one port. */
function windowPort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const take = (event: MessageEvent) => {
      const [port] = event.ports;
      if (event.source !== window || event.data !== 'belfry:port' || !port) return;
      window.removeEventListener('message', take);
      resolve(port);
    };
    window.addEventListener('message', take);
    window.postMessage('belfry:want', location.origin);
  });
}

/** Connects to the core: over a MessagePort in the desktop window, over HTTP with the operator's cookie elsewhere. */
export async function openDoor(): Promise<Client> {
  if (location.protocol === 'app:') {
    const port = await windowPort();
    port.start();
    return createORPCClient(new PortLink({ port }));
  }
  return createORPCClient(new FetchLink({ url: new URL('rpc', `${location.origin}/`).href }));
}
