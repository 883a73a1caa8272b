import Database from 'better-sqlite3';
import fastify from 'fastify';
import { SubscribeRequest } from '../../../main/contract/public.ts';

/** The other reference: each subscription stored in a transaction of its own before it is answered, durably. */
const app = fastify({ logger: false, bodyLimit: 16 * 1024 });
process.once('message', async (file: string) => {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(
    'CREATE TABLE subscriber (id INTEGER PRIMARY KEY, endpoint TEXT UNIQUE, p256dh TEXT, auth TEXT) STRICT',
  );
  const insert = db.prepare(
    'INSERT INTO subscriber (endpoint, p256dh, auth) VALUES (?, ?, ?) ON CONFLICT (endpoint) DO UPDATE SET p256dh = excluded.p256dh',
  );
  app.post('/subscriptions', async (request, reply) => {
    const { subscription } = SubscribeRequest.parse(request.body);
    insert.run(subscription.endpoint, subscription.keys.p256dh, subscription.keys.auth);
    return reply.status(201).send({ id: 'sub_aaaaaaaaaaaaaaaaaaaaaaaaaa' });
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  process.send?.(`${address}/subscriptions`);
});
process.on('disconnect', () => process.exit(0));
// what the thread that answers has used so far, in microseconds
process.on('message', (wish) => {
  if (wish !== 'cpu') return;
  const { user, system } = process.threadCpuUsage();
  process.send?.(user + system);
});
