import { randomBytes } from 'node:crypto';
import type { AccessAbility } from '@firsthand/access';
import { createDictionary, dictionaryToJson, dictionaryToJsonSchema, dictionaryToOpenApi, dictionaryToTypeScript, renderDictionaryMarkdown, type Dictionary, type DictionaryJson, type JsonObject, type Ownership } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { renderDictionaryHtml, type DictionaryLineage, type EventLineage, type FieldLineage } from '@firsthand/templating';
import type { Response } from 'express';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { dictionaryVersionOf } from './dictionary-versions.js';
import { findUses } from './find-uses.js';
import { dictionaryLineage } from './lineage.js';

const ids = z.array(z.string());
export const lineageQuerySchema = z.object({ path: z.string().min(1).max(200).optional().meta({ description: 'One field or event. Without it all that come from or go anywhere.' }) });
export const lineageSchema = z.object({
  fields: z.array(z.object({
    path: z.string(), fedBy: z.array(z.object({ connectionId: z.string(), mappingVersion: z.int().meta({ description: '0 for the plugin’s own.' }), from: ids.meta({ description: 'Paths of the raw record; none for a fixed value.' }) })),
    segments: ids, flows: ids, destinations: z.array(z.object({ connectionId: z.string(), action: z.string(), flow: z.string(), field: z.string() })), purposes: ids,
  })),
  events: z.array(z.object({ name: z.string(), fedBy: ids, segments: ids, flows: ids })),
}).meta({ id: 'DictionaryLineage' });
export interface LineageView { fields: (FieldLineage & { path: string })[]; events: (EventLineage & { name: string })[] }

export async function getDictionary(admin: AdminContext, { workspaceId }: Caller): Promise<DictionaryJson & { dictionaryVersion: string }> {
  const { dictionary, ownership } = admin.configuration.workspace(workspaceId);
  return { dictionaryVersion: await dictionaryVersionOf(admin, workspaceId), ...dictionaryToJson(dictionary, ownership) };
}

export function getDictionarySchema({ configuration }: AdminContext, { workspaceId }: Caller): JsonObject {
  return dictionaryToJsonSchema(configuration.workspace(workspaceId).dictionary);
}

/** The entities as components of an OpenAPI document. */
export async function getDictionaryOpenApi(admin: AdminContext, { workspaceId }: Caller): Promise<ReturnType<typeof dictionaryToOpenApi>> {
  return dictionaryToOpenApi(admin.configuration.workspace(workspaceId).dictionary, await dictionaryVersionOf(admin, workspaceId));
}

/** The dictionary as TypeScript declarations. */
export async function sendDictionaryTypes(admin: AdminContext, { workspaceId }: Caller, response: Response): Promise<void> {
  const title = `Data dictionary ${await dictionaryVersionOf(admin, workspaceId)}`;
  response.setHeader('Cache-Control', 'no-store').type('application/typescript; charset=utf-8').send(dictionaryToTypeScript(admin.configuration.workspace(workspaceId).dictionary, title));
}

/** Where fields and events come from and go to, as far as the caller may read what names them. */
export async function getLineage(admin: AdminContext, { workspaceId, ability }: Caller, path: string | undefined): Promise<LineageView> {
  const { fields, events } = await lineageOf(admin, admin.configuration.workspace(workspaceId), ability);
  const isAsked = (name: string, ...ends: readonly unknown[][]): boolean => (path === undefined ? ends.some((end) => end.length > 0) : name === path);
  return {
    fields: [...fields].filter(([name, { fedBy, segments, flows, destinations, purposes }]) => isAsked(name, fedBy, segments, flows, destinations, purposes)).map(([name, lineage]) => ({ path: name, ...lineage })),
    events: [...events].filter(([name, { fedBy, segments, flows }]) => isAsked(name, fedBy, segments, flows)).map(([name, lineage]) => ({ name, ...lineage })),
  };
}

/** The page of a workspace's dictionary, with its lineage as far as its reader may see it. */
export async function sendWorkspaceDictionary(admin: AdminContext, { configuration, ability }: { configuration: WorkspaceConfiguration; ability: AccessAbility }, response: Response): Promise<void> {
  const heading = `Data dictionary ${await dictionaryVersionOf(admin, configuration.workspaceId)}`;
  const { dictionary, ownership } = configuration;
  sendDictionaryPage(response, dictionary, { heading, lineage: await lineageOf(admin, configuration, ability), ...(ownership === undefined ? {} : { ownership }) });
}

async function lineageOf({ repository }: AdminContext, configuration: WorkspaceConfiguration, ability: AccessAbility): Promise<DictionaryLineage> {
  return dictionaryLineage(configuration, ability, await findUses(repository, configuration.workspaceId));
}

const builtIn = createDictionary();

/** Answers with a dictionary as a page; with the built-in one, which holds no workspace's own fields, when left out. */
export function sendDictionaryPage(response: Response, dictionary: Dictionary = builtIn, more: { heading?: string; lineage?: DictionaryLineage; ownership?: Ownership } = {}): void {
  const nonce = randomBytes(16).toString('base64');
  response
    .setHeader('Content-Security-Policy', `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`)
    .setHeader('Cache-Control', 'no-store')
    .type('html').send(renderDictionaryHtml(dictionary, { nonce, ...more }));
}

/** The same as Markdown. */
export function sendDictionaryMarkdown(response: Response, dictionary: Dictionary = builtIn, ownership?: Ownership): void {
  response.setHeader('Cache-Control', 'no-store').type('text/markdown; charset=utf-8').send(renderDictionaryMarkdown(dictionary, ownership));
}
