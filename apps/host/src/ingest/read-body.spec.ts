import { PassThrough } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { readWholeBody } from './read-body.js';

function bodyOf(...chunks: (string | Buffer)[]): PassThrough {
  const stream = new PassThrough();
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return stream;
}

describe('readWholeBody', () => {
  it('reads up to its limit', async () => {
    await expect(readWholeBody(bodyOf('abc', 'de'), { encoding: undefined, maxBytes: 5 })).resolves.toEqual(Buffer.from('abcde'));
    await expect(readWholeBody(bodyOf('abc', 'def'), { encoding: undefined, maxBytes: 5 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expect(readWholeBody(bodyOf(), { encoding: undefined, maxBytes: 5 })).resolves.toHaveLength(0);
  });

  it.each([['gzip', gzipSync], ['x-gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync], [' GZIP ', gzipSync]] as const)('inflates %j up to the limit', async (encoding, deflate) => {
    await expect(readWholeBody(bodyOf(deflate('x'.repeat(100))), { encoding, maxBytes: 100 })).resolves.toHaveLength(100);
    await expect(readWholeBody(bodyOf(deflate('x'.repeat(10_000))), { encoding, maxBytes: 100 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });

  it.each([['gzip', 'text'], ['br', '\xff\xff'], ['deflate', 'x'], ['gzip', ''], ['gzip', gzipSync('hello world').subarray(0, 20)]])('refuses %s that is none', async (encoding, body) => {
    await expect(readWholeBody(bodyOf(body), { encoding, maxBytes: 100 })).rejects.toMatchObject({ code: 'MALFORMED_ENCODING' });
  });

  it.each(['compress', 'gzip, gzip', 'constructor'])('refuses the encoding %s', async (encoding) => {
    await expect(readWholeBody(bodyOf('x'), { encoding, maxBytes: 100 })).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('refuses a body that breaks off', async () => {
    const stream = new PassThrough();
    const read = readWholeBody(stream, { encoding: undefined, maxBytes: 100 });
    stream.write('half');
    stream.destroy();
    await expect(read).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('does not wait for the end of a flood', async () => {
    const stream = new PassThrough();
    const read = readWholeBody(stream, { encoding: undefined, maxBytes: 10 });
    stream.on('error', () => undefined);
    for (let sent = 0; sent < 9 * 1024 * 1024; sent += 1024 * 1024) stream.write(Buffer.alloc(1024 * 1024));
    await expect(read).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});
