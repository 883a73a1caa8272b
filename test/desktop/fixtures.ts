import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for a test's data that goes with it. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'belfry-desktop-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A page of somebody else's, on a server of its own. */
export async function foreignPage(): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Foreign</title>');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

/** A preload script that asks for the port without any of the checks that ours makes. */
export async function greedyPreload(folder: string): Promise<string> {
  const file = join(folder, 'greedy.cjs');
  await writeFile(
    file,
    `const { ipcRenderer, contextBridge } = require('electron');
     let ports = 0;
     ipcRenderer.on('belfry:port', (event) => { ports += event.ports.length; });
     contextBridge.exposeInMainWorld('greedy', { ask: () => ipcRenderer.send('belfry:port'), ports: () => ports });`,
  );
  return file;
}
