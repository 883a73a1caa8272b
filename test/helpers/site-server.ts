import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Problem } from '../../main/contract/errors.ts';
import { promptForPage } from '../../main/contract/prompt-for-page.ts';
import { defaultPrompt, type Prompt } from '../../main/contract/prompts.ts';

const built = resolve(import.meta.dirname, '../../out/landing');
const siteKey = 'site-key';

/** P-256 public keys for VAPID, so that browsers take them (RFC 8292). */
export const vapidKeys = [
  'BPLArWe15NAMtHM6Hj22sZp8OoKj83_NOfNbnDJDnw5I1g2vJQd9y4kIjqnhdA4iiSUU1kvi4GAsZm4Sh7TpOlM',
  'BOlHVxwcYEVSqOmuZayQoWh5wKTclYkFiBtseiI_58yWrDqvoEqN_VSwMWls_7NfUqC_M0MiXBBor5DD-Io3YYg',
] as const;

/** As the public listener sends it with the landing page: no inline script or style, nothing from elsewhere. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** A request to the public interface. */
export interface Seen {
  method: string;
  /** From `/v1` on. */
  path: string;
  type: string;
  body: unknown;
}

/** How the public interface answers one path: a status with a body, or `unreachable`, which cuts the connection. */
export type Answer = { status: number; body?: unknown } | 'unreachable';

export const problem = (status: number, code: Problem['code'], extra: Partial<Problem> = {}): Answer => ({
  status,
  body: { type: `about:blank#${code}`, title: code, status, detail: `The detail of ${code}`, code, ...extra },
});

export interface SiteServer {
  url: string;
  siteKey: string;
  /** Everything asked of /v1, in order. */
  seen: Seen[];
  /** What the page is filled with, and what the configuration says. */
  site: { key: string; name: string; vapidPublicKey: string; workerPath: string; prompt: Prompt };
  /** Further files and pages by path, before the built ones. */
  files: Map<string, { type: string; body: string; policy?: string }>;
  /** Answers by the path's ending (`config`, `subscriptions`, `remove`, `events`), instead of the usual ones. */
  answers: Map<string, Answer>;
  /** Cuts every connection to /v1, as if the server were down; the page itself is still served. */
  down: boolean;
  /** Holds every answer to a POST until it is released. */
  hold(): () => void;
  /** Requests to a path that ends so. */
  count(ending: string): number;
  /** Resolves with the nth request (from 1) to a path that ends so. */
  request(ending: string, nth?: number): Promise<Seen>;
  close(): Promise<void>;
}

const escapeHtml = (value: string) =>
  value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Serves what landing/ was built to and plays the documented public interface, for tests of the visitor's side. */
export async function startSiteServer(): Promise<SiteServer> {
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  let held: Promise<void> = Promise.resolve();

  const usual = (method: string, path: string, query: URLSearchParams): Answer => {
    if (path === `/v1/sites/${siteKey}/config`) {
      const { vapidPublicKey, workerPath, prompt } = server.site;
      const told = { kind: prompt.kind, ...(prompt.welcome && { welcome: true }) };
      return { status: 200, body: { vapidPublicKey, workerPath, prompt: told } };
    }
    if (path === `/v1/sites/${siteKey}/prompt`) {
      return { status: 200, body: promptForPage(server.site.prompt, query.get('language') ?? '') };
    }
    if (method !== 'POST') return problem(404, 'not_found');
    if (path === `/v1/sites/${siteKey}/subscriptions`) return { status: 201, body: { id: 'subscriber-1' } };
    if (path === `/v1/sites/${siteKey}/subscriptions/remove` || path === '/v1/events') return { status: 204 };
    return problem(404, 'not_found');
  };

  async function api(request: IncomingMessage, response: ServerResponse, url: URL) {
    const path = url.pathname;
    const body = await text(request);
    const method = request.method ?? '';
    const seen = {
      method,
      path,
      type: request.headers['content-type'] ?? '',
      body: body && JSON.parse(body),
    };
    server.seen.push(seen);
    for (const look of waiting) look();
    const ending = path.split('/').at(-1) ?? '';
    const answer = server.down
      ? 'unreachable'
      : (server.answers.get(ending) ?? usual(method, path, url.searchParams));
    if (method === 'POST') await held;
    if (answer === 'unreachable') return request.socket.destroy();
    response.writeHead(answer.status, {
      'content-type': answer.status >= 400 ? 'application/problem+json' : 'application/json',
    });
    return response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  async function file(response: ServerResponse, path: string) {
    const own = server.files.get(path);
    const name = path === '/' ? 'page/index.html' : path.replace(/^\/landing\//, 'page/').replace(/^\//, '');
    const type = own?.type ?? types[extname(name)] ?? 'text/plain';
    const body = own?.body ?? (await readFile(join(built, name)).catch(() => null));
    if (body === null) return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': type,
      'cache-control': 'no-cache',
      'content-security-policy': own?.policy ?? policy,
    });
    if (path !== '/' || own) return response.end(body);
    return response.end(
      body
        .toString()
        .replaceAll('__SITE_KEY__', escapeHtml(server.site.key))
        .replaceAll('__SITE_NAME__', escapeHtml(server.site.name)),
    );
  }

  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    void (url.pathname.startsWith('/v1/') ? api(request, response, url) : file(response, url.pathname));
  });
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const { port } = http.address() as AddressInfo;

  const to = (ending: string) => server.seen.filter(({ path }) => path.endsWith(`/${ending}`));
  const server: SiteServer = {
    url: `http://127.0.0.1:${port}`,
    siteKey,
    seen: [],
    site: {
      key: siteKey,
      name: 'Owls & <friends>',
      vapidPublicKey: vapidKeys[0],
      workerPath: '/belfry-sw.js',
      prompt: defaultPrompt,
    },
    files: new Map(),
    answers: new Map(),
    down: false,
    hold() {
      let release = () => {};
      held = new Promise((done) => {
        release = done;
      });
      return release;
    },
    count: (ending) => to(ending).length,
    request: (ending, nth = 1) =>
      new Promise((done) => {
        const look = () => {
          const found = to(ending)[nth - 1];
          if (!found) return;
          waiting.delete(look);
          done(found);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => http.close(done));
    },
  };
  return server;
}
