import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/**
 * The headers that every answer has, as helmet sets them: worked out once, for they are always the same.
 * @param embeddable whether other websites may embed what is served
 */
export function securityHeaders(embeddable: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  const recorder = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => {},
  };
  const set = helmet({
    contentSecurityPolicy: false, // one policy a page, see page.ts
    strictTransportSecurity: false, // belongs to whoever terminates TLS for the name
    referrerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: embeddable ? 'cross-origin' : 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  // helmet touches nothing of a response but its headers, and of a request nothing
  set({} as IncomingMessage, recorder as unknown as ServerResponse, () => {});
  return headers;
}
