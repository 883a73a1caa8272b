import { createECDH, createHash, randomBytes } from 'node:crypto';
import type { Import, ImportOptions, ImportPreview } from '../../main/contract/imports.ts';
import type { Site } from '../../main/contract/sites.ts';

/** Belfry in this process or another. */
export interface Called {
  api<Body>(method: string, path: string, body?: unknown): Promise<Body>;
}

const ecdh = createECDH('prime256v1');

/** A subscription as a browser gives it, which no browser has. */
export function aSubscription(
  name: string = randomBytes(8).toString('hex'),
  origin = 'https://fcm.googleapis.com',
) {
  const secret = createHash('sha256').update(name).digest();
  ecdh.setPrivateKey(secret);
  return {
    endpoint: `${origin}/fcm/send/${name}`,
    keys: {
      p256dh: ecdh.getPublicKey().toString('base64url'),
      auth: secret.subarray(0, 16).toString('base64url'),
    },
  };
}

/** Rows of CSV as most tools write them. */
export const csv = (rows: (string | number)[][], delimiter = ',', end = '\n') =>
  rows
    .map((row) =>
      row
        .map((cell) => (/["\n\r,;\t|]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell))
        .join(delimiter),
    )
    .join(end) + end;

/** The lines of a plain file of people, with the names. */
export const plainFile = (names: string[]) =>
  csv([
    ['endpoint', 'p256dh', 'auth'],
    ...names.map((name) => {
      const { endpoint, keys } = aSubscription(name);
      return [endpoint, keys.p256dh, keys.auth];
    }),
  ]);

/** Sends a file in pieces, as the console does. */
export async function upload(
  belfry: Called,
  site: Site,
  content: string | Uint8Array,
  { name = 'people.csv', piece = 700_000 } = {},
): Promise<Import> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  let file = await belfry.api<Import>('POST', '/imports', { site: site.id, name, size: bytes.length });
  for (let offset = 0; offset < bytes.length; offset += piece) {
    const data = bytes.subarray(offset, offset + piece).toString('base64');
    file = await belfry.api<Import>('POST', `/imports/${file.id}/bytes`, { offset, data });
  }
  return file;
}

export const preview = (belfry: Called, file: Import, more: object = {}) =>
  belfry.api<ImportPreview>('POST', `/imports/${file.id}/preview`, more);

type Options = Partial<ImportOptions>;
export async function check(belfry: Called, file: Import, options: Options = {}): Promise<Import> {
  await belfry.api('POST', `/imports/${file.id}/check`, { options });
  return over(belfry, file);
}
export async function run(belfry: Called, file: Import, options: Options = {}): Promise<Import> {
  await belfry.api('POST', `/imports/${file.id}/run`, { options });
  return over(belfry, file);
}

/** Waits until nothing is under way for this import. */
export async function over(belfry: Called, file: Import, seconds = 100): Promise<Import> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const now = await belfry.api<Import>('GET', `/imports/${file.id}`);
    if (now.job === null) return now;
    if (Date.now() > end) throw new Error(`Waited in vain; last: ${JSON.stringify(now)}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** The whole list of refused rows. */
export async function refusedOf(belfry: Called, file: Import): Promise<string> {
  let text = '';
  for (let offset: number | null = 0; offset !== null; ) {
    const piece: { text: string; nextOffset: number | null } = await belfry.api(
      'GET',
      `/imports/${file.id}/refused?offset=${offset}`,
    );
    text += piece.text;
    offset = piece.nextOffset;
  }
  return text;
}

/** Why rows were refused, and how many. */
export const reasonsOf = ({ counts, checked }: Import) =>
  Object.fromEntries((counts ?? checked)?.reasons.map(({ reason, count }) => [reason, count]) ?? []);

/** Very many rows, all of one browser's keys, made while they are read. */
export function* manyRows(count: number, padding = ''): Generator<string> {
  const { keys } = aSubscription('many');
  yield 'endpoint,p256dh,auth,padding\n';
  for (let i = 0; i < count; i++)
    yield `https://fcm.googleapis.com/fcm/send/many-${i},${keys.p256dh},${keys.auth},${padding}\n`;
}
