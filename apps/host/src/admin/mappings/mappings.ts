import { canonicalise, compileMapping, deriveMessageId, FirsthandError, type CanonicalRecord, type ErrorPlace, type JsonValue, type Mapping } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import { readConnection } from '../connections/connections.js';
import type { MappingDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { canonicalRecordSchema } from './canonical-record-schema.js';

const mapping = z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown())).min(1).max(20)])
  .meta({ id: 'Mapping', description: 'Canonical target to template: `{ "identities.phone": "{{e164 phone \'CN\'}}" }`; or a list of parts that each may have a `$when`.' });

export const mappingBodySchema = z.strictObject({ mapping }).meta({ id: 'MappingBody', examples: [{ mapping: { name: 'Order Completed', 'identities.email': '{{lower email}}', 'order.orderId': '{{id}}' } }] });
export type MappingBody = z.infer<typeof mappingBodySchema>;

export const mappingPreviewSchema = z.strictObject({
  connectionId: z.string().min(1).max(200), mapping: mapping.optional().meta({ description: 'The connection’s own, or the plugin’s, when left out.' }),
  sample: z.unknown().optional().meta({ description: 'A raw record; the plugin’s sample when left out.' }),
}).meta({ id: 'MappingPreviewBody', examples: [{ connectionId: 'online-shop', sample: { type: 'track', event: 'Order Completed', userId: 'u-20481' } }] });
export type MappingPreviewBody = z.infer<typeof mappingPreviewSchema>;

export const mappingViewSchema = z.object({ id: z.string(), version: z.int(), mapping, isOwn: z.boolean().meta({ description: 'False while the plugin’s own is in use.' }) }).meta({ id: 'MappingView' });
export interface MappingView { id: string; version: number; mapping: Mapping; isOwn: boolean }

export const previewSchema = z.object({
  mapped: z.record(z.string(), z.unknown()), record: canonicalRecordSchema.nullable(),
  error: z.object({ code: z.string(), places: z.array(z.object({ path: z.string(), message: z.string() })) }).nullable(),
  reads: z.record(z.string(), z.array(z.string())),
}).meta({ id: 'MappingPreview' });
export interface MappingPreview {
  mapped: Record<string, JsonValue>;
  record: CanonicalRecord | null;
  error: { code: string; places: ErrorPlace[] } | null;
  reads: Record<string, readonly string[]>;
}

export function listMappings(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<MappingView>> {
  return listConfigured<MappingDocument, MappingView>(admin, { kind: 'mappings', workspaceId, query }, view);
}

/** The mapping that a source connection runs: its own, else its plugin's at version 0. */
export async function getMapping(admin: AdminContext, { workspaceId }: Caller, connectionId: string): Promise<MappingView> {
  const [own, plugins] = await Promise.all([findOwn(admin, workspaceId, connectionId), sourceOf(admin, workspaceId, connectionId)]);
  return own === undefined ? { id: connectionId, version: 0, mapping: plugins.source.mapping, isOwn: false } : view(own);
}

/**
 * Gives a connection a mapping of its own. The first needs If-Match `"0"`, the version of the plugin's.
 *
 * @throws FirsthandError `INVALID_MAPPING` with every place that is wrong, `VERSION_MISMATCH`
 */
export async function saveMapping(admin: AdminContext, { workspaceId }: Caller, connectionId: string, ifMatch: number, given: Mapping): Promise<MappingView> {
  await sourceOf(admin, workspaceId, connectionId);
  compileMapping(given, { targets: admin.configuration.workspace(workspaceId).dictionary.isTarget });
  if (ifMatch > 0) return view(await changeConfigured<MappingDocument>(admin, 'mappings', workspaceId, connectionId, ifMatch, () => ({ mapping: given })));
  if ((await findOwn(admin, workspaceId, connectionId)) !== undefined) throw new FirsthandError('VERSION_MISMATCH');
  const row = await admin.repository.create<MappingDocument>('mappings', workspaceId, connectionId, { mapping: given }, admin.clock());
  await admin.configuration.refresh();
  return view(row);
}

/** Goes back to the plugin's mapping. */
export async function deleteMapping(admin: AdminContext, { workspaceId }: Caller, connectionId: string, ifMatch: number): Promise<void> {
  await admin.repository.delete('mappings', workspaceId, connectionId, ifMatch);
  await admin.configuration.refresh();
}

/** Maps a sample as the connection would, and stores nothing. */
export async function previewMapping(admin: AdminContext, caller: Caller, { connectionId, mapping: given, sample }: MappingPreviewBody): Promise<MappingPreview> {
  const { workspaceId } = caller;
  const { row, source } = await sourceOf(admin, workspaceId, connectionId);
  const { dictionary } = admin.configuration.workspace(workspaceId);
  const compiled = compileMapping((given as Mapping | undefined) ?? (await getMapping(admin, caller, connectionId)).mapping, { targets: dictionary.isTarget });
  const raw = (sample ?? source.sample) as JsonValue;
  const receivedAt = admin.clock();
  // Without the secret settings: a template could show them.
  const mapped = compiled.apply(raw, { settings: row.content.settings, receivedAt: new Date(receivedAt).toISOString(), connectionId });
  const defaultCountry = row.content.kind === 'source' ? row.content.defaultCountry ?? undefined : undefined;
  const result = canonicalise(mapped, { dictionary, receivedAt, defaultCountry, derivedMessageId: () => deriveMessageId(raw) });
  return { mapped, record: result.record ?? null, error: result.error ?? null, reads: Object.fromEntries(compiled.reads) };
}

async function sourceOf(admin: AdminContext, workspaceId: string, connectionId: string) {
  const row = await readConnection(admin, workspaceId, connectionId);
  if (row.content.kind !== 'source') throw new FirsthandError('INVALID_REQUEST', 'Only sources have a mapping of their own; those of destinations stand in the flow.');
  return { row, source: admin.plugins.source(`${row.content.pluginId}.${row.content.capability}`).source };
}

async function findOwn({ repository }: AdminContext, workspaceId: string, connectionId: string): Promise<Configured<MappingDocument> | undefined> {
  return repository.get<MappingDocument>('mappings', workspaceId, connectionId).catch((error: unknown) => {
    if (error instanceof FirsthandError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
}

function view({ id, version, content }: Configured<MappingDocument>): MappingView {
  return { id, version, mapping: content.mapping, isOwn: true };
}
