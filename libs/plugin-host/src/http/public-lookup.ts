import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { AddressForbidden } from './address-forbidden.js';
import { isPublicAddress } from './is-public-address.js';

/** Resolves a host name to all of its addresses. */
export type LookupAll = (hostname: string, options: LookupOptions & { all: true }, done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;

/**
 * The lookup a socket connects by: gives only public addresses, so that what was checked is what is connected to, and no later DNS answer can
 * point elsewhere. Fails with {@link AddressForbidden} when a name has none.
 */
export function publicLookup(lookupAll: LookupAll = dns.lookup): LookupFunction {
  return (hostname, options, done) => {
    lookupAll(hostname, { ...options, all: true }, (error, found) => {
      const addresses = error === null ? found.filter(({ address }) => isPublicAddress(address)) : [];
      const [first] = addresses;
      if (first === undefined) done(error ?? new AddressForbidden(), '', 0);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
