import ipaddr from 'ipaddr.js';

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address (text, no brackets) is one of the public internet, per the IANA special-purpose registries. False for anything else:
 * private, loopback, link-local, unique-local, shared (CGNAT), multicast and reserved ranges, IPv6 forms that carry an IPv4 address
 * (mapped, compatible, NAT64, 6to4, Teredo), and text that is no address.
 *
 * @example isPublicAddress('169.254.169.254') // false
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  // Outside of 2000::/3 the library calls unassigned space unicast too.
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
}
