import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the host tells about a workspace that it has just made in an empty database.
 * @typedef {{ workspaceId: string, ownerEmail: string, ownerPassword: string }} FirstRun
 */

/** Where the host writes it; it holds a password, so it lives only until that is shown. */
export const firstRunFile = (dataDir) => join(dataDir, 'first-run.json');

const stateFile = (dataDir) => join(dataDir, 'state.json');

/**
 * @param {string} dataDir
 * @returns {FirstRun | undefined} undefined when the database was not empty
 */
export function readFirstRun(dataDir) {
  const file = firstRunFile(dataDir);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Forgets the password and keeps the workspace's id, which later starts need for the address of its privacy page. */
export function closeFirstRun(dataDir, { workspaceId }) {
  writeFileSync(stateFile(dataDir), `${JSON.stringify({ workspaceId })}\n`);
  rmSync(firstRunFile(dataDir), { force: true });
}

/** @returns {string | undefined} */
export function knownWorkspaceId(dataDir) {
  return existsSync(stateFile(dataDir)) ? JSON.parse(readFileSync(stateFile(dataDir), 'utf8')).workspaceId : undefined;
}
