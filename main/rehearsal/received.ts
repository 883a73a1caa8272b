import { hashOf } from './chance.ts';

/** What was received of one message. */
interface MessageLog {
  title: string;
  content: string;
  /** Stands for the message wherever something follows from it. */
  number: number;
  /** How often each person got it. */
  times: Uint8Array;
  /** 32 bits of the token that each person got it with; 0: not yet. */
  tokens: Uint32Array;
}

/** A message as the log knows it: how many people got it, and how often in all. */
export interface MessageCount {
  title: string;
  people: number;
  deliveries: number;
}

/**
 * What each person received, kept without asking Belfry: a message is known by its content, and two of the same
 * content by their tokens. A delivery that arrives again has the token that it had.
 */
export class Received {
  readonly #people: number;
  readonly #kept: number;
  #logs: MessageLog[] = [];
  #messages = 0;

  /** @param kept messages that are kept in full; of earlier ones repetitions are no longer noticed */
  constructor(people: number, kept = 50) {
    this.#people = people;
    this.#kept = kept;
  }

  /**
   * Notes a message that reached a person.
   * @param content the payload without the token
   * @returns the number of the message, and whether the person had it before
   */
  note(index: number, token: string, title: string, content: string): { message: number; again: boolean } {
    const hash = hashOf(token);
    const log =
      this.#logs.find(
        (one) => one.content === content && (one.tokens[index] === hash || one.tokens[index] === 0),
      ) ?? this.#begin(title, content);
    const before = log.times[index] ?? 0;
    log.tokens[index] = hash;
    log.times[index] = Math.min(255, before + 1);
    return { message: log.number, again: before > 0 };
  }

  counts(): MessageCount[] {
    return this.#logs.map(({ title, times }) => {
      let [people, deliveries] = [0, 0];
      for (const n of times) {
        people += n > 0 ? 1 : 0;
        deliveries += n;
      }
      return { title, people, deliveries };
    });
  }

  /** How often each person got the messages of a title, by their numbers; 255 stands for more too. */
  timesOf(title: string): Uint8Array<ArrayBuffer> {
    const sum = new Uint8Array(this.#people);
    for (const log of this.#logs.filter((one) => one.title === title))
      for (let i = 0; i < sum.length; i++) sum[i] = Math.min(255, (sum[i] ?? 0) + (log.times[i] ?? 0));
    return sum;
  }

  #begin(title: string, content: string): MessageLog {
    const log = {
      title,
      content,
      number: hashOf(content) ^ ++this.#messages,
      times: new Uint8Array(this.#people),
      tokens: new Uint32Array(this.#people),
    };
    this.#logs = [...this.#logs, log].slice(-this.#kept);
    return log;
  }
}
