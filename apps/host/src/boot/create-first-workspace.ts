import { randomBytes, randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { hashPassword } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { Clock } from '@firsthand/pipeline';
import type { UserDocument, WorkspaceDocument } from '../configuration/documents.js';

/** What is told once about the workspace that was made on an empty database. */
export interface FirstRun {
  workspaceId: string;
  ownerEmail: string;
  ownerPassword: string;
}

/** One id for the first workspace of every installation: of several processes that start at once, one makes it. */
const WORKSPACE_ID = 'main';
const OWNER_EMAIL = 'owner@firsthand.localhost';

/**
 * Makes the first workspace and its owner when the database is empty. The password is told before it is made good: a crash in between leaves
 * a password that opens nothing, never a workspace that nobody can open.
 *
 * @param tell writes it where only the operator can read it
 * @returns undefined when there is a workspace already
 * @example await createFirstWorkspace({ repository, clock: Date.now, tell: (run) => tellInFile(file, run) });
 */
export async function createFirstWorkspace({ repository, clock, tell }: { repository: ConfigurationRepository; clock: Clock; tell(run: FirstRun): Promise<void> }): Promise<FirstRun | undefined> {
  if ((await repository.readVersions()).size > 0) return undefined;
  const run: FirstRun = { workspaceId: WORKSPACE_ID, ownerEmail: OWNER_EMAIL, ownerPassword: randomBytes(18).toString('base64url') };
  const passwordHash = await hashPassword(run.ownerPassword);
  await tell(run);
  try {
    await repository.transaction(async (inside) => {
      await inside.create<WorkspaceDocument>('workspaces', WORKSPACE_ID, WORKSPACE_ID, { name: 'Main' }, clock());
      await inside.create<UserDocument>('users', WORKSPACE_ID, randomUUID(), { email: OWNER_EMAIL, name: 'Owner', roles: ['owner'], passwordHash, tokenVersion: 1, isDisabled: false }, clock());
    });
    return run;
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
export async function tellFirstRun(file: string | undefined, run: FirstRun): Promise<void> {
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
