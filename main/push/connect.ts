import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { isPublicAddress } from './addresses.ts';
import { Failure } from './failures.ts';
import type { Hosts } from './hosts.ts';
import type { Network } from './network.ts';
import { fault } from './services/policy.ts';

/** Milliseconds that a connection may take to be made. */
export const connectTimeout = (timeout: number) => Math.min(timeout, 10_000);

/** Whom to trust, as an option of a TLS connection. One context: with `ca` each would read a hundred certificates. */
export const trustOf = ({ certificates }: Network): { secureContext?: SecureContext } =>
  certificates ? { secureContext: createSecureContext({ ca: certificates }) } : {};

/** Looks names up, and leaves out addresses in private networks but for hosts that the operator named. */
export function guardedLookup(hosts: Hosts, lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [], 0);
      const addresses: LookupAddress[] = hosts.isOperators(hostname)
        ? found
        : found.filter(({ address }) => isPublicAddress(address));
      const [first] = addresses;
      if (!first) return callback(new Failure(fault('private-address')), [], 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
