import { compileMapping, FirsthandError, type CompiledMapping, type Dictionary, type Mapping, type MappingSurroundings } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { SourceDefinition } from '@firsthand/plugin-sdk';
import { isSource, type SourceConnectionDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { readConnection } from '../connections/connections.js';
import type { MappingContent, MappingVersionContent } from '../documents.js';
import { findConfigured } from '../find-configured.js';
import { versionId } from '../version-id.js';

/** A source connection with all that its mapping runs with. */
export interface MappedSource {
  connectionId: string;
  content: SourceConnectionDocument;
  source: SourceDefinition;
  surroundings: MappingSurroundings;
}

/** Which mapping of a connection: one that is not stored, the draft, or a version; what is live without any. */
export interface WhichMapping {
  mapping?: Mapping | undefined;
  version?: 'draft' | number | undefined;
}

/** @throws FirsthandError `NOT_FOUND`; `INVALID_REQUEST` for a destination */
export async function sourceOf(admin: AdminContext, workspaceId: string, connectionId: string): Promise<MappedSource> {
  const { content } = await readConnection(admin, workspaceId, connectionId);
  if (!isSource(content)) throw new FirsthandError('INVALID_REQUEST', 'Only sources have a mapping of their own; those of destinations stand in the flow.');
  const configuration = admin.configuration.workspace(workspaceId);
  // As ingest has them, with what is set by default; a connection that is left out of the configuration has only what is stored.
  const settings = configuration.sources.get(connectionId)?.publicSettings ?? content.settings;
  return {
    connectionId, content, source: admin.plugins.source(`${content.pluginId}.${content.capability}`).source,
    surroundings: { dictionary: configuration.dictionary, settings, connectionId, defaultCountry: content.defaultCountry ?? undefined },
  };
}

/** @throws FirsthandError `INVALID_MAPPING` with every place that is wrong */
export function compileFor(mapping: Mapping, { isTarget }: Pick<Dictionary, 'isTarget'>): CompiledMapping {
  return compileMapping(mapping, { targets: isTarget });
}

/** Undefined where a connection has neither a draft nor versions. */
export async function findMapping({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string, connectionId: string): Promise<Configured<MappingContent> | undefined> {
  return findConfigured<MappingContent>(repository, 'mappings', workspaceId, connectionId);
}

/** @throws FirsthandError `NOT_FOUND` for a version or a draft that is not there */
export async function chooseMapping(admin: AdminContext, workspaceId: string, { connectionId, source }: MappedSource, { mapping, version }: WhichMapping): Promise<Mapping> {
  if (mapping !== undefined) return mapping;
  if (version === 0) return source.mapping;
  if (typeof version === 'number') return (await admin.repository.get<MappingVersionContent>('mappingVersions', workspaceId, versionId(connectionId, version))).content.mapping;
  const row = await findMapping(admin, workspaceId, connectionId);
  if (version === undefined) return row?.content.live?.mapping ?? source.mapping;
  if (row === undefined) throw new FirsthandError('NOT_FOUND', 'There is no draft.');
  return row.content.draft.mapping;
}
