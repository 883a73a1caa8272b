import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Session } from 'electron';
import { bare, consolePage } from '../http/page.ts';
import { consoleHost, consoleScheme, parseUrl } from './address.ts';

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/**
 * Answers a request for the console's files as a web server would.
 * @param folder the built console
 * @returns the page at `/` with a fresh nonce and its Content-Security-Policy, a file beneath the folder, or 404
 */
export async function answerConsole(
  folder: string,
  request: { url: string; method: string },
): Promise<Response> {
  const url = parseUrl(request.url);
  if (url?.host !== consoleHost) return nothing(404);
  if (request.method !== 'GET' && request.method !== 'HEAD') return nothing(405);
  if (url.pathname === '/' || url.pathname === '/index.html') {
    const { html, csp } = consolePage(await readFile(join(folder, 'index.html'), 'utf8'));
    return new Response(html, { headers: headers('text/html; charset=utf-8', csp) });
  }
  const file = fileBeneath(folder, url.pathname);
  if (file === null) return nothing(404);
  try {
    const body = new Uint8Array(await readFile(file));
    return new Response(body, { headers: headers(types[extname(file)] ?? 'application/octet-stream', bare) });
  } catch {
    return nothing(404);
  }
}

/** Serves the console to the windows of a session at `app://console/`. */
export const serveConsole = (session: Session, folder: string) =>
  session.protocol.handle(consoleScheme, (request) => answerConsole(folder, request));

/** The file that a path names; null when it would lie outside of the folder or is no plain name. */
function fileBeneath(folder: string, pathname: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (/[\0\\]/.test(path)) return null;
  const file = join(folder, path);
  return file.startsWith(folder + sep) ? file : null;
}

const headers = (type: string, csp: string) => ({
  'content-type': type,
  'content-security-policy': csp,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
});

const nothing = (status: number) =>
  new Response(null, { status, headers: { 'content-security-policy': bare } });
