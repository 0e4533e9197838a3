import { FIRST_VERSION, nextDictionaryVersion, versionText, type DictionaryChange, type DictionaryVersion } from '@firsthand/domain';
import type { ConfigurationRepository, Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';

export const dictionaryVersionSchema = z.object({
  id: z.string(), dictionaryVersion: z.string().meta({ description: 'The first number grows with what breaks, the second with all else.' }), at: z.iso.datetime(),
  changes: z.array(z.object({
    path: z.string().meta({ description: 'Dictionary path; `event:<name>`, `entity:<name>`.' }), change: z.enum(['added', 'changed', 'renamed', 'removed']), to: z.string().optional(),
    breaks: z.array(z.string()), storedValues: z.enum(['convert', 'drop', 'keep']).nullable().meta({ description: 'What was chosen for stored values.' }),
  })),
}).meta({ id: 'DictionaryVersion' });
export type DictionaryVersionView = z.infer<typeof dictionaryVersionSchema>;
export const VERSION_EXAMPLE: DictionaryVersionView = {
  id: '000000002', dictionaryVersion: '2.0', at: '2026-11-24T08:00:00.000Z', changes: [{ path: 'profile.custom.shoeSize', change: 'changed', breaks: ['/type was integer'], storedValues: 'convert' }],
};

/** Every version of the dictionary, the newest first. */
export function listDictionaryVersions(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<DictionaryVersionView>> {
  return listConfigured<DictionaryVersion, DictionaryVersionView>(admin, { kind: 'dictionaryVersions', workspaceId, query, newestFirst: true }, ({ id, content }) => ({
    id, dictionaryVersion: versionText(content), at: new Date(content.at).toISOString(), changes: content.changes.map((change) => ({ ...change, breaks: [...change.breaks] })),
  }));
}

/** The version that is in force, e.g. `1.3`. */
export async function dictionaryVersionOf({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string): Promise<string> {
  return versionText((await newestVersion(repository, workspaceId))?.content ?? FIRST_VERSION);
}

/**
 * Writes down what is changed in the transaction that changes it, and gives the version that it makes. Of two changes at once one meets `CONFLICT`.
 *
 * @param scope of that transaction
 */
export async function addDictionaryVersion(scope: ConfigurationRepository, workspaceId: string, changes: readonly DictionaryChange[], now: number): Promise<string> {
  const newest = await newestVersion(scope, workspaceId);
  const next = nextDictionaryVersion(newest?.content ?? FIRST_VERSION, changes.some(({ breaks }) => breaks.length > 0));
  const id = String(Number(newest?.id ?? 0) + 1).padStart(9, '0');
  await scope.create<DictionaryVersion>('dictionaryVersions', workspaceId, id, { ...next, at: now, changes }, now);
  return versionText(next);
}

async function newestVersion(repository: ConfigurationRepository, workspaceId: string): Promise<Configured<DictionaryVersion> | undefined> {
  return (await repository.list<DictionaryVersion>('dictionaryVersions', workspaceId, { limit: 1, order: 'descending' }))[0];
}
