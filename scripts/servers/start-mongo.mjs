import { replicaSetName, waitForPrimary } from './mongo-replica-set.mjs';
import { startServer } from './start-server.mjs';

/**
 * Starts mongod as a replica set of one on 127.0.0.1, with JavaScript disabled, and waits until it is primary.
 * @param {{ binary: string, dataDir: string, port?: number, cacheSizeGB?: number, hasTtlMonitor?: boolean, waitsForJournal?: boolean, signal?: AbortSignal, log: (line: string) => void }} options
 *   port: taken if it is free, else any free one; waitsForJournal: whether an acknowledged majority write is on the disk, as it is by default
 * @returns {Promise<{ uri: string, port: number, server: import('./server-process.mjs').ServerProcess }>} uri names no database
 */
export async function startMongo({ binary, dataDir, port: preferredPort, cacheSizeGB = 1, hasTtlMonitor = true, waitsForJournal = true, signal, log }) {
  const { server, port } = await startServer({
    name: 'MongoDB',
    binary,
    serverDir: dataDir,
    preferredPort,
    argumentsFor: (place) => mongodArguments({ ...place, cacheSizeGB, hasTtlMonitor }),
    waitUntilReady: (place) => waitForPrimary({ ...place, waitsForJournal }),
    reasonIn: lastMongodError,
    signal,
    log,
  });
  return { uri: `mongodb://127.0.0.1:${port}/?replicaSet=${replicaSetName}`, port, server };
}

/** @returns {string[]} */
export function mongodArguments({ port, dbDir, logFile, cacheSizeGB, hasTtlMonitor = true }) {
  return [
    '--replSet', replicaSetName,
    '--bind_ip', '127.0.0.1',
    '--port', String(port),
    '--dbpath', dbDir,
    '--logpath', logFile,
    '--quiet',
    '--noscripting', '--setParameter', 'transactionLifetimeLimitSeconds=8',
    // Sockets in /tmp are of no use here and would collide with those of another mongod.
    ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
    '--wiredTigerCacheSizeGB', String(cacheSizeGB),
    // Specs have clocks of their own: what is of today there is long over by this one.
    ...(hasTtlMonitor ? [] : ['--setParameter', 'ttlMonitorEnabled=false']),
    // Diagnostics for MongoDB's support; they cost a write each second.
    '--setParameter', 'diagnosticDataCollectionEnabled=false',
    // There is no other member that could take over, so there is nothing to wait for.
    '--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100',
  ];
}

/**
 * @param {string} logText mongod's log, one JSON object a line
 * @returns {string | undefined} the message of the last error in it
 */
export function lastMongodError(logText) {
  // The last lines after a fatal error only say that there was one.
  const line = logText.trimEnd().split('\n').findLast((text) => /"s":"[EF]"/.test(text) && !/Fatal assertion|aborting after fassert|Writing fatal message/.test(text));
  if (!line) return undefined;
  try {
    const { msg, attr } = JSON.parse(line);
    const detail = attr?.error?.errmsg ?? attr?.error ?? attr?.msg;
    return typeof detail === 'string' ? `${msg}: ${detail}` : msg;
  } catch {
    return line;
  }
}
