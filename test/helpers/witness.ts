import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Behaviour, RehearsalTotals } from '../../main/contract/rehearsal.ts';
import type { PushSubscriptionJson } from '../../main/contract/subscribers.ts';

export interface WitnessStart {
  seed: number;
  people: number;
  siteKey: string;
  /** base64url, 65 bytes. */
  vapidPublicKey: string;
  /** Belfry's public listener; null: nobody reports anything. */
  reportTo: string | null;
  /** PEM: the services speak TLS at localhost. */
  tls: { key: string; cert: string };
  /** Beside the usual one. */
  behaviour?: Partial<Behaviour>;
}
export interface WitnessCall {
  call: 'subscriptions' | 'setBehaviour' | 'totals' | 'timesOf' | 'gone';
  from: number;
  count: number;
  title: string;
  behaviour: Partial<Behaviour>;
}
export type WitnessAnswer = string[] | PushSubscriptionJson[] | number[] | RehearsalTotals | null;

/**
 * The rehearsal's push services and people in a process of their own, which outlives whatever becomes of Belfry and
 * tells how often each person received a message. Belfry meets them as push services that the operator allows.
 */
export class Witness {
  /** For `--allow-push-host`, one for each service. */
  readonly hosts: string[];
  readonly #child: ChildProcess;
  readonly #answers: Answers;

  private constructor(child: ChildProcess, hosts: string[], answers: Answers) {
    this.#child = child;
    this.hosts = hosts;
    this.#answers = answers;
  }

  static async start(options: WitnessStart): Promise<Witness> {
    const file = join(import.meta.dirname, 'witness.process.ts');
    const child = fork(file, [JSON.stringify(options)], { execArgv: [] });
    const answers = new Answers(child);
    return new Witness(child, (await answers.next()) as string[], answers);
  }

  /** What the browsers of people number `from` and on are subscribed with. */
  async subscriptions(from: number, count: number): Promise<PushSubscriptionJson[]> {
    return (await this.#ask({ call: 'subscriptions', from, count })) as PushSubscriptionJson[];
  }

  async setBehaviour(behaviour: Partial<Behaviour>): Promise<void> {
    await this.#ask({ call: 'setBehaviour', behaviour });
  }

  async totals(): Promise<RehearsalTotals> {
    return (await this.#ask({ call: 'totals' })) as RehearsalTotals;
  }

  /** How often each person received the messages of this title, by their numbers. */
  async timesOf(title: string): Promise<number[]> {
    return (await this.#ask({ call: 'timesOf', title })) as number[];
  }

  /** Whose subscriptions have ended, by their numbers; nobody else's endpoint ever answers so. */
  async gone(): Promise<number[]> {
    return (await this.#ask({ call: 'gone' })) as number[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #ask(call: Partial<WitnessCall>): Promise<WitnessAnswer> {
    const answer = this.#answers.next();
    this.#child.send(call);
    return answer;
  }
}

/** What the process answers, in the order in which it was asked. */
class Answers {
  readonly #waiting: { resolve(answer: WitnessAnswer): void; reject(error: Error): void }[] = [];
  #ended = false;

  constructor(child: ChildProcess) {
    child.on('message', (answer: WitnessAnswer) => this.#waiting.shift()?.resolve(answer));
    child.once('exit', () => {
      this.#ended = true;
      for (const { reject } of this.#waiting) reject(new Error('The witness ended.'));
    });
  }

  next(): Promise<WitnessAnswer> {
    if (this.#ended) return Promise.reject(new Error('The witness ended.'));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
