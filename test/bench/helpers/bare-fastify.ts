import fastify from 'fastify';
import { SubscribeRequest } from '../../../main/contract/public.ts';

/**
 * Another reference: the same fastify and the same schema, and nothing behind: what is posted is neither looked at any
 * further nor stored.
 */
const app = fastify({ logger: false, bodyLimit: 16 * 1024 });
app.post('/subscriptions', async (request, reply) => {
  SubscribeRequest.parse(request.body);
  return reply.status(201).send({ id: 'sub_aaaaaaaaaaaaaaaaaaaaaaaaaa' });
});
process.once('message', async () => {
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
