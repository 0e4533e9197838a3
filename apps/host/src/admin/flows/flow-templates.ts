import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FirsthandError, type ErrorPlace } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { FlowDraft } from '../documents.js';
import type { Caller } from '../http/caller.js';
import { keySchema } from '../http/id-schema.js';
import type { FlowView } from './flow-bodies.js';
import { createFlow } from './flows.js';

/** From `src` and `dist` alike: the root of the repository. */
const FOLDER = join(import.meta.dirname, '../../../../../templates/flows');
const PARAMETER = /^<([A-Za-z]+)>$/;

const fileSchema = z.strictObject({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.string()), flow: z.record(z.string(), z.json()) });

export const flowTemplateSchema = z.object({
  id: z.string(), name: z.string(), description: z.string(), parameters: z.record(z.string(), z.string()).meta({ description: 'What has to be given, and what it is.' }),
  flow: z.unknown().meta({ description: 'The flow; `<name>` stands for a parameter.' }),
}).meta({ id: 'FlowTemplate' });
export interface FlowTemplate { id: string; name: string; description: string; parameters: Record<string, string>; flow: unknown }
export const flowTemplatesSchema = z.object({ items: z.array(flowTemplateSchema) }).meta({ id: 'FlowTemplates' });

export const fromTemplateSchema = z.strictObject({ id: keySchema.optional(), parameters: z.record(z.string().max(100), z.string().min(1).max(200)) })
  .meta({ id: 'FlowFromTemplate', examples: [{ id: 'welcome', parameters: { purpose: 'marketing', connection: 'crm', action: 'upsert-contact' } }] });
export type FromTemplate = z.infer<typeof fromTemplateSchema>;

let templates: readonly FlowTemplate[] | undefined;

/** The ready-made flows, by id. Read once. */
export function flowTemplates(): readonly FlowTemplate[] {
  return (templates ??= readdirSync(FOLDER).filter((name) => name.endsWith('.json')).sort().map((name) => ({ id: basename(name, '.json'), ...fileSchema.parse(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))) })));
}

/**
 * A template with its parameters filled in.
 *
 * @throws FirsthandError `NOT_FOUND`, and `INVALID_REQUEST` that names each parameter which is missing or unknown
 */
export function fillTemplate(id: string, parameters: Readonly<Record<string, string>>): FlowDraft {
  const template = flowTemplates().find((one) => one.id === id);
  if (template === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such template.');
  const places: ErrorPlace[] = [
    ...Object.keys(template.parameters).filter((name) => !Object.hasOwn(parameters, name)).map((name) => ({ path: `/parameters/${name}`, message: 'is missing' })),
    ...Object.keys(parameters).filter((name) => !Object.hasOwn(template.parameters, name)).map((name) => ({ path: `/parameters/${name}`, message: 'is no parameter of the template' })),
  ];
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, places);
  return fill(template.flow, parameters) as FlowDraft;
}

function fill(value: unknown, parameters: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => fill(one, parameters));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, parameters)]));
  const name = typeof value === 'string' ? PARAMETER.exec(value)?.[1] : undefined;
  return name === undefined ? value : parameters[name];
}

/** Makes a draft of a template; its `problems` say what is left to do. @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST`, `CONFLICT` */
export function createFromTemplate(admin: AdminContext, caller: Caller, template: string, { id, parameters }: FromTemplate): Promise<FlowView> {
  return createFlow(admin, caller, { ...(id === undefined ? {} : { id }), flow: fillTemplate(template, parameters) });
}
