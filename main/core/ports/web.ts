/** The port to websites, as one that looks at them from outside; main/web implements it. */

/** What an address answered, at the end of those redirects that were followed. */
export interface WebAnswer {
  url: URL;
  /** A redirect's own status where it was not followed. */
  status: number;
  /** By lower-case name; several of one name with commas between, as RFC 9110 (5.3) has it. */
  headers: ReadonlyMap<string, string>;
  /** As UTF-8; cut off at the limit. */
  body: string;
  cut: boolean;
  /** Whether anything redirected on the way here. */
  redirected: boolean;
  /** When the server's certificate ends, milliseconds since the epoch; null without TLS, or when it is not known. */
  certificateEnds: number | null;
}

export interface WebQuestion {
  method?: 'GET' | 'OPTIONS';
  headers?: Record<string, string>;
  /** Whether a redirect to this address is followed; none is unless told. */
  follow?: (url: URL) => boolean;
  /** Whether it may lead into a private network or to this machine; never unless told. */
  mayBePrivate?: boolean;
}

/**
 * nothing-listens, unknown-name, timed-out, failed: no connection, or no answer.
 * private: it leads into a private network, and nobody said that it may.
 * certificate-…: TLS: out of date, for another name, or of nobody that is trusted.
 */
export type WebFault =
  | 'nothing-listens'
  | 'unknown-name'
  | 'timed-out'
  | 'failed'
  | 'private'
  | 'certificate-ended'
  | 'certificate-name'
  | 'certificate-untrusted';

/** Why an address gave no answer. */
export class NoAnswer extends Error {
  readonly fault: WebFault;

  constructor(fault: WebFault) {
    super(fault);
    this.name = 'NoAnswer';
    this.fault = fault;
  }
}

export interface Web {
  /** Asks once, within ten seconds and a megabyte. @throws NoAnswer */
  ask(url: URL, question?: WebQuestion): Promise<WebAnswer>;
  close(): Promise<void>;
}
