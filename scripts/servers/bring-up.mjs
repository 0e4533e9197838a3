import { join } from 'node:path';
import { findMongod, findValkey } from './find-server.mjs';
import { startMongo } from './start-mongo.mjs';
import { startValkey } from './start-valkey.mjs';
import { stopGraceMs } from './start-server.mjs';

/**
 * Brings up MongoDB and Valkey, both at once. A server that `MONGODB_URI` or `REDIS_URL` names is used as it is and left alone.
 * @param {{ dataDir: string, binDir: string, mongoPort?: number, valkeyPort?: number, cacheSizeGB?: number, hasTtlMonitor?: boolean, waitsForJournal?: boolean, stopGraceMs?: number,
 *   env?: NodeJS.ProcessEnv, signal: AbortSignal, log: (line: string) => void,
 *   defer: (undo: (force: AbortSignal) => Promise<void>) => void }} options
 *   defer gets the stop of each started server; undone last in, first out, Valkey stops before MongoDB
 * @returns {Promise<{ mongoUri: string, redisUrl: string, mongodPath?: string, valkeyPath?: string,
 *   started: import('./server-process.mjs').ServerProcess[] }>} the paths are there when the server was started here
 * @throws {import('../run/operator-error.mjs').OperatorError}
 */
export async function bringUpServers({ dataDir, binDir, mongoPort, valkeyPort, cacheSizeGB, hasTtlMonitor, waitsForJournal, stopGraceMs: graceMs = stopGraceMs, env = process.env, signal, log, defer }) {
  const bringUpMongo = async () => {
    if (env.MONGODB_URI) return { uri: env.MONGODB_URI };
    const binary = await findMongod({ binDir, signal, log, env });
    return { binary, ...(await startMongo({ binary, dataDir: join(dataDir, 'mongodb'), port: mongoPort, cacheSizeGB, hasTtlMonitor, waitsForJournal, signal, log })) };
  };
  const bringUpValkey = async () => {
    if (env.REDIS_URL) return { url: env.REDIS_URL };
    const binary = await findValkey({ binDir, signal, log, env });
    return { binary, ...(await startValkey({ binary, dataDir: join(dataDir, 'valkey'), port: valkeyPort, signal, log })) };
  };

  // Both are waited for even when one fails: what the other one started has to be stopped as well.
  const outcomes = await Promise.allSettled([bringUpMongo(), bringUpValkey()]);
  const started = outcomes.flatMap((outcome) => outcome.value?.server ?? []);
  for (const server of started) defer((force) => server.stop({ graceMs, force }));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;

  const [mongo, valkey] = outcomes.map((outcome) => outcome.value);
  return { mongoUri: mongo.uri, redisUrl: valkey.url, mongodPath: mongo.binary, valkeyPath: valkey.binary, started };
}
