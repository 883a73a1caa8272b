import type { Secrets } from '../core/ports/surroundings.ts';
import { keyStoreMark } from '../storage/key-file.ts';

/** The part of Electron's safeStorage that is needed, so that a test can stand in for a key store. */
export interface KeyStore {
  isEncryptionAvailable(): boolean;
  /** Only on Linux. `basic_text` is a password that everybody knows. */
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  decryptString(sealed: Buffer): string;
}

/** Begins what the system's key store sealed. What a key file sealed begins with random bytes. */
const mark = Buffer.from(keyStoreMark);

/**
 * Seals secrets with the system's key store, or with the key file where there is none. What was sealed either way
 * can be opened later, whichever is in use then; so a data folder may have been a server's before.
 * @param keyStore Electron's safeStorage, once the application is ready
 * @param keyFile opens the key file; called only when it is needed
 */
export function openSecrets(keyStore: KeyStore, keyFile: () => Secrets): Secrets {
  let opened: Secrets | null = null;
  const file = () => {
    opened ??= keyFile();
    return opened;
  };
  const usable = keyStore.isEncryptionAvailable() && keyStore.getSelectedStorageBackend?.() !== 'basic_text';
  return {
    kind: usable ? "the system's key store" : file().kind,
    warning: usable ? null : file().warning,
    seal(secret) {
      if (!usable) return file().seal(secret);
      return Buffer.concat([mark, keyStore.encryptString(Buffer.from(secret).toString('base64'))]);
    },
    open(sealed) {
      const bytes = Buffer.from(sealed);
      if (!bytes.subarray(0, mark.length).equals(mark)) return file().open(sealed);
      if (!usable) {
        throw new Error(
          "This was sealed with the system's key store, which cannot be reached now. Unlock the key ring, or start Belfry as the person who set it up.",
        );
      }
      return Buffer.from(keyStore.decryptString(bytes.subarray(mark.length)), 'base64');
    },
  };
}
