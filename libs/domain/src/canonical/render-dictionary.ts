import { z } from 'zod';
import type { JsonObject } from '../json.js';
import { CONVENTIONS, ENTITY_DESCRIPTIONS, exampleText, retentionText, typeText } from './dictionary-text.js';
import { ENTITIES, type Dictionary, type DictionaryField, type Entity } from './dictionary.js';

/** The dictionary as plain JSON, for the API. */
export interface DictionaryJson {
  conventions: readonly string[];
  entities: { name: Entity; description: string; fields: DictionaryField[] }[];
}

/**
 * The dictionary as plain JSON: the conventions, and each entity with its fields.
 *
 * @example dictionaryToJson(dictionary).entities[0].name // 'profile'
 */
export function dictionaryToJson(dictionary: Dictionary): DictionaryJson {
  return {
    conventions: CONVENTIONS,
    entities: ENTITIES.map((name) => ({ name, description: ENTITY_DESCRIPTIONS[name], fields: dictionary.fields.filter(({ entity }) => entity === name) })),
  };
}

/**
 * The dictionary as one JSON Schema (draft 2020-12) with every entity under `$defs`.
 *
 * @example dictionaryToJsonSchema(dictionary).$defs
 */
export function dictionaryToJsonSchema(dictionary: Dictionary): JsonObject {
  const definitions = ENTITIES.map((entity) => {
    const { $schema: _, ...schema } = z.toJSONSchema(dictionary.schemas[entity], { target: 'draft-2020-12' });
    return [entity, { title: entity, description: ENTITY_DESCRIPTIONS[entity], ...schema }];
  });
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Canonical schema', $defs: Object.fromEntries(definitions) as JsonObject };
}

/**
 * The dictionary as Markdown: one table per entity.
 *
 * @example renderDictionaryMarkdown(createDictionary())
 */
export function renderDictionaryMarkdown(dictionary: Dictionary): string {
  const { conventions, entities } = dictionaryToJson(dictionary);
  const parts = ['# Data dictionary', conventions.map((rule) => `- ${escapeText(rule)}`).join('\n')];
  for (const { name, description, fields } of entities) {
    parts.push(`## ${name}`, escapeText(description), [
      '| Field | Type | Meaning | Example | Owner | Personal data | Kept | Purposes |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      ...fields.map(fieldRow),
    ].join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
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
