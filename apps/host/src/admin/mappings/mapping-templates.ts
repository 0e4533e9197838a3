import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FirsthandError, type Mapping, type MappingTest } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { mappingSchema, mappingTestSchema, type MappingView } from './mapping-bodies.js';
import { saveDraft } from './mappings.js';

/** From `src` and `dist` alike: the root of the repository. */
const FOLDER = join(import.meta.dirname, '../../../../../templates/mappings');

/** A ready-made mapping for a common shape of records, with its tests. */
export interface MappingTemplate {
  id: string;
  name: string;
  description: string;
  mapping: Mapping;
  tests: MappingTest[];
}

const fileSchema = z.strictObject({ name: z.string(), description: z.string(), mapping: mappingSchema as unknown as z.ZodType<Mapping>, tests: z.array(mappingTestSchema as unknown as z.ZodType<MappingTest>).min(1) });

export const mappingTemplatesSchema = z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), description: z.string(), mapping: mappingSchema, tests: z.array(mappingTestSchema) })) }).meta({ id: 'MappingTemplates' });

let templates: readonly MappingTemplate[] | undefined;

/** The ready-made mappings, by id. Read once. */
export function mappingTemplates(): readonly MappingTemplate[] {
  return (templates ??= readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort().map((name) => ({ id: basename(name, '.json'), ...fileSchema.parse(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))) })));
}

/** Makes a ready-made mapping the draft of a connection, with its tests. Nothing is published. @throws FirsthandError `NOT_FOUND`, `VERSION_MISMATCH` */
export function applyTemplate(admin: AdminContext, caller: Caller, connectionId: string, ifMatch: number, id: string): Promise<MappingView> {
  const template = mappingTemplates().find((one) => one.id === id);
  if (template === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such template.');
  return saveDraft(admin, caller, connectionId, ifMatch, template);
}
