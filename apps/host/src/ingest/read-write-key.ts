import { hashWriteKey } from '@firsthand/access';
import type { FastifyRequest } from 'fastify';

/** Senders repeat the same few headers: reading and hashing each is done once. */
const MAX_KNOWN = 1_000;
const known = new Map<string, string | null>();

/**
 * The hash of a request's write key: the user name of Basic auth (as Segment's SDKs send it), a Bearer token, `writeKey` in the body or, for what
 * can set neither, in the query. The header wins; null when there is none.
 *
 * @example configuration.writeKeyOwner(readWriteKeyHash(request) ?? '')
 */
export function readWriteKeyHash(request: Pick<FastifyRequest, 'headers' | 'body' | 'query'>): string | null {
  const header = request.headers.authorization;
  return header === undefined || header === '' ? hashWriteKey(textAt(request.body) ?? textAt(request.query) ?? '') : ofHeader(header);
}

function ofHeader(header: string): string | null {
  const found = known.get(header);
  if (found !== undefined) return found;
  const hash = hashWriteKey(readHeader(header));
  if (known.size >= MAX_KNOWN) known.clear();
  // Wrong ones are not kept: there are too many of them.
  if (hash !== null) known.set(header, hash);
  return hash;
}

function readHeader(header: string): string {
  const [scheme = '', credentials = ''] = header.split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return '';
  const decoded = Buffer.from(credentials, 'base64').toString('latin1');
  return decoded.split(':', 1)[0] ?? '';
}

function textAt(holder: unknown): string | undefined {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, 'writeKey')) return undefined;
  const { writeKey } = holder as { writeKey: unknown };
  return typeof writeKey === 'string' && writeKey !== '' ? writeKey : undefined;
}
