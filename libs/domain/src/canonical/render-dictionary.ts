import { z } from 'zod';
import type { JsonObject } from '../json.js';
import { CONVENTIONS, exampleText, retentionText, typeText } from './dictionary-text.js';
import type { Dictionary, DictionaryEntity, DictionaryEvent, DictionaryField } from './dictionary.js';

/** The dictionary as plain JSON, for the API. */
export interface DictionaryJson {
  conventions: readonly string[];
  entities: (DictionaryEntity & { fields: DictionaryField[] })[];
  events: readonly DictionaryEvent[];
}

/**
 * The dictionary as plain JSON: the conventions, each entity with its fields, and the events.
 *
 * @example dictionaryToJson(dictionary).entities[0].name // 'profile'
 */
export function dictionaryToJson(dictionary: Dictionary): DictionaryJson {
  return {
    conventions: CONVENTIONS,
    entities: dictionary.entities.map((entity) => ({ ...entity, fields: dictionary.fields.filter((field) => field.entity === entity.name) })),
    events: dictionary.events,
  };
}

/**
 * The dictionary as one JSON Schema (draft 2020-12) with every entity under `$defs`.
 *
 * @example dictionaryToJsonSchema(dictionary).$defs
 */
export function dictionaryToJsonSchema(dictionary: Dictionary): JsonObject {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Canonical schema', $defs: Object.fromEntries(entitySchemas(dictionary)) };
}

/**
 * The dictionary as the components of an OpenAPI document (3.1, whose schemas are those of JSON Schema 2020-12), to be referred to or merged.
 *
 * @example dictionaryToOpenApi(dictionary, '1.2').components.schemas.Profile
 */
export function dictionaryToOpenApi(dictionary: Dictionary, version: string): { openapi: string; info: JsonObject; paths: JsonObject; components: { schemas: JsonObject } } {
  const schemas = entitySchemas(dictionary).map(([name, schema]): [string, JsonObject] => [name.charAt(0).toUpperCase() + name.slice(1), schema]);
  return { openapi: '3.1.0', info: { title: 'Data dictionary', version }, paths: {}, components: { schemas: Object.fromEntries(schemas) } };
}

function entitySchemas({ entities, schemas }: Dictionary): [string, JsonObject][] {
  return entities.flatMap(({ name, description }): [string, JsonObject][] => {
    const entity = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (entity === undefined) return [];
    const { $schema: _, ...schema } = z.toJSONSchema(entity, { target: 'draft-2020-12' });
    return [[name, { title: name, description, ...schema } as unknown as JsonObject]];
  });
}

/**
 * The dictionary as Markdown: one table per entity, and one of the events.
 *
 * @example renderDictionaryMarkdown(createDictionary())
 */
export function renderDictionaryMarkdown(dictionary: Dictionary): string {
  const { conventions, entities, events } = dictionaryToJson(dictionary);
  const parts = ['# Data dictionary', conventions.map((rule) => `- ${escapeText(rule)}`).join('\n')];
  for (const { name, description, fields } of entities) {
    parts.push(`## ${name}`, escapeText(description), [
      '| Field | Type | Meaning | Example | Owner | Personal data | Kept | Purposes |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      ...fields.map(fieldRow),
    ].join('\n'));
  }
  parts.push('## Events', ['| Event | Meaning | Owner | Personal data | Purposes | Fields |', '| --- | --- | --- | --- | --- | --- |', ...events.map(eventRow)].join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function eventRow({ name, description, owner, pii, purposes, fields }: DictionaryEvent): string {
  return `| ${[name, description, owner, pii, purposes.join(', '), fields.join(', ')].map(escapeText).join(' | ')} |`;
}

function fieldRow({ path, type, values, description, example, owner, pii, retentionDays, purposes }: DictionaryField): string {
  const shown = exampleText(example);
  const cells = [`\`${path}\``, typeText(type, values), description, shown === '' ? '' : codeSpan(shown), owner, pii, retentionText(retentionDays), purposes.join(', ')];
  return `| ${cells.map((cell, index) => (index === 0 || index === 3 ? cell.replaceAll('|', '\\|') : escapeText(cell))).join(' | ')} |`;
}

/** A back tick inside needs a longer fence (CommonMark section 6.1). */
function codeSpan(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text.replaceAll(/\s+/g, ' ')}${fence}`;
}

/** Custom descriptions are written by users: they may neither break the table nor bring markup. */
function escapeText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]|#]/g, '\\$&').replaceAll('<', '&lt;');
}
