import type { ImportOptions } from '../../contract/imports.ts';
import type { ImportRecord, ReadSettings } from '../ports/imports.ts';
import type { Clock } from '../ports/surroundings.ts';
import { Refusal } from '../refusal.ts';
import type { SiteDirectory } from '../sites/directory.ts';
import type { PushHostList } from '../sites/push-hosts.ts';

/**
 * What a file is read with: the options, the site's keys, the hosts that the operator allows.
 * @throws Refusal not_found, invalid_input for a key that the site does not have
 */
export function readSettings(
  parts: { directory: SiteDirectory; pushHosts: PushHostList; clock: Clock },
  record: Pick<ImportRecord, 'site'>,
  options: ImportOptions,
): ReadSettings {
  const { directory, pushHosts, clock } = parts;
  const site = directory.get(record.site);
  if (site === undefined) throw new Refusal('not_found', 'There is no such site.');
  const keys = directory.keysOf(site).map(({ id, publicKey }) => ({
    id,
    publicKey: Buffer.from(publicKey).toString('base64url'),
  }));
  const wanted = options.vapidKey?.replace(/=+$/, '');
  const vapidKey =
    wanted === undefined ? site.vapidKey.id : keys.find(({ publicKey }) => publicKey === wanted)?.id;
  if (vapidKey === undefined)
    throw new Refusal(
      'invalid_input',
      'The site does not have this key. Bring it in first, under Settings.',
      {
        errors: [{ pointer: '/options/vapidKey', detail: 'Not a key of this site' }],
      },
    );
  const { fromCommandLine, added } = pushHosts.get();
  return { options, keys, vapidKey, allowedHosts: [...fromCommandLine, ...added], now: clock.now() };
}
