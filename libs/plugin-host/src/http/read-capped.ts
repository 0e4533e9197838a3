/**
 * Reads a stream as UTF-8, up to a number of bytes; the rest is not waited for.
 *
 * @example await readCapped(response.body, 1_048_576)
 */
export async function readCapped(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks, Math.min(size, maxBytes)).toString('utf8');
}
