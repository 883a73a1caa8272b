import { Failure } from './failures.ts';
import { type Answer, retry } from './services/policy.ts';

const bodyKept = 4096;
const bodyTaken = 65_536;

/**
 * One request and its answer, whatever carries them: gathers the answer and settles once, at its end, its failure,
 * its deadline, or when it has become too long.
 */
export class Exchange {
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: Error) => void;
  readonly #deadline: NodeJS.Timeout;
  #status = 0;
  #headers: Answer['headers'] = {};
  #body: Buffer[] | null = null;
  #size = 0;
  #over = false;
  /** Stops what carries the request, for it is over. `late`: its time was up. */
  onAbandon: (late: boolean) => void = () => {};

  /** @param timeout milliseconds from now to the end of the answer */
  constructor(resolve: (answer: Answer) => void, reject: (error: Error) => void, timeout: number) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = setTimeout(() => {
      this.end(new Failure(retry('timed-out')));
      this.onAbandon(true);
    }, timeout);
  }

  get over(): boolean {
    return this.#over;
  }

  /** Whether an answer has begun. */
  get answered(): boolean {
    return this.#status !== 0;
  }

  head(status: number, headers: Answer['headers']): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  data(chunk: Buffer): void {
    if (this.#size < bodyKept) {
      this.#body ??= [];
      this.#body.push(chunk.subarray(0, bodyKept - this.#size));
    }
    this.#size += chunk.length;
    if (this.#size <= bodyTaken || this.#over) return;
    this.end(null);
    this.onAbandon(false);
  }

  /** @param error why there will be no more; null: the answer is whole */
  end(error: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    const body = this.#body === null ? '' : Buffer.concat(this.#body).toString('utf8');
    if (this.#status !== 0) this.#resolve({ status: this.#status, headers: this.#headers, body });
    else this.#reject(error ?? new Failure(retry('connection-lost')));
  }
}
