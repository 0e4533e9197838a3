import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { ExportedFile } from '@firsthand/pipeline';
import mongoose from 'mongoose';
import { storeFailure } from '../store/store-failure.js';
import type { StoredPersonExportChunk } from '../store/stored-rows.js';

const CHUNK_BYTES = 256 * 1_024;

type FileKey = Pick<ExportedFile, 'format' | 'fence'>;
const padded = (number: number, digits: number): string => String(number).padStart(digits, '0');

/** The key of one chunk: a range of keys is a file, in its order. */
export function chunkKey(exportId: string, { format, fence }: FileKey, index: number): string {
  return `${exportId}|${padded(fence, 6)}|${format}|${padded(index, 8)}`;
}

/** The keys of one file. */
export function chunksOf(exportId: string, { format, fence }: FileKey): { $gt: string; $lt: string } {
  const file = `${exportId}|${padded(fence, 6)}|${format}`;
  return { $gt: `${file}|`, $lt: `${file}}` };
}

/** The keys of what earlier claims have left. */
export function chunksBefore(exportId: string, fence: number): { $gt: string; $lt: string } {
  return { $gt: `${exportId}|`, $lt: `${exportId}|${padded(fence, 6)}` };
}

/** Packs texts and hands them on in chunks, one at a time: whoever writes them slowly slows the reading down, and nothing piles up. */
export async function packChunks(texts: AsyncIterable<string>, write: (index: number, data: mongoose.mongo.Binary) => Promise<void>): Promise<Pick<ExportedFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const text of texts) {
      const piece = Buffer.from(text);
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  await pipeline(Readable.from(counted()), createGzip(), async (packed: AsyncIterable<Buffer>) => {
    let index = 0;
    let [waiting, size]: [Buffer[], number] = [[], 0];
    const flush = async (): Promise<void> => {
      await write(index, new mongoose.mongo.Binary(Buffer.concat(waiting)));
      index += 1;
      [waiting, size] = [[], 0];
    };
    for await (const piece of packed) {
      waiting.push(piece);
      size += piece.length;
      if (size >= CHUNK_BYTES) await flush();
    }
    if (size > 0) await flush();
  });
  return { bytes, sha256: hash.digest('hex') };
}

/** The text that chunks hold, piece by piece. A file of which a part is missing ends in an error, never as if it were whole. */
export async function* unpackChunks(found: AsyncIterable<StoredPersonExportChunk>): AsyncGenerator<Uint8Array> {
  async function* packed(): AsyncGenerator<Buffer> {
    try {
      for await (const { data } of found) yield Buffer.from(data.buffer);
    } catch (error) {
      throw storeFailure(error);
    }
  }
  const unpacking = createGunzip();
  // What breaks it off reaches who reads.
  void pipeline(Readable.from(packed()), unpacking).catch(() => undefined);
  for await (const piece of unpacking) yield piece as Buffer;
}
