import { randomBytes } from 'node:crypto';
import { Mailbox, type PushMessage } from '../subscriptions.ts';

/** An application on a device that messages can be addressed to. */
export interface Registration {
  token: string;
  app: string;
  /** Chromium's name for the service worker's registration. */
  subtype: string;
  /** The application server's key, base64url. */
  sender: string;
}

/** One browser profile, as Google's service knows it. */
export interface Device {
  id: bigint;
  securityToken: bigint;
  registrations: Registration[];
  mailbox: Mailbox;
  /** Writes a message to the browser's connection; null while there is none. */
  push: ((registration: Registration, message: PushMessage) => void) | null;
}

export class Devices {
  readonly #byId = new Map<bigint, Device>();

  get(id: bigint): Device | undefined {
    return this.#byId.get(id);
  }

  create(): Device {
    const random = () => randomBytes(8).readBigUInt64LE() >> 2n;
    const device = {
      id: random(),
      securityToken: random(),
      registrations: [],
      mailbox: new Mailbox(),
      push: null,
    };
    this.#byId.set(device.id, device);
    return device;
  }
}
