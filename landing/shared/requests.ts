import type { Problem } from '../../main/contract/errors.ts';
import type { ClientConfig, SubscribeRequest } from '../../main/contract/public.ts';

/** The server could not be reached or cannot answer now: the same request may succeed later. */
export class Unreachable extends Error {}

/** The server said no, with a sentence that may be shown to the visitor. */
export class Refused extends Error {
  declare readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * A request to Belfry's public listener.
 * @throws Unreachable after 15 s (browsers of before 2022: whenever they give up), without a network, and for 408, 429 and 5xx
 * @throws Refused for every other status but 2xx
 */
async function request(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout?.(15_000) ?? null;
  const response = await fetch(url, { credentials: 'omit', signal, ...init }).catch(() => {
    throw new Unreachable();
  });
  if (response.ok) return response;
  const { status } = response;
  if (status >= 500 || status === 429 || status === 408) throw new Unreachable();
  const problem: Partial<Problem> = await response.json().catch(() => ({}));
  throw new Refused(status, problem.visitorMessage ?? problem.detail ?? '');
}

const post = (url: string, body: unknown, type = 'application/json') =>
  request(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(body),
    keepalive: true,
  });

/** Belfry's public listener, as one site sees it. Every method throws Unreachable or Refused. */
export function siteApi(server: string, site: string) {
  const base = `${server}/v1/sites/${encodeURIComponent(site)}`;
  return {
    async config(): Promise<ClientConfig> {
      const response = await request(`${base}/config`, {});
      return response.json().catch(() => {
        throw new Unreachable();
      });
    },
    subscribe: (body: SubscribeRequest) => post(`${base}/subscriptions`, body),
    remove: (endpoint: string, lost?: true) => post(`${base}/subscriptions/remove`, { endpoint, lost }),
  };
}

/** Sends reports. As text/plain: no preflight, so that it works while a page or a worker is ending. */
export const postReports = (url: string, events: unknown[]) => post(url, { events }, 'text/plain');
