import type { JSONWebKeySet } from '@firsthand/access';
import { connectStore, verifyEvidence } from '@firsthand/persistence';
import { Anchors } from '@firsthand/pipeline';
import { describeVerdict } from './describe-verdict.js';
import { readCheckpoints } from './read-checkpoints.js';

/** What to verify, and by what. */
export interface VerifyOptions {
  mongodbUri: string;
  database?: string | undefined;
  /** A file of checkpoints; without one only what the chains themselves show is found. */
  checkpointFile?: string | undefined;
  jwks: JSONWebKeySet;
  print(line: string): void;
}

/**
 * Verifies the evidence of a database, while a host works on it or not, and changes nothing. Prints the first bad row of each chain and a verdict.
 *
 * @returns the exit code: 0 whole, 1 broken
 * @throws FirsthandError UNAVAILABLE when MongoDB does not answer, and what the file system throws
 * @example process.exitCode = await verifyCommand({ mongodbUri, checkpointFile, jwks, print: console.log });
 */
export async function verifyCommand({ mongodbUri, database, checkpointFile, jwks, print }: VerifyOptions): Promise<number> {
  const checkpoints = checkpointFile === undefined ? null : await readCheckpoints(checkpointFile, jwks);
  const log = { info: () => undefined, warn: () => undefined };
  const { collections, close } = await connectStore({ uri: mongodbUri, log, ...(database === undefined ? {} : { databaseName: database }) });
  try {
    const lines = describeVerdict(await verifyEvidence(collections, checkpoints?.anchors ?? new Anchors()), checkpoints);
    for (const line of lines) print(line);
    return lines.at(-1)?.startsWith('OK') === true ? 0 : 1;
  } finally {
    await close();
  }
}
