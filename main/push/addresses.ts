import { BlockList, isIP } from 'node:net';

/** IPv4 that no public server has: private, loopback, link-local, carrier-grade NAT, documentation, multicast … */
const notPublic4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Within 2000::/3, the only public IPv6: Teredo, benchmarks, ORCHID, documentation. */
const notPublic6: [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
];

const blocked = new BlockList();
for (const [net, prefix] of notPublic4) blocked.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of notPublic6) blocked.addSubnet(net, prefix, 'ipv6');

/**
 * Whether an address as a resolver gives it (IPv4 dotted, or IPv6 in any spelling) belongs to a server on the
 * internet. IPv4 inside IPv6 (mapped, NAT64, 6to4) is judged as the IPv4 that it leads to.
 */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, ''); // a zone makes it link-local, or is of no matter
  if (isIP(plain) === 4) return !blocked.check(plain, 'ipv4');
  if (isIP(plain) !== 6) return false;
  const words = expand(plain);
  const [first = 0, second = 0, third = 0] = words;
  const zeros = (from: number, to: number) => words.slice(from, to).every((word) => word === 0);
  const tail = dotted(words[6] ?? 0, words[7] ?? 0);
  if (zeros(0, 5) && words[5] === 0xffff) return isPublicAddress(tail);
  if (first === 0x64 && second === 0xff9b && zeros(2, 6)) return isPublicAddress(tail);
  if (first === 0x2002) return isPublicAddress(dotted(second, third));
  return (first & 0xe000) === 0x2000 && !blocked.check(plain, 'ipv6');
}

const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The eight 16-bit words of an IPv6 address. */
function expand(address: string): number[] {
  // the URL parser writes every spelling the same way, in hexadecimal
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const words = (part: string) => (part ? part.split(':').map((word) => Number.parseInt(word, 16)) : []);
  if (tail === undefined) return words(head);
  const [front, back] = [words(head), words(tail)];
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}
