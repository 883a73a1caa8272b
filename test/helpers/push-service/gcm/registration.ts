import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Subscriptions } from '../subscriptions.ts';
import type { Device, Devices, Registration } from './devices.ts';
import { numberOf, read, write } from './protobuf.ts';

export interface RegistrationServer {
  url: string;
  close(): Promise<void>;
}

/** Where Chromium makes itself known (check-in) and makes and ends subscriptions (register3). */
export async function startRegistration(
  devices: Devices,
  subscriptions: Subscriptions,
): Promise<RegistrationServer> {
  /** AndroidCheckinRequest: id 2. AndroidCheckinResponse: stats_ok 1, time 3, id 7, security token 8. */
  function checkIn(body: Buffer): Buffer {
    const device = devices.get(numberOf(read(body), 2)) ?? devices.create();
    return Buffer.concat([
      write.number(1, 1),
      write.number(3, Date.now()),
      write.fixed64(7, device.id),
      write.fixed64(8, device.securityToken),
    ]);
  }

  function register(device: Device, app: string, subtype: string, sender: string): string {
    const known = device.registrations.find((one) => one.subtype === subtype && one.sender === sender);
    if (known) return known.token;
    const token = `${randomBytes(8).toString('base64url')}:${randomBytes(96).toString('base64url')}`;
    const registration: Registration = { token, app, subtype, sender };
    device.registrations.push(registration);
    subscriptions.add(
      sender,
      (message) => {
        device.mailbox.keep(message);
        device.push?.(registration, message);
      },
      token,
    );
    return token;
  }

  function unregister(device: Device, subtype: string, sender: string) {
    const ended = device.registrations.filter(
      (one) => one.subtype === subtype && (sender === '*' || one.sender === sender),
    );
    for (const { token } of ended) subscriptions.remove(token);
    device.registrations = device.registrations.filter((one) => !ended.includes(one));
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (request.url?.startsWith('/checkin')) {
      response.setHeader('content-type', 'application/x-protobuf');
      response.end(checkIn(body));
      return;
    }
    const form = new URLSearchParams(body.toString());
    const [app, subtype, sender] = ['app', 'X-subtype', 'sender'].map((name) => form.get(name) ?? '') as [
      string,
      string,
      string,
    ];
    const device = devices.get(BigInt(form.get('device') ?? 0));
    if (!device) {
      response.end('Error=PHONE_REGISTRATION_ERROR');
    } else if (form.get('delete') === 'true') {
      unregister(device, subtype, sender);
      response.end(`deleted=${app}`);
    } else {
      response.end(`token=${register(device, app, subtype, sender)}`);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
