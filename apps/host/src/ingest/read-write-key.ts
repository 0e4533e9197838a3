import type { FastifyRequest } from 'fastify';

/**
 * The write key of a request: the user name of Basic auth (as Segment's SDKs send it), a Bearer token, `writeKey` in the body or, for what can set
 * neither, in the query. The header wins; undefined when there is none.
 *
 * @example readWriteKey(request) // 'pk_…'
 */
export function readWriteKey(request: Pick<FastifyRequest, 'headers' | 'body' | 'query'>): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined && header !== '') return readHeader(header);
  return textAt(request.body) ?? textAt(request.query);
}

function readHeader(header: string): string | undefined {
  const [scheme = '', credentials = ''] = header.split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const decoded = Buffer.from(credentials, 'base64').toString('latin1');
  return decoded.split(':', 1)[0];
}

function textAt(holder: unknown): string | undefined {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, 'writeKey')) return undefined;
  const { writeKey } = holder as { writeKey: unknown };
  return typeof writeKey === 'string' && writeKey !== '' ? writeKey : undefined;
}
