import { FirsthandError, type Mapping } from '@firsthand/domain';
import type { ConfigurationRepository, Configured } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import type { MappingContent, MappingVersionContent } from '../documents.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { versionId } from '../version-id.js';
import type { MappingBody, MappingVersionView, MappingView } from './mapping-bodies.js';
import { compileFor, findMapping, sourceOf } from './mapping-source.js';
import { refuseFailing, runTests, type MappingTestResults } from './run-tests.js';
import { refuseRealPeople } from './refuse-real-people.js';

function view({ id, version, content: { draft, live } }: Configured<MappingContent>, plugins: Mapping | null = null): MappingView {
  return { id, version, liveVersion: live?.version ?? 0, isOwn: live !== null, mapping: live?.mapping ?? plugins, draft };
}

export function listMappings(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<MappingView>> {
  return listConfigured<MappingContent, MappingView>(admin, { kind: 'mappings', workspaceId, query }, (row) => view(row));
}

/** The mapping that a source connection runs: its own live one, else its plugin's at version 0; and its draft. */
export async function getMapping(admin: AdminContext, { workspaceId }: Caller, connectionId: string): Promise<MappingView> {
  const [row, { source }] = await Promise.all([findMapping(admin, workspaceId, connectionId), sourceOf(admin, workspaceId, connectionId)]);
  return row === undefined ? { id: connectionId, version: 0, liveVersion: 0, isOwn: false, mapping: source.mapping, draft: null } : view(row, source.mapping);
}

/** The published versions, newest first. */
export async function listMappingVersions(admin: AdminContext, { workspaceId }: Caller, connectionId: string, query: PageQuery): Promise<Page<MappingVersionView>> {
  // At once: a page that is none is refused whatever the connection.
  const [page] = await Promise.all([
    listConfigured<MappingVersionContent, MappingVersionView>(admin, { kind: 'mappingVersions', workspaceId, query, where: { connectionId }, newestFirst: true }, ({ content: { version, publishedAt, mapping, tests } }) => (
      { version, publishedAt: new Date(publishedAt).toISOString(), mapping, tests })),
    sourceOf(admin, workspaceId, connectionId),
  ]);
  return page;
}

/**
 * Replaces the draft; records go on being mapped by what is live. The first one needs If-Match `"0"`. Tests that are left out stay.
 *
 * @throws FirsthandError `INVALID_MAPPING` with every place that is wrong, `INVALID_REQUEST` for addresses in samples that are not made up, `VERSION_MISMATCH`
 */
export async function saveDraft(admin: AdminContext, { workspaceId }: Caller, connectionId: string, ifMatch: number, { mapping, tests }: MappingBody): Promise<MappingView> {
  const { source, surroundings } = await sourceOf(admin, workspaceId, connectionId);
  compileFor(mapping, surroundings.dictionary);
  refuseRealPeople(tests ?? []);
  const row = await admin.repository.transaction(async (repository) => {
    if (ifMatch > 0) return changeMapping({ ...admin, repository }, workspaceId, connectionId, ifMatch, (content) => ({ ...content, draft: { mapping, tests: tests ?? content.draft.tests } }));
    if ((await findMapping({ repository }, workspaceId, connectionId)) !== undefined) throw new FirsthandError('VERSION_MISMATCH');
    return repository.create<MappingContent>('mappings', workspaceId, connectionId, { draft: { mapping, tests: tests ?? [] }, live: null, lastVersion: 0 }, admin.clock());
  });
  await admin.configuration.refresh();
  return view(row, source.mapping);
}

/** Runs the tests of the draft. @throws FirsthandError `NOT_FOUND`, `INVALID_MAPPING` */
export async function testDraft(admin: AdminContext, { workspaceId }: Caller, connectionId: string): Promise<MappingTestResults> {
  const { surroundings } = await sourceOf(admin, workspaceId, connectionId);
  return runTests((await admin.repository.get<MappingContent>('mappings', workspaceId, connectionId)).content.draft, surroundings);
}

/**
 * Publishes the draft as the next version, which never changes; records are mapped by it from now on.
 *
 * @throws FirsthandError `MAPPING_TEST_FAILED`, `INVALID_MAPPING`, `NOT_FOUND`, `VERSION_MISMATCH`
 */
export async function publishMapping(admin: AdminContext, { workspaceId }: Caller, connectionId: string, ifMatch: number | undefined): Promise<MappingView> {
  const { source, surroundings } = await sourceOf(admin, workspaceId, connectionId);
  const row = await admin.repository.transaction((repository) => changeMapping({ ...admin, repository }, workspaceId, connectionId, ifMatch, async ({ draft, lastVersion }) => {
    refuseFailing(draft, surroundings);
    const [version, publishedAt] = [lastVersion + 1, admin.clock()];
    await repository.create<MappingVersionContent>('mappingVersions', workspaceId, versionId(connectionId, version), { ...draft, connectionId, version, publishedAt }, publishedAt);
    return { draft, live: { version, mapping: draft.mapping, publishedAt }, lastVersion: version };
  }));
  await admin.configuration.refresh();
  return view(row, source.mapping);
}

/**
 * Maps records by an earlier version again, or by the plugin's own. Its tests are run once more: what it names, or the dictionary, may have changed.
 *
 * @throws FirsthandError `MAPPING_TEST_FAILED`, `INVALID_MAPPING`, `NOT_FOUND`, `VERSION_MISMATCH`
 */
export async function rollBackMapping(admin: AdminContext, { workspaceId }: Caller, connectionId: string, ifMatch: number | undefined, version: number): Promise<MappingView> {
  const { source, surroundings } = await sourceOf(admin, workspaceId, connectionId);
  const row = await admin.repository.transaction((repository) => changeMapping({ ...admin, repository }, workspaceId, connectionId, ifMatch, async (content) => {
    if (version === 0) return { ...content, live: null };
    const { content: { mapping, tests, publishedAt } } = await repository.get<MappingVersionContent>('mappingVersions', workspaceId, versionId(connectionId, version));
    refuseFailing({ mapping, tests }, surroundings);
    return { ...content, live: { version, mapping, publishedAt } };
  }));
  await admin.configuration.refresh();
  return view(row, source.mapping);
}

/** @throws FirsthandError `CONFLICT` once it was published: records name its versions */
export async function deleteDraft(admin: AdminContext, { workspaceId }: Caller, connectionId: string, ifMatch: number): Promise<void> {
  const { content } = await admin.repository.get<MappingContent>('mappings', workspaceId, connectionId);
  if (content.lastVersion > 0) throw new FirsthandError('CONFLICT', 'Records name its versions: roll back to version 0 for the plugin’s own.');
  await admin.repository.delete('mappings', workspaceId, connectionId, ifMatch);
  await admin.configuration.refresh();
}

/** Changes a mapping within a transaction, on the version that the caller has seen. */
async function changeMapping(
  { repository, clock }: Pick<AdminContext, 'clock'> & { repository: ConfigurationRepository }, workspaceId: string, connectionId: string, ifMatch: number | undefined,
  change: (content: MappingContent) => MappingContent | Promise<MappingContent>,
): Promise<Configured<MappingContent>> {
  const row = await repository.get<MappingContent>('mappings', workspaceId, connectionId);
  if (ifMatch !== undefined && row.version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${row.version}.`);
  return repository.update<MappingContent>('mappings', workspaceId, connectionId, row.version, await change(row.content), clock());
}
