import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { build } from 'vite';

const root = resolve(import.meta.dirname, '../../..');
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/**
 * The least that a page with React can be: a title and a field. Built as the console is, served from this machine.
 * @returns its address, the folder it lies in, and how to be rid of it
 */
export async function startBarePage() {
  const source = join(root, 'out/bench/source');
  const folder = join(root, 'out/bench/page');
  await mkdir(source, { recursive: true });
  await writeFile(
    join(source, 'index.html'),
    '<!doctype html><title>Bare</title><div id="root"></div><script type="module" src="./main.js"></script>',
  );
  await writeFile(
    join(source, 'main.js'),
    `import { createElement, useState } from 'react';
     import { createRoot } from 'react-dom/client';
     function Page() {
       const [text, setText] = useState('');
       return createElement('main', null, createElement('h1', null, 'Usable'),
         createElement('input', { value: text, onChange: (event) => setText(event.currentTarget.value) }));
     }
     createRoot(document.getElementById('root')).render(createElement(Page));`,
  );
  await build({
    configFile: false,
    root: source,
    base: './',
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir: folder, emptyOutDir: true },
  });
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://bare').pathname;
    readFile(join(folder, path === '/' ? 'index.html' : path)).then(
      (body) => response.setHeader('content-type', types[extname(path) || '.html'] ?? 'text/plain').end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    file: join(folder, 'index.html'),
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(join(root, 'out/bench'), { recursive: true, force: true });
    },
  };
}
