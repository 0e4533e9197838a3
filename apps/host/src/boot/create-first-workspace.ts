import { rename, rm, writeFile } from 'node:fs/promises';
import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Clock } from '@firsthand/pipeline';
import { createWorkspace, type WorkspaceOwner } from './create-workspace.js';

/** One id for the first workspace of every installation: of several processes that start at once, one makes it. */
const WORKSPACE_ID = 'main';
const OWNER_EMAIL = 'owner@firsthand.localhost';

/**
 * Makes the first workspace and its owner when the database is empty.
 *
 * @param tell writes the password where only the operator can read it
 * @returns undefined when there is a workspace already
 * @example await createFirstWorkspace({ repository, clock: Date.now, tell: (run) => tellFirstRun(file, run) });
 */
export async function createFirstWorkspace(context: { repository: ConfigurationRepository; clock: Clock; tell(run: WorkspaceOwner): Promise<void> }): Promise<WorkspaceOwner | undefined> {
  if ((await context.repository.readVersions()).size > 0) return undefined;
  try {
    return await createWorkspace(context, { workspaceId: WORKSPACE_ID, name: 'Main', ownerEmail: OWNER_EMAIL });
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'CONFLICT') return undefined;
    throw error;
  }
}

/**
 * Writes it into a file that only this user can read, whole or not at all. Without a file it goes to stderr, and not through the log, which is kept.
 *
 * @throws FirsthandError `INVALID_ENVIRONMENT` where the file cannot be written
 * @example await tellFirstRun(environment.firstRunFile, run);
 */
export async function tellFirstRun(file: string | undefined, run: WorkspaceOwner): Promise<void> {
  if (file === undefined) {
    process.stderr.write(`The first workspace is "${run.workspaceId}". Sign in as ${run.ownerEmail} with the password ${run.ownerPassword} and change it.\n`);
    return;
  }
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(run)}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new FirsthandError('INVALID_ENVIRONMENT', 'FIRSTHAND_FIRST_RUN_FILE names no file that can be written.', [{ path: 'FIRSTHAND_FIRST_RUN_FILE', message: 'names no file that can be written' }], { cause: error });
  }
}
