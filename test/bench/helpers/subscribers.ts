import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { makeSubscriptions } from './subject.ts';

/** Posts prepared bodies over kept connections, so many at a time, from a process of its own: see load.ts. */
export interface Load {
  url: string;
  origin: string;
  /** Requests in all, and how many at a time. */
  count: number;
  connections: number;
  /** Requests a second; null: as fast as they are answered. */
  rate: number | null;
}

export interface Loaded {
  /** Milliseconds for all. */
  wall: number;
  /** Milliseconds from request to answer, in the order of the answers. */
  p50: number;
  p99: number;
  most: number;
  statuses: Record<string, number>;
}

/** Bodies as the client script sends them, with keys of a hundred browsers and endpoints of their own. */
export function bodies(count: number): Buffer[] {
  const people = makeSubscriptions(100, ['https://fcm.googleapis.com']);
  const run = `${process.pid.toString(36)}-${Date.now().toString(36)}`;
  return Array.from({ length: count }, (_, index) => {
    const { keys } = people[index % people.length]?.theirs ?? {};
    const subscription = {
      endpoint: `https://fcm.googleapis.com/fcm/send/${run}-${index}`,
      expirationTime: null,
      keys,
    };
    const more = {
      intent: 'subscribe',
      language: 'en-GB',
      timeZone: 'Europe/London',
      page: 'https://www.example.org/news',
    };
    return Buffer.from(JSON.stringify({ subscription, ...more }));
  });
}

/** Sends the load and measures every answer. */
export async function sendLoad({ url, origin, count, connections, rate }: Load): Promise<Loaded> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const all = bodies(count);
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const started = performance.now();
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      if (rate !== null) {
        const wait = started + (index / rate) * 1000 - performance.now();
        if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      const began = performance.now();
      const status = await post(url, origin, all[index] ?? Buffer.alloc(0), agent, index);
      times.push(performance.now() - began);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const wall = performance.now() - started;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { wall, p50: at(0.5), p99: at(0.99), most: at(1), statuses };
}

function post(url: string, origin: string, body: Buffer, agent: Agent, visitor: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          origin,
          'user-agent':
            'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
          'x-forwarded-for': `10.${(visitor >> 16) & 255}.${(visitor >> 8) & 255}.${visitor & 255}`,
        },
      },
      (answer: IncomingMessage) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
