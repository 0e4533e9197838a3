import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { FirsthandError } from '@firsthand/domain';
import { errorCode } from './error-code.js';

/** A body past its limit is read on and thrown away for so long, so that the sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;

const inflaters: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress),
};

/**
 * Reads a whole request body, inflated. Neither what comes in nor what it inflates to may pass the limit.
 *
 * @throws FirsthandError `PAYLOAD_TOO_LARGE`, `MALFORMED_ENCODING`, `UNSUPPORTED_MEDIA_TYPE` for an unknown encoding
 * @example const bytes = await readBody(request.raw, { encoding: request.headers['content-encoding'], maxBytes: 500 * 1024 });
 */
export async function readBody(stream: Readable, { encoding, maxBytes }: { encoding: string | undefined; maxBytes: number }): Promise<Buffer> {
  const body = await collect(stream, maxBytes);
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return body;
  const unzip = Object.hasOwn(inflaters, name) ? inflaters[name] : undefined;
  if (unzip === undefined) throw new FirsthandError('UNSUPPORTED_MEDIA_TYPE', 'The content encoding is none of gzip, deflate, br.');
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new FirsthandError('MALFORMED_ENCODING');
  }
}

function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else if (length > maxBytes + MAX_DISCARDED_BYTES) reject(tooLarge(maxBytes));
    });
    stream.on('end', () => (length > maxBytes ? reject(tooLarge(maxBytes)) : resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length))));
    // Also when the sender went away half-way: `close` without `end`.
    stream.on('error', () => reject(new FirsthandError('INVALID_REQUEST', 'The body ended too early.')));
    stream.on('close', () => reject(new FirsthandError('INVALID_REQUEST', 'The body ended too early.')));
  });
}

function tooLarge(maxBytes: number): FirsthandError {
  return new FirsthandError('PAYLOAD_TOO_LARGE', `At most ${Math.floor(maxBytes / 1024)} KB are taken here, inflated.`);
}
