import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';

/**
 * A push service in a process of its own: takes everything and answers 201, over HTTP/2 and HTTP/1.1, on several
 * ports. Started by `startService`, which sends it key and certificate.
 */
process.once('message', async ({ key, certificate, ports }: ServiceStart) => {
  const listening = Array.from({ length: ports }, () => {
    // connections stay: one that ends just when it is used again would be a fault of neither side
    const http1Options = { keepAliveTimeout: 600_000 };
    const server = createSecureServer({ key, cert: certificate, allowHTTP1: true, http1Options });
    server.on('request', (request, response) => {
      request.resume();
      request.on('end', () => {
        response.statusCode = 201;
        response.end();
      });
    });
    server.on('sessionError', () => {});
    server.on('tlsClientError', () => {});
    return new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  });
  process.send?.(await Promise.all(listening));
});
process.on('disconnect', () => process.exit(0));

export interface ServiceStart {
  key: string;
  certificate: string;
  ports: number;
}
