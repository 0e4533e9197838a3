import type { Readable } from 'node:stream';
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib';
import { FirsthandError } from '@firsthand/domain';
import { errorCode } from './error-code.js';

/** A body past its limit is read on and thrown away for so long, so that the sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024;

type Inflate = (body: Buffer, options: ZlibOptions, done: (error: Error | null, result: Buffer) => void) => void;
type Done = (error: FirsthandError | null, body?: Buffer) => void;

const INFLATERS = new Map<string, Inflate>([['gzip', gunzip], ['x-gzip', gunzip], ['deflate', inflate], ['br', brotliDecompress]]);

export interface ReadBodyOptions {
  /** The Content-Encoding header. */
  encoding: string | undefined;
  maxBytes: number;
}

/**
 * Reads a whole request body, inflated. Neither what comes in nor what it inflates to may pass the limit. With a callback, since every event
 * comes through here.
 *
 * @param done gets the body, or a FirsthandError `PAYLOAD_TOO_LARGE`, `MALFORMED_ENCODING`, `UNSUPPORTED_MEDIA_TYPE` for an unknown encoding,
 *   `INVALID_REQUEST` for a body that breaks off; once
 * @example readBody(request.raw, { encoding: request.headers['content-encoding'], maxBytes: 500 * 1024 }, (error, body) => …);
 */
export function readBody(stream: Readable, { encoding, maxBytes }: ReadBodyOptions, done: Done): void {
  const name = encoding?.trim().toLowerCase() ?? '';
  const isPlain = name === '' || name === 'identity';
  const unzip = INFLATERS.get(name);
  collect(stream, maxBytes, (error, body) => {
    if (error !== null || body === undefined || isPlain) return done(error, body);
    if (unzip === undefined) return done(new FirsthandError('UNSUPPORTED_MEDIA_TYPE', 'The content encoding is none of gzip, deflate, br.'));
    unzip(body, { maxOutputLength: maxBytes }, (failure, inflated) => {
      if (failure === null) done(null, inflated);
      else done(errorCode(failure) === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : new FirsthandError('MALFORMED_ENCODING'));
    });
  });
}

/**
 * As {@link readBody}, as a promise.
 *
 * @throws FirsthandError as above
 */
export function readWholeBody(stream: Readable, options: ReadBodyOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => readBody(stream, options, (error, body) => (body === undefined ? reject(error) : resolve(body))));
}

function collect(stream: Readable, maxBytes: number, done: Done): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let isSettled = false;
  const settle: Done = (error, body) => {
    if (isSettled) return;
    isSettled = true;
    done(error, body);
  };
  const breakOff = (): void => {
    if (!isSettled) settle(new FirsthandError('INVALID_REQUEST', 'The body ended too early.'));
  };
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
    else if (length > maxBytes + MAX_DISCARDED_BYTES) settle(tooLarge(maxBytes));
  });
  stream.on('end', () => {
    if (length > maxBytes) settle(tooLarge(maxBytes));
    else settle(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
  });
  // When the sender goes away half-way there is a close without an end.
  stream.on('error', breakOff);
  stream.on('close', breakOff);
}

function tooLarge(maxBytes: number): FirsthandError {
  return new FirsthandError('PAYLOAD_TOO_LARGE', `At most ${Math.floor(maxBytes / 1024)} KB are taken here, inflated.`);
}
