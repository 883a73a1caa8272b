import type { Push } from '../ports/push.ts';
import type { Storage } from '../ports/storage.ts';

const SETTING = 'push_hosts';

/** Further hosts that the operator allows as push services: from the command line, and added in the console. */
export class PushHostList {
  readonly #storage: Storage;
  readonly #push: Push;
  readonly #fromCommandLine: string[];
  #added: string[] = [];

  constructor(storage: Storage, push: Push, fromCommandLine: string[]) {
    this.#storage = storage;
    this.#push = push;
    this.#fromCommandLine = fromCommandLine;
  }

  async load(): Promise<void> {
    const stored = await this.#storage.access.setting(SETTING);
    this.#added = stored === null ? [] : JSON.parse(stored);
    this.#apply();
  }

  get(): { builtIn: string[]; fromCommandLine: string[]; added: string[] } {
    return { builtIn: this.#push.builtInHosts, fromCommandLine: this.#fromCommandLine, added: this.#added };
  }

  async setAdded(hosts: string[]): Promise<void> {
    this.#added = [...new Set(hosts.map((host) => host.toLowerCase()))];
    await this.#storage.access.setSetting(SETTING, JSON.stringify(this.#added));
    this.#apply();
  }

  #apply() {
    this.#push.allowHosts([...this.#fromCommandLine, ...this.#added]);
  }
}
