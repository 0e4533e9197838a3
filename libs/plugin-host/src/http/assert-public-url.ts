import dns from 'node:dns';
import { isIP } from 'node:net';
import { AddressForbidden } from './address-forbidden.js';
import { isPublicAddress } from './is-public-address.js';
import { publicLookup, type LookupAll } from './public-lookup.js';
import { urlHost } from './url-host.js';

/** Whom a connection may send to. */
export interface PublicUrlOptions {
  /** The operator's word that private addresses may be called. */
  allowPrivate: boolean;
  /** Resolves names; Node's by default. */
  lookup?: LookupAll;
}

/**
 * Checks a URL before a connection is saved, so that the mistake shows early. A name that does not resolve passes: the client checks again, at
 * each connect.
 *
 * @throws FirsthandError `DESTINATION_ADDRESS_FORBIDDEN` when it is no http(s) URL, or its host is or resolves to nothing but private addresses.
 * @example await assertPublicUrl('http://169.254.169.254/latest', { allowPrivate: false });
 */
export async function assertPublicUrl(url: string, { allowPrivate, lookup = dns.lookup }: PublicUrlOptions): Promise<void> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') throw new AddressForbidden();
  if (allowPrivate) return;
  const host = urlHost(parsed);
  if (isIP(host) !== 0) {
    if (!isPublicAddress(host)) throw new AddressForbidden();
    return;
  }
  await new Promise<void>((resolve, reject) => {
    publicLookup(lookup)(host, { all: true }, (error) => (error instanceof AddressForbidden ? reject(error) : resolve()));
  });
}
