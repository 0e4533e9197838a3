import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { openSigned, type JSONWebKeySet } from '@firsthand/access';
import { Anchors } from '@firsthand/pipeline';
import { CHECKPOINT_TYPE, readCheckpoint } from './checkpoint.js';

/** What a file of checkpoints holds. */
export interface ReadCheckpoints {
  anchors: Anchors;
  count: number;
  /** Of the newest, ISO 8601; null without any. */
  lastAt: string | null;
  /** Lines that none of the keys has signed, by number from 1. */
  unsigned: number[];
}

/** Reads a file of checkpoints, one JWS a line, and believes only those that one of the keys has signed. Throws what the file system throws. */
export async function readCheckpoints(path: string, jwks: JSONWebKeySet): Promise<ReadCheckpoints> {
  const read: ReadCheckpoints = { anchors: new Anchors(), count: 0, lastAt: null, unsigned: [] };
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    const checkpoint = readCheckpoint(await openSigned(line.trim(), jwks, CHECKPOINT_TYPE));
    if (checkpoint === undefined) {
      read.unsigned.push(number);
      continue;
    }
    read.count += 1;
    if (read.lastAt === null || checkpoint.at > read.lastAt) read.lastAt = checkpoint.at;
    for (const { chain, seq, hash } of checkpoint.heads) read.anchors.add(chain, { seq, hash });
  }
  return read;
}
