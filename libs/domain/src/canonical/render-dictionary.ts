import { z } from 'zod';
import type { JsonObject } from '../json.js';
import type { FieldOwnership, Ownership } from '../ownership/compile-ownership.js';
import { ownershipText } from '../ownership/ownership-text.js';
import { CONVENTIONS, eventRetentionText, exampleText, retentionText, typeText } from './dictionary-text.js';
import type { Dictionary, DictionaryEntity, DictionaryEvent, DictionaryField } from './dictionary.js';

/** A field with who is believed about it; only fields of the profile can come from several sources at once. */
export interface OwnedField extends DictionaryField {
  ownership?: FieldOwnership & { words: string };
}

/** The dictionary as plain JSON, for the API. */
export interface DictionaryJson {
  conventions: readonly string[];
  entities: (DictionaryEntity & { fields: OwnedField[] })[];
  events: readonly DictionaryEvent[];
}

/**
 * The dictionary as plain JSON: the conventions, each entity with its fields, and the events.
 *
 * @param ownership of the workspace; without it nothing is said of who is believed about a field
 * @example dictionaryToJson(dictionary).entities[0].name // 'profile'
 */
export function dictionaryToJson(dictionary: Dictionary, ownership?: Pick<Ownership, 'of'>): DictionaryJson {
  return {
    conventions: CONVENTIONS,
    entities: dictionary.entities.map((entity) => ({ ...entity, fields: dictionary.fields.filter((field) => field.entity === entity.name).map((field) => withOwnership(field, ownership)) })),
    events: dictionary.events,
  };
}

function withOwnership(field: DictionaryField, ownership: Pick<Ownership, 'of'> | undefined): OwnedField {
  if (ownership === undefined || field.entity !== 'profile') return field;
  const owned = ownership.of(field.name);
  return { ...field, ownership: { ...owned, words: ownershipText(owned) } };
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
 * @param ownership of the workspace: one column more for fields of the profile
 * @example renderDictionaryMarkdown(createDictionary())
 */
export function renderDictionaryMarkdown(dictionary: Dictionary, ownership?: Pick<Ownership, 'of'>): string {
  const { conventions, entities, events } = dictionaryToJson(dictionary, ownership);
  const parts = ['# Data dictionary', conventions.map((rule) => `- ${escapeText(rule)}`).join('\n')];
  for (const { name, description, fields } of entities) {
    parts.push(`## ${name}`, escapeText(description), [
      `| Field | Type | Meaning | Example | Owner | Personal data | Kept | Purposes |${isOwned(fields) ? ' Who is believed |' : ''}`,
      `| --- | --- | --- | --- | --- | --- | --- | --- |${isOwned(fields) ? ' --- |' : ''}`,
      ...fields.map(fieldRow),
    ].join('\n'));
  }
  parts.push('## Events', ['| Event | Meaning | Owner | Personal data | Retention | Purposes | Fields |', '| --- | --- | --- | --- | --- | --- | --- |', ...events.map(eventRow)].join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function eventRow({ name, description, owner, pii, retentionDays, purposes, fields }: DictionaryEvent): string {
  return `| ${[name, description, owner, pii, eventRetentionText(retentionDays), purposes.join(', '), fields.join(', ')].map(escapeText).join(' | ')} |`;
}

function isOwned(fields: readonly OwnedField[]): boolean {
  return fields.some(({ ownership }) => ownership !== undefined);
}

function fieldRow({ path, type, values, description, example, owner, pii, retentionDays, purposes, ownership }: OwnedField): string {
  const shown = exampleText(example);
  const cells = [`\`${path}\``, typeText(type, values), description, shown === '' ? '' : codeSpan(shown), owner, pii, retentionText(retentionDays), purposes.join(', '), ...(ownership === undefined ? [] : [ownership.words])];
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
