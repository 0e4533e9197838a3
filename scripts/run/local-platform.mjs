import { join } from 'node:path';
import { bringUpServers } from '../servers/bring-up.mjs';
import { portProblem } from '../servers/ports.mjs';
import { claimDataDir } from './claim-data-dir.mjs';
import { firstRunFile } from './first-run.mjs';
import { stopLeftoverHost } from './host-process.mjs';
import { OperatorError } from './operator-error.mjs';
import { binaryDir } from './paths.mjs';
import { loadSecrets } from './secrets.mjs';

/** Beside the usual ports, so that a MongoDB or Redis of the user's own is not mistaken for ours. */
const preferredPorts = { mongoPort: 27117, valkeyPort: 6479 };

/**
 * All that has to be settled before anything slow begins: one run per data folder, and a free port.
 * @param {{ dataDir: string, env?: NodeJS.ProcessEnv, defer: (undo: () => void) => void, log: (line: string) => void }} options
 * @returns {Promise<{ port: number, baseUrl: string }>} where the host will listen, and its address as seen from this machine
 * @throws {OperatorError}
 */
export async function claimPlace({ dataDir, env = process.env, defer, log }) {
  const port = parsePort(env.PORT);
  claimDataDir({ dataDir, defer });
  await stopLeftoverHost({ dataDir, log });
  const address = env.HOST || '127.0.0.1';
  const problem = await portProblem(port, address);
  if (problem !== undefined) throw new OperatorError(wayOutOf(problem, port, address));
  return { port, baseUrl: `http://${reachableName(address)}:${port}` };
}

function wayOutOf(problem, port, address) {
  if (problem === 'EADDRINUSE') return `port ${port} is in use. Stop the program that holds it, or choose another one: PORT=${port === 65_535 ? 3000 : port + 1} npm start.`;
  if (problem === 'EACCES') return `port ${port} is not for this user. Choose one above 1023: PORT=3000 npm start.`;
  return `HOST is "${address}", which is no address of this machine (${problem}). Set it to one that is, such as 0.0.0.0 for all of them, or leave it out for 127.0.0.1.`;
}

/** @returns {string} an address to connect to, for one to listen on */
export function reachableName(address) {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}

/**
 * @param {string | undefined} text the environment's PORT
 * @returns {number} 3000 when it is not set
 * @throws {OperatorError}
 */
export function parsePort(text) {
  if (!text) return 3000;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new OperatorError(`PORT is "${text}", which is no port. Set it to a number from 1 to 65535, or leave it out for 3000.`);
}

/**
 * Brings up the databases and makes the environment that the host starts in.
 * @param {{ dataDir: string, port: number, nodeEnv: string, env?: NodeJS.ProcessEnv, signal: AbortSignal, log: (line: string) => void,
 *   defer: (undo: (force: AbortSignal) => Promise<void>) => void }} options
 * @returns {Promise<{ hostEnv: NodeJS.ProcessEnv, servers: import('../servers/server-process.mjs').ServerProcess[] }>}
 */
export async function bringUpPlatform({ dataDir, port, nodeEnv, env = process.env, signal, log, defer }) {
  const secrets = loadSecrets({ file: join(dataDir, 'secrets.json'), env });
  const { mongoUri, redisUrl, started } = await bringUpServers({ ...preferredPorts, dataDir, binDir: binaryDir(env), env, signal, log, defer });
  const hostEnv = {
    ...env,
    ...secrets,
    // Ours names no database; the user's own is passed on as it is.
    MONGODB_URI: env.MONGODB_URI || mongoUri.replace('/?', '/firsthand?'),
    REDIS_URL: redisUrl,
    PORT: String(port),
    NODE_ENV: nodeEnv,
    FIRSTHAND_FIRST_RUN_FILE: firstRunFile(dataDir),
    FIRSTHAND_CHECKPOINT_FILE: env.FIRSTHAND_CHECKPOINT_FILE || join(dataDir, 'checkpoints.jsonl'),
  };
  return { hostEnv, servers: started };
}
