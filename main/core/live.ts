import type { LiveEvent } from '../contract/system.ts';
import { pause } from './pause.ts';

/** How long changes gather before a listener hears of them, in milliseconds. */
const GATHER = 100;

/**
 * Tells listeners what changed. Events of the same thing replace one another while they wait, so that a listener
 * gets at most one of each in 100 ms however fast the core works, and a slow one never fills memory.
 */
export class Live {
  readonly #listeners = new Set<(key: string, event: LiveEvent) => void>();

  publish(event: LiveEvent): void {
    const key =
      'id' in event
        ? `${event.type} ${event.id}`
        : 'site' in event
          ? `${event.type} ${event.site}`
          : event.type;
    for (const listener of this.#listeners) listener(key, event);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Events until the signal is aborted, or the reader stops. Begins with `hello`. */
  async *watch(signal?: AbortSignal): AsyncGenerator<LiveEvent, void, void> {
    let waiting = new Map<string, LiveEvent>();
    let wake: () => void = () => {};
    const listener = (key: string, event: LiveEvent) => {
      waiting.set(key, event);
      wake();
    };
    const onAbort = () => wake();
    this.#listeners.add(listener);
    signal?.addEventListener('abort', onAbort);
    try {
      yield { type: 'hello' };
      while (!signal?.aborted) {
        if (waiting.size === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const events = waiting;
        waiting = new Map();
        yield* events.values();
        await pause(GATHER, signal);
      }
    } finally {
      this.#listeners.delete(listener);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}
