import { dictionaryToJson, eventRetentionText, exampleText, retentionText, typeText, type Dictionary, type DictionaryEvent, type JsonObject, type OwnedField, type Ownership } from '@firsthand/domain';
import { createTemplate, type RenderTemplate } from './create-template.js';
import { feedLines, useLines, type DictionaryLineage } from './dictionary-lineage.js';
import { DICTIONARY_PAGE } from './dictionary-page.js';

let page: RenderTemplate | undefined;

/** What stands around the dictionary. */
export interface DictionaryPageOptions {
  /** That of the response's Content-Security-Policy (`style-src 'nonce-…'; script-src 'nonce-…'`). */
  nonce: string;
  heading?: string;
  /** Where fields and events come from and go to: two columns more. */
  lineage?: DictionaryLineage;
  /** Who is believed about fields of the profile: one column more. */
  ownership?: Pick<Ownership, 'of'>;
}

/**
 * The data dictionary as one HTML page that people can read and search, with no request to anywhere else.
 *
 * @example renderDictionaryHtml(dictionary, { nonce, lineage })
 */
export function renderDictionaryHtml(dictionary: Dictionary, { nonce, heading = 'Data dictionary', lineage, ownership }: DictionaryPageOptions): string {
  page ??= createTemplate(DICTIONARY_PAGE);
  const { conventions, entities, events } = dictionaryToJson(dictionary, ownership);
  const hasLineage = lineage !== undefined;
  return page({
    nonce,
    heading,
    conventions: [...conventions],
    // What a workspace calls its own entities is never the id of a part of the page.
    entities: entities.map(({ name, description, isCustom, fields }) => ({ name, anchor: isCustom ? `own-${name}` : name, description, hasLineage, hasOwnership: fields.some((field) => field.ownership !== undefined), fields: fields.map((field) => fieldRow(field, lineage)) })),
    hasLineage,
    events: events.map((event) => eventRow(event, lineage)),
  });
}

function fieldRow({ path, type, values, description, example, owner, pii, retentionDays, purposes, ownership }: OwnedField, lineage: DictionaryLineage | undefined): JsonObject {
  const own = lineage?.fields.get(path);
  return {
    path, type: typeText(type, values), description, example: exampleText(example), owner, pii, kept: retentionText(retentionDays), purposes: purposes.join(', '), hasLineage: lineage !== undefined, hasOwnership: ownership !== undefined, ownership: ownership?.words ?? '',
    fedBy: own === undefined ? [] : feedLines(own), usedBy: own === undefined ? [] : useLines(own),
  };
}

function eventRow({ name, description, owner, pii, retentionDays, purposes, fields, example }: DictionaryEvent, lineage: DictionaryLineage | undefined): JsonObject {
  const own = lineage?.events.get(name);
  return {
    name, description, owner, pii, kept: eventRetentionText(retentionDays), purposes: purposes.join(', '), fields: fields.join(', '), example: exampleText(example), hasLineage: lineage !== undefined, fedBy: own?.fedBy ?? [], usedBy: own === undefined ? [] : useLines(own),
  };
}
