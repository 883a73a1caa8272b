/** Constants of imports, in a file without zod: the console takes them from here, and ships no schema. */

/** What a column of a file can be. `ignore`: nothing of it is kept. */
export const importFields = [
  'ignore',
  'endpoint',
  'p256dh',
  'auth',
  'subscription',
  'vapidKey',
  'externalId',
  'tags',
  'attributes',
  'attribute',
  'language',
  'country',
  'timeZone',
  'userAgent',
  'browser',
  'browserVersion',
  'system',
  'device',
  'page',
  'firstSeen',
  'lastSeen',
  'consentVersion',
  'consentAt',
  'state',
  'deviceType',
  'subscribed',
  'unsubscribed',
] as const;
export type ImportField = (typeof importFields)[number];

/** Why a row was not taken. */
export const refusalReasons = {
  'native-app': 'Belongs to a phone app, not to a browser',
  email: 'An e-mail address, not a browser’s subscription',
  sms: 'A telephone number, not a browser’s subscription',
  'old-safari': 'Safari’s former push (before 2022), which only Apple’s own certificates can reach',
  'unsubscribed-there': 'The former service says that this person no longer wants messages',
  'no-endpoint': 'No endpoint: the address at a push service that every subscription has',
  'no-keys': 'The keys are missing: p256dh and auth are both needed to encrypt messages',
  'bad-endpoint': 'The endpoint cannot be sent to',
  'host-not-allowed': 'The endpoint’s host is not a push service known here',
  'bad-keys': 'The keys are damaged: p256dh must be a point on P-256, auth 16 bytes',
  'other-key': 'Made with a VAPID key that this site does not have. Bring that key in first, under Settings',
  duplicate: 'The same endpoint stands earlier in the file',
  left: 'This person left here, and only they can come back',
  erased: 'This person was erased here',
  'too-many-columns': 'More cells than the first line has names',
  'too-few-columns': 'Fewer cells than the first line has names: the row breaks off',
  'bad-encoding': 'Bytes that are no text in the file’s encoding',
  'too-large': 'The row is larger than a subscription can be',
  'bad-row': 'The row cannot be read',
  'bad-value': 'A value does not fit its column',
} as const;
export type RefusalReason = keyof typeof refusalReasons;

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];
export const fileFormats = ['csv', 'json-lines', 'json'] as const;
export type FileFormat = (typeof fileFormats)[number];
export const attributeTypes = ['text', 'number', 'yes-no'] as const;
export type AttributeType = (typeof attributeTypes)[number];

/** At most so many columns; a file of subscribers has a few dozen. */
export const maxColumns = 500;

export const importStates = [
  'receiving',
  'ready',
  'checking',
  'checked',
  'importing',
  'undoing',
  'finished',
  'cancelled',
  'interrupted',
  'failed',
  'undone',
] as const;
export type ImportState = (typeof importStates)[number];

/** Bytes that one `append` may bring. */
export const chunkSize = 1024 * 1024;
/** Bytes that a file may have. */
export const maxFileSize = 4 * 1024 ** 3;
