import { dictionaryToJson, exampleText, retentionText, typeText, type Dictionary } from '@firsthand/domain';
import { createTemplate, type RenderTemplate } from './create-template.js';
import { DICTIONARY_PAGE } from './dictionary-page.js';

let page: RenderTemplate | undefined;

/**
 * The data dictionary as one HTML page that people can read and search, with no request to anywhere else. `nonce` is that of the response's
 * Content-Security-Policy (`style-src 'nonce-…'; script-src 'nonce-…'`).
 *
 * @example renderDictionaryHtml(dictionary, { nonce })
 */
export function renderDictionaryHtml(dictionary: Dictionary, { nonce, heading = 'Data dictionary' }: { nonce: string; heading?: string }): string {
  page ??= createTemplate(DICTIONARY_PAGE);
  const { conventions, entities } = dictionaryToJson(dictionary);
  return page({
    nonce,
    heading,
    conventions: [...conventions],
    entities: entities.map(({ name, description, fields }) => ({
      name,
      description,
      fields: fields.map(({ path, type, values, description: meaning, example, owner, pii, retentionDays, purposes }) => ({
        path, type: typeText(type, values), description: meaning, example: exampleText(example), owner, pii, kept: retentionText(retentionDays), purposes: purposes.join(', '),
      })),
    })),
  });
}
