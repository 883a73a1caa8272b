import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from '../core/ports/surroundings.ts';
import { DatabaseRefused, fileRefused } from './refused.ts';

/** What begins with this was sealed by a system's key store (main/electron/secrets.ts). */
export const keyStoreMark = 'bks1';

/**
 * Secrets under a key in a file that only its owner can read (`secrets.key`, 0600), for machines that have no key
 * store. AES-256-GCM; a sealed secret is nonce (12 bytes), tag (16), ciphertext.
 * @param folder the data folder; the file is made there when it is missing
 * @throws DatabaseRefused when the file is no key, or is missing beside a database that was sealed with it
 */
export function openKeyFile(folder: string): Secrets {
  const file = join(folder, 'secrets.key');
  const key = readKey(file) ?? makeKey(folder, file);
  return {
    kind: 'key file',
    warning:
      'This system offers no key store, so the private keys are sealed with a key in a file beside the database ' +
      '(secrets.key, readable by its owner only). Whoever can read the data folder can read them: keep it private.',
    seal(secret) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    open(sealed) {
      const bytes = Buffer.from(sealed);
      if (bytes.subarray(0, 4).toString('latin1') === keyStoreMark)
        throw new Error(
          'The private keys were sealed by the key store of the desktop application, which only that account can ' +
            'open. Export the keys there (Settings), or start the desktop application.',
        );
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
      } catch {
        throw new DatabaseRefused(
          `${file} is not the key that the sites’ private keys were sealed with. Put the file that belongs to this ` +
            'database in its place, from the same backup.',
        );
      }
    },
  };
}

function readKey(file: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw fileRefused(file, error);
  }
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new DatabaseRefused(
      `${file} does not hold a key. Put the file from your backup in its place: without it the sites’ private keys cannot be read.`,
    );
  return Buffer.from(text, 'hex');
}

function makeKey(folder: string, file: string): Buffer {
  if (existsSync(join(folder, 'belfry.db')))
    throw new DatabaseRefused(
      `${file} is missing: the sites’ private keys in belfry.db are sealed with it. Put the file from the same ` +
        'backup beside the database, or move belfry.db away to begin anew.',
    );
  const key = randomBytes(32);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // durable before anything is sealed with it, and under its name only once it is whole
    const unfinished = `${file}.${process.pid}`;
    const handle = openSync(unfinished, 'w', 0o600);
    try {
      writeSync(handle, `${key.toString('hex')}\n`);
      fsyncSync(handle);
      name(unfinished, file);
    } finally {
      closeSync(handle);
      rmSync(unfinished, { force: true });
    }
  } catch (error) {
    throw fileRefused(file, error);
  }
  return readKey(file) ?? key;
}

/** Gives a file its name, unless another Belfry has just made one of that name: then that one holds. */
function name(unfinished: string, file: string): void {
  try {
    linkSync(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    renameSync(unfinished, file); // a file system without links
  }
}
