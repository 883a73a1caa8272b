import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Every host that a local push service stands in for. */
export const pushHosts = [
  'localhost',
  'fcm.googleapis.com',
  'jmt17.google.com',
  'updates.push.services.mozilla.com',
  '*.notify.windows.com',
  '*.push.apple.com',
];

export interface Certificates {
  /** PEM file of the authority, for NODE_EXTRA_CA_CERTS. */
  authorityFile: string;
  /** PEM of the authority, for `ca` of a TLS client. */
  authority: string;
  /** PEM of the server's key and certificate. */
  key: string;
  certificate: string;
  /** Base64 SHA-256 of the server's public key (SPKI), by which Chromium can be told to trust it. */
  pin: string;
  [Symbol.asyncDispose](): Promise<void>;
}

const p256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/**
 * Makes an authority and a server certificate for 127.0.0.1 and `hosts`, in a folder of their own.
 * @param days for which the server's is valid; one that is past has expired
 */
export async function makeCertificates(hosts: string[] = pushHosts, days = 1): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-certificates-'));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const names = ['IP:127.0.0.1', ...hosts.map((host) => `DNS:${host}`)].join(',');
  await writeFile(
    join(folder, 'server.ext'),
    `subjectAltName=${names}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`,
  );
  const authority = ['-x509', '-keyout', 'authority.key', '-out', 'authority.pem', '-days', '1'];
  const authorityUse = ['-addext', 'keyUsage=critical,keyCertSign'];
  await openssl('req', ...p256, ...authority, ...authorityUse, '-subj', '/CN=Belfry test authority');
  await openssl('req', ...p256, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  const issuer = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
  const request = ['-req', '-in', 'server.csr', '-extfile', 'server.ext', '-days', String(days)];
  await openssl('x509', ...request, ...issuer, '-out', 'server.pem');

  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const certificate = await read('server.pem');
  const publicKey = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return {
    authorityFile: join(folder, 'authority.pem'),
    authority: await read('authority.pem'),
    key: await read('server.key'),
    certificate,
    pin: createHash('sha256').update(publicKey).digest('base64'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
