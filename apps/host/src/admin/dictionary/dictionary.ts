import { randomBytes } from 'node:crypto';
import {
  createDictionary, CUSTOM_ENTITIES, dictionaryToJson, dictionaryToJsonSchema, FirsthandError, PII_CLASSES, renderDictionaryMarkdown, type CustomField, type Dictionary, type DictionaryJson, type JsonObject,
} from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { renderDictionaryHtml } from '@firsthand/templating';
import type { Response } from 'express';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { keySchema } from '../http/id-schema.js';

export const customFieldSchema = z.strictObject({
  entity: z.enum(CUSTOM_ENTITIES), name: z.string().min(1).max(100), type: z.string().min(1).max(40), description: z.string().min(1).max(2_000), example: z.unknown().optional(),
  values: z.array(z.string().max(200)).max(200).optional(), owner: z.string().max(40).optional(), pii: z.enum(PII_CLASSES).optional(), retentionDays: z.int().min(1).nullable().optional(),
  purposes: z.array(keySchema).max(100).optional(),
}).meta({ id: 'CustomField', examples: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.', example: 42, pii: 'personal', purposes: ['marketing'] }] });
export type CustomFieldBody = z.infer<typeof customFieldSchema>;

export const customFieldViewSchema = z.object({ id: z.string(), version: z.int(), field: customFieldSchema }).meta({ id: 'CustomFieldView' });
export interface CustomFieldView { id: string; version: number; field: CustomField }

export function getDictionary({ configuration }: AdminContext, { workspaceId }: Caller): DictionaryJson {
  return dictionaryToJson(configuration.workspace(workspaceId).dictionary);
}

export function getDictionarySchema({ configuration }: AdminContext, { workspaceId }: Caller): JsonObject {
  return dictionaryToJsonSchema(configuration.workspace(workspaceId).dictionary);
}

/** Adds a field to the dictionary of the workspace. @throws FirsthandError `INVALID_REQUEST`, `CONFLICT` */
export async function addCustomField(admin: AdminContext, { workspaceId }: Caller, body: CustomFieldBody): Promise<CustomFieldView> {
  const field = { ...body, name: body.name.replace(/^custom\./, '') } as CustomField;
  const known = await admin.repository.list<CustomField>('customFields', workspaceId);
  try {
    createDictionary({ customFields: [...known.map(({ content }) => content), field] });
  } catch (error) {
    // Its places count all fields; only the new one is the caller's.
    throw error instanceof FirsthandError ? new FirsthandError(error.code, error.detail, error.places.map(({ path, message }) => ({ path: path.replace(/^\/\d+/, ''), message }))) : error;
  }
  const row = await admin.repository.create<CustomField>('customFields', workspaceId, `${field.entity}.${field.name}`, field, admin.clock());
  await admin.configuration.refresh();
  return viewField(row);
}

export async function removeCustomField(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  await admin.repository.delete('customFields', workspaceId, id, ifMatch);
  await admin.configuration.refresh();
}

function viewField({ id, version, content }: Configured<CustomField>): CustomFieldView {
  return { id, version, field: content };
}

const builtIn = createDictionary();

/** Answers with a dictionary as a page; with the built-in one, which holds no workspace's own fields, when left out. */
export function sendDictionaryPage(response: Response, dictionary: Dictionary = builtIn): void {
  const nonce = randomBytes(16).toString('base64');
  response
    .setHeader('Content-Security-Policy', `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`)
    .setHeader('Cache-Control', 'no-store')
    .type('html').send(renderDictionaryHtml(dictionary, { nonce }));
}

/** The same as Markdown. */
export function sendDictionaryMarkdown(response: Response, dictionary: Dictionary = builtIn): void {
  response.setHeader('Cache-Control', 'no-store').type('text/markdown; charset=utf-8').send(renderDictionaryMarkdown(dictionary));
}
