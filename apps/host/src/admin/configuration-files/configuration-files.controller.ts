import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { STORED_VALUES, type JsonObject } from '@firsthand/domain';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { Route } from '../http/route.js';
import { DOCUMENT_KINDS, type ConfigurationDocument, type DocumentChange } from './configuration-documents.js';
import { exportDocuments, listLeftOut, type LeftOut } from './export-configuration.js';
import { importConfiguration, type ConfigurationImport } from './import-configuration.js';

const kind = z.enum(DOCUMENT_KINDS);
const documentSchema = z.strictObject({ kind, id: z.string().min(1).max(300), content: z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject> });
const DOCUMENT = { kind: 'purposes' as const, id: 'service', content: { name: { en: 'Service' }, description: { en: 'We send what you bought.' }, lawfulBasis: 'contract', fields: ['profile.*'], expiresAfterDays: null } };
const CHANGE: DocumentChange = { kind: 'purposes', id: 'service', change: 'changed', fields: ['/fields'] };

const exportSchema = z.object({
  documents: z.array(documentSchema), leftOut: z.array(z.object({ kind: z.literal('connections'), id: z.string(), secrets: z.array(z.string()), writeKeys: z.array(z.string()) })).meta({ description: 'Secrets that no document holds, by name.' }),
}).meta({ id: 'ConfigurationExport' });
const importSchema = z.strictObject({
  documents: z.array(documentSchema).max(5_000),
  secrets: z.record(z.string(), z.record(z.string(), z.string().max(20_000))).default({}).meta({ description: 'Connection id to its secret settings. Those that a connection has stay.' }),
  deletesOthers: z.boolean().default(false).meta({ description: 'Whether what is not among the documents goes. Not without any document.' }),
  storedValues: z.enum(STORED_VALUES).optional().meta({ description: 'What becomes of stored values where a field of the dictionary breaks.' }),
}).refine(({ documents, deletesOthers }) => documents.length > 0 || !deletesOthers, { path: ['documents'], message: 'must not be empty with deletesOthers, which would delete everything: send what is to stay' }).meta({ id: 'ConfigurationImport', examples: [{ documents: [DOCUMENT] }] });
const changesSchema = z.object({ changes: z.array(z.object({ kind, id: z.string(), change: z.enum(['created', 'changed', 'deleted']), fields: z.array(z.string()).meta({ description: 'JSON Pointers of what differs.' }) })) }).meta({ id: 'ConfigurationChanges' });

/** The configuration of a workspace as documents, to be kept in git. */
@ApiTags('Configuration')
@Controller('admin/v1/configuration')
export class ConfigurationFilesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'The whole configuration as documents', description: 'In a fixed order, without secrets, accounts and keys.', requires: ['read', 'configuration'], gives: exportSchema, isResult: true,
    example: { documents: [DOCUMENT], leftOut: [{ kind: 'connections', id: 'crm', secrets: ['token'], writeKeys: [] }] },
  })
  async export(@CallerOf() { workspaceId }: Caller): Promise<{ documents: ConfigurationDocument[]; leftOut: LeftOut[] }> {
    return { documents: await exportDocuments(this.admin.repository, workspaceId), leftOut: await listLeftOut(this.admin, workspaceId) };
  }

  @Route({
    method: 'POST', summary: 'Makes the configuration what documents say', description: 'All of it or, when any document is refused, nothing. With `dryRun=true` the answer tells what would be created, changed and deleted. Each change needs the permission that the call for it needs. At most 16 MB.',
    requires: ['update', 'configuration'], status: 200, gives: changesSchema, isResult: true, dryRun: () => [], errors: ['INVALID_CONFIGURATION', 'CONFLICT'], example: { changes: [CHANGE] },
  })
  async import(@CallerOf() caller: Caller, @Body({ schema: importSchema }) given: ConfigurationImport): Promise<{ changes: DocumentChange[] }> {
    return { changes: await importConfiguration(this.admin, caller, given) };
  }
}
