import { fork } from 'node:child_process';
import { once } from 'node:events';
import { makeCertificates } from '../../helpers/certificates.ts';
import type { ServiceStart } from './service.ts';

/** A local push service in a process of its own, at several origins. */
export async function startService(ports: number) {
  const certificates = await makeCertificates();
  const child = fork(new URL('./service.ts', import.meta.url), { execArgv: [] });
  const start: ServiceStart = { key: certificates.key, certificate: certificates.certificate, ports };
  child.send(start);
  const [numbers] = (await once(child, 'message')) as [number[]];
  const hosts = numbers.map((port) => `127.0.0.1:${port}`);
  return {
    hosts,
    certificates,
    async close() {
      child.disconnect();
      await once(child, 'exit');
      await certificates[Symbol.asyncDispose]();
    },
  };
}
