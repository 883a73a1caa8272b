import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A stretch of network between a sender and a push service on this machine, which may vanish and return. */
export interface Relay {
  /** `localhost:port`, the same for as long as it exists. */
  host: string;
  vanish(): Promise<void>;
  returns(): Promise<void>;
  close(): Promise<void>;
}

/** @param port where the push service listens */
export async function startRelay(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  const listen = async (at: number): Promise<number> => {
    const made = createServer((socket) => {
      const onward = connect(port, '127.0.0.1');
      keep(socket);
      keep(onward);
      socket.pipe(onward).pipe(socket);
      socket.on('close', () => onward.destroy());
      onward.on('close', () => socket.destroy());
    });
    await new Promise<void>((done, failed) => made.once('error', failed).listen(at, '127.0.0.1', done));
    server = made;
    return (made.address() as AddressInfo).port;
  };
  const own = await listen(0);
  const vanish = async () => {
    const ending = server;
    server = null;
    const closed = new Promise((done) => (ending === null ? done(null) : ending.close(done)));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    host: `localhost:${own}`,
    vanish,
    async returns() {
      await listen(own);
    },
    close: vanish,
  };
}
