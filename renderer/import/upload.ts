import { chunkSize } from '../../main/contract/import-names.ts';
import type { Import } from '../../main/contract/imports.ts';
import type { Client } from '../door.ts';

/** Base64 of bytes, made by the browser. */
function base64(bytes: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('The file cannot be read.'));
    reader.readAsDataURL(bytes);
  });
}

/**
 * Sends a file piece by piece; goes on with one of the same name and size that did not come to its end.
 * @param onProgress told after each piece
 * @returns null when it was stopped
 */
export async function uploadFile(
  client: Client,
  site: string,
  file: File,
  onProgress: (now: Import) => void,
  signal: AbortSignal,
): Promise<Import | null> {
  const { items } = await client.imports.list({ site });
  const begun = items.find(
    ({ state, name, size }) => state === 'receiving' && name === file.name && size === file.size,
  );
  let now = begun ?? (await client.imports.begin({ site, name: file.name.slice(0, 255), size: file.size }));
  onProgress(now);
  while (now.state === 'receiving') {
    if (signal.aborted) return null;
    const offset = now.received;
    const data = await base64(file.slice(offset, offset + chunkSize));
    now = await client.imports.append({ id: now.id, offset, data });
    onProgress(now);
  }
  return now;
}
