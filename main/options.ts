/** How a program is started: what `--help` explains, from the command line or the environment. */
export interface Options {
  /** Folder of the database, the key file and the console's token. */
  data: string;
  publicHost: string;
  /** 0: any free one. */
  publicPort: number;
  consoleHost: string;
  consolePort: number;
  /** Where visitors reach the public listener; null: where it listens. */
  publicUrl: string | null;
  /** A third listener that serves only /api/v1, to API keys only; null: none. */
  apiPort: number | null;
  /** Proxies whose X-Forwarded-For is believed: addresses or CIDR ranges. */
  trustProxy: string[];
  /** Serve the landing page also beyond loopback. */
  landing: boolean;
  rehearsal: boolean;
  /** `host` or `host:port` of further push services. */
  allowPushHosts: string[];
  /** Print one line of JSON for scripts. */
  json: boolean;
}
