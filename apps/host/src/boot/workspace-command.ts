import { FirsthandError, normaliseEmail } from '@firsthand/domain';
import { connectStore, createConfigurationRepository } from '@firsthand/persistence';
import { z } from 'zod';
import { keySchema } from '../admin/http/id-schema.js';
import { createWorkspace } from './create-workspace.js';
import { speakPlainly } from './plain-messages.js';

/** What to make, as it was typed. */
export interface WorkspaceOptions {
  mongodbUri: string;
  database?: string | undefined;
  id?: string | undefined;
  /** The id where it is left out. */
  name?: string | undefined;
  owner?: string | undefined;
  print(line: string): void;
}

const givenSchema = z.object({ id: keySchema, name: z.string().min(1).max(200).optional(), owner: z.email().max(254) });

/**
 * Makes a further workspace in a database that a host works on; hosts that run know it within a second. Prints whom to sign in as.
 *
 * @returns the exit code: 0 made, 1 refused
 * @throws FirsthandError UNAVAILABLE when MongoDB does not answer
 * @example process.exitCode = await workspaceCommand({ mongodbUri, id: 'outlet', owner: 'owner@outlet.example', print: console.log });
 */
export async function workspaceCommand({ mongodbUri, database, id, name, owner, print }: WorkspaceOptions): Promise<number> {
  speakPlainly();
  const given = givenSchema.safeParse({ id, name, owner });
  const ownerEmail = given.success ? normaliseEmail(given.data.owner) : null;
  if (!given.success || ownerEmail === null) {
    for (const { path, message } of given.error?.issues ?? [{ path: ['owner'], message: 'is no address' }]) print(`REFUSED: --${path.join('.')}: ${message}`);
    return 1;
  }
  const log = { info: () => undefined, warn: () => undefined };
  const { connection, close } = await connectStore({ uri: mongodbUri, log, ...(database === undefined ? {} : { databaseName: database }) });
  try {
    const repository = createConfigurationRepository(connection);
    const versions = await repository.readVersions();
    // A database that is empty, or a misspelled one: the host makes the first workspace, and the collections.
    if (versions.size === 0) return refused(print, `The database "${connection.name}" holds no workspace: start a host on it first.`);
    if (versions.has(given.data.id)) return refused(print, `There is a workspace "${given.data.id}".`);
    await createWorkspace({
      repository, clock: Date.now,
      tell: async ({ ownerPassword }) => print(`Sign in as ${ownerEmail} with the password ${ownerPassword} and change it: it is shown this once and stored nowhere.`),
    }, { workspaceId: given.data.id, name: given.data.name ?? given.data.id, ownerEmail });
    print(`The workspace "${given.data.id}" is made.`);
    return 0;
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'CONFLICT') return refused(print, `There is a workspace "${given.data.id}": the password opens nothing.`);
    throw error;
  } finally {
    await close();
  }
}

function refused(print: (line: string) => void, reason: string): number {
  print(`REFUSED: ${reason}`);
  return 1;
}
