import { BlockList, isIP, isIPv6, type Server, type Socket } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import { remembering } from '../core/subscribers/derived.ts';

/**
 * Closes connections of an address that has too many open, so that no single one can take the places of all others.
 * Addresses of IPv6 count by their /64, which one household has. Proxies that are trusted, and this machine, stand for
 * many visitors and are not counted.
 */
export function limitPerAddress(server: Server, most: number, trusted: readonly string[]): void {
  const free = new BlockList();
  for (const range of [...trusted, '127.0.0.0/8', '::1']) exempt(free, range);
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = plain(socket.remoteAddress ?? '');
    // one that is gone already
    if (address === '' || free.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return;
    const network = networkOf(address);
    const now = (open.get(network) ?? 0) + 1;
    if (now > most) return void socket.destroy();
    open.set(network, now);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}

/**
 * Whose X-Forwarded-* headers are believed. It is asked at every request, mostly of the same few proxies.
 * @param ranges addresses or CIDR ranges @throws TypeError for what is neither
 */
export function trusting(ranges: string[]): (address: string) => boolean {
  const trust = proxyAddr.compile(ranges);
  return remembering((address) => trust(address, 0), 100);
}

/** What a visitor counts as: an address, or what stands for it. @param ip undefined once the connection is gone */
export const visitorOf = (ip: string | undefined) => networkOf(plain(ip ?? 'gone'));

/** IPv4 that comes over an IPv6 socket is IPv4; a zone is of no matter. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');

/** An IPv4 address itself, the first four words of an IPv6 address. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

/** Takes an address or a range, as --trust-proxy does; what is none is left out. */
function exempt(list: BlockList, range: string): void {
  const [address = '', bits] = range.split('/');
  const family = isIP(address);
  if (family === 0) return;
  const name = family === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, name);
  else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
    list.addSubnet(address, Number(bits), name);
}
