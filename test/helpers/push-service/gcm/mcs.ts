import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificates } from '../../certificates.ts';
import type { PushMessage, Subscriptions } from '../subscriptions.ts';
import type { Device, Devices, Registration } from './devices.ts';
import { type Fields, numberOf, read, readVarint, textsOf, varint, write } from './protobuf.ts';

/** The first byte of each side's stream, and the kinds of message on it (Mobile Connection Server). */
const version = 41;
const kinds = { ping: 0, pong: 1, login: 2, loginResponse: 3, close: 4, iq: 7, data: 8 } as const;
/** Where each kind carries the number of the last message that its sender has received. */
const lastReceivedField = new Map<number, number>([
  [kinds.ping, 2],
  [kinds.pong, 2],
  [kinds.iq, 10],
  [kinds.data, 11],
]);

export interface MessageStream {
  port: number;
  close(): Promise<void>;
}

/** The stream over TLS on which Chromium receives. */
export async function startMessageStream(
  certificates: Pick<Certificates, 'key' | 'certificate'>,
  devices: Devices,
  subscriptions: Subscriptions,
): Promise<MessageStream> {
  const sockets = new Set<Socket>();
  const server = createServer({ key: certificates.key, cert: certificates.certificate }, (socket) => {
    sockets.add(socket);
    serve(socket, devices, subscriptions);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket, devices: Devices, subscriptions: Subscriptions) {
  let device: Device | null = null;
  let received = 0;
  let sent = 0;
  /** number on this stream → id of the push message, until the browser says that it has it */
  const underWay = new Map<number, string>();

  function send(kind: number, body: Buffer) {
    sent++;
    socket.write(Buffer.concat([Buffer.from([kind]), varint(body.length), body]));
  }

  function push(registration: Registration, message: PushMessage) {
    send(kinds.data, dataMessage(registration, message));
    underWay.set(sent, message.id);
  }

  function acknowledge(id: string) {
    device?.mailbox.acknowledge(id);
    subscriptions.acknowledgements.push({ id, outcome: 'received' });
  }

  /** LoginRequest: id 1, user 3, received_persistent_id 10. LoginResponse: id 1, stream_id 5, last_received 6, time 8. */
  function logIn(request: Fields) {
    const found = devices.get(BigInt(textsOf(request, 3)[0] ?? 0));
    if (!found) return void socket.destroy();
    device = found;
    device.push = push;
    for (const id of textsOf(request, 10)) acknowledge(id);
    socket.write(Buffer.from([version]));
    const [id = ''] = textsOf(request, 1);
    send(
      kinds.loginResponse,
      Buffer.concat([
        write.bytes(1, id),
        write.number(5, 0),
        write.number(6, 1),
        write.number(8, Date.now()),
      ]),
    );
    for (const message of device.mailbox.waiting()) {
      const registration = device.registrations.find(({ token }) => token === message.token);
      if (registration) push(registration, message);
    }
  }

  function onMessage(kind: number, body: Fields) {
    received++;
    if (kind === kinds.login) return logIn(body);
    if (kind === kinds.ping) send(kinds.pong, write.number(2, received));
    const field = lastReceivedField.get(kind);
    const last = field === undefined ? 0 : Number(numberOf(body, field));
    for (const [number, id] of underWay)
      if (number <= last) {
        underWay.delete(number);
        acknowledge(id);
      }
    if (kind === kinds.close) socket.end();
  }

  const takeFrames = frameReader(onMessage);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', takeFrames);
  socket.on('close', () => {
    if (device?.push === push) device.push = null;
  });
}

/** Cuts a stream into messages: one byte of version, then again and again a kind, a length and a body. */
function frameReader(onMessage: (kind: number, body: Fields) => void): (chunk: Buffer) => void {
  let buffer = Buffer.alloc(0);
  let versionSeen = false;
  return (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    if (!versionSeen) {
      versionSeen = true;
      buffer = buffer.subarray(1);
    }
    for (;;) {
      const length = readVarint(buffer, 1);
      if (!length) return;
      const end = length.next + Number(length.value);
      if (buffer.length < end) return;
      const [kind, body] = [buffer.readUInt8(0), read(buffer.subarray(length.next, end))];
      buffer = buffer.subarray(end);
      onMessage(kind, body);
    }
  };
}

/**
 * DataMessageStanza: id 2, from 3, category 5, token 6 (the collapse key), app_data 7 (key 1, value 2), persistent_id 9,
 * ttl 17, sent 18, raw_data 21, immediate_ack 24.
 */
function dataMessage(registration: Registration, message: PushMessage): Buffer {
  const data = (key: string, value: string) =>
    write.bytes(7, Buffer.concat([write.bytes(1, key), write.bytes(2, value)]));
  const encrypted =
    message.body.length === 0 ? [] : [data('content-encoding', 'aes128gcm'), write.bytes(21, message.body)];
  return Buffer.concat([
    write.bytes(2, message.id),
    write.bytes(3, registration.sender),
    write.bytes(5, registration.app),
    data('subtype', registration.subtype),
    ...(message.topic === null ? [] : [write.bytes(6, message.topic)]),
    ...encrypted,
    write.bytes(9, message.id),
    write.number(17, message.ttl),
    write.number(18, Math.floor(message.acceptedAt / 1000)),
    write.number(24, 1),
  ]);
}
