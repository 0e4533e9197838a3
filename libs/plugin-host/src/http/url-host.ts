/**
 * The host of a URL, an IPv6 address without its brackets. The parser has by then turned decimal, octal and hexadecimal spellings of an IPv4
 * address into the usual one (WHATWG URL, "IPv4 parser").
 *
 * @example urlHost(new URL('http://0x7f.1/')) // '127.0.0.1'
 */
export function urlHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
