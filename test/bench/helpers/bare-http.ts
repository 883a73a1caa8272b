import { createServer } from 'node:http';

/**
 * The reference, in a process of its own: the least that takes a subscription with Node: the body is read and parsed,
 * an endpoint must be in it, and nothing is stored.
 */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { subscription } = JSON.parse(Buffer.concat(chunks).toString());
    const answer = JSON.stringify({ id: 'sub_aaaaaaaaaaaaaaaaaaaaaaaaaa' });
    response
      .writeHead(typeof subscription?.endpoint === 'string' ? 201 : 400, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(answer),
      })
      .end(answer);
  });
});
process.once('message', () => {
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null)
      process.send?.(`http://127.0.0.1:${address.port}/subscriptions`);
  });
});
process.on('disconnect', () => process.exit(0));
// what the thread that answers has used so far, in microseconds
process.on('message', (wish) => {
  if (wish !== 'cpu') return;
  const { user, system } = process.threadCpuUsage();
  process.send?.(user + system);
});
