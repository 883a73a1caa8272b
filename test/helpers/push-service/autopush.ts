import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Mailbox, type PushMessage, type Subscriptions } from './subscriptions.ts';

/** What Firefox says over its push connection (Mozilla's autopush protocol); only the members used here. */
interface ClientFrame {
  messageType?: string;
  uaid?: string;
  channelID?: string;
  key?: string;
  updates?: { version: string; code: number }[];
  version?: string;
  code?: number;
}

interface Device {
  uaid: string;
  /** channel id → token of the subscription */
  channels: Map<string, string>;
  mailbox: Mailbox;
  socket: WebSocket | null;
}

const outcomes = { 100: 'shown', 101: 'undecryptable' } as const;

export interface Autopush {
  /** For the preference dom.push.serverURL. */
  url: string;
  close(): Promise<void>;
}

/** The browser's side of Mozilla's push service: a WebSocket on which Firefox subscribes and receives. */
export async function startAutopush(subscriptions: Subscriptions, endpointOrigin: string): Promise<Autopush> {
  const devices = new Map<string, Device>();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise<void>((done) => server.once('listening', done));

  function notify(device: Device, channelID: string, message: PushMessage) {
    device.socket?.send(
      JSON.stringify({
        messageType: 'notification',
        channelID,
        version: message.id,
        ttl: message.ttl,
        timestamp: Math.floor(message.acceptedAt / 1000),
        ...(message.topic === null ? {} : { topic: message.topic }),
        ...(message.body.length === 0
          ? {}
          : { data: message.body.toString('base64url'), headers: { encoding: 'aes128gcm' } }),
      }),
    );
  }

  function hello(socket: WebSocket, frame: ClientFrame): Device {
    const device = devices.get(frame.uaid ?? '') ?? {
      uaid: randomUUID().replaceAll('-', ''),
      channels: new Map(),
      mailbox: new Mailbox(),
      socket: null,
    };
    devices.set(device.uaid, device);
    device.socket = socket;
    const answer = {
      messageType: 'hello',
      uaid: device.uaid,
      status: 200,
      use_webpush: true,
      broadcasts: {},
    };
    socket.send(JSON.stringify(answer));
    for (const message of device.mailbox.waiting()) {
      const channel = [...device.channels].find(([, token]) => token === message.token);
      if (channel) notify(device, channel[0], message);
    }
    return device;
  }

  function register(device: Device, channelID: string, key: string | undefined) {
    const applicationServerKey = key ? Buffer.from(key, 'base64url').toString('base64url') : null;
    const { token } = subscriptions.add(applicationServerKey, (message) => {
      device.mailbox.keep(message);
      notify(device, channelID, message);
    });
    device.channels.set(channelID, token);
    const pushEndpoint = `${endpointOrigin}/wpush/v2/${token}`;
    return { messageType: 'register', channelID, status: 200, uaid: device.uaid, pushEndpoint };
  }

  function unregister(device: Device, channelID: string) {
    subscriptions.remove(device.channels.get(channelID) ?? '');
    device.channels.delete(channelID);
    return { messageType: 'unregister', channelID, status: 200 };
  }

  function acknowledge(device: Device, id: string, code: number) {
    const outcome = code === 100 || code === 101 ? outcomes[code] : 'failed';
    subscriptions.acknowledgements.push({ id, outcome });
    device.mailbox.acknowledge(id);
  }

  server.on('connection', (socket) => {
    let device: Device | null = null;
    const answer = (frame: object) => socket.send(JSON.stringify(frame));
    socket.on('close', () => {
      if (device?.socket === socket) device.socket = null;
    });
    socket.on('message', (raw) => {
      const frame = JSON.parse(raw.toString()) as ClientFrame;
      // an empty object is a ping, and is answered with the same
      if (frame.messageType === undefined) answer({});
      else if (frame.messageType === 'hello') device = hello(socket, frame);
      else if (!device) socket.close(1002);
      else if (frame.messageType === 'register') answer(register(device, frame.channelID ?? '', frame.key));
      else if (frame.messageType === 'unregister') answer(unregister(device, frame.channelID ?? ''));
      else if (frame.messageType === 'ack')
        for (const { version, code } of frame.updates ?? []) acknowledge(device, version, code);
      else if (frame.messageType === 'nack') acknowledge(device, frame.version ?? '', frame.code ?? 0);
    });
  });

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      for (const socket of server.clients) socket.terminate();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
