import { FirsthandError } from '@firsthand/domain';
import type { ExportFormat, PersonExportRow } from '@firsthand/pipeline';
import { findPerson } from '../admin/profiles/find-person.js';
import { pageLanguage } from '../privacy/privacy-texts.js';
import { exportedPerson, type ExportSource } from './export-source.js';
import { writeHtml } from './write-html.js';
import { writeJson } from './write-json.js';

/**
 * Everything about the person of a copy, in one of its formats. A person who was merged meanwhile is the one they became.
 *
 * @throws FirsthandError NOT_FOUND for somebody who is here no more, UNAVAILABLE
 * @example for await (const text of writeExport(source, row, 'json')) …
 */
export async function* writeExport(source: ExportSource, { workspaceId, profileId, language }: Pick<PersonExportRow, 'workspaceId' | 'profileId' | 'language'>, format: ExportFormat): AsyncGenerator<string> {
  const found = await findPerson(source, workspaceId, profileId);
  if (found === undefined) throw new FirsthandError('NOT_FOUND', 'The person is not here any more.');
  const person = exportedPerson(workspaceId, found);
  yield* format === 'json' ? writeJson(source, person) : writeHtml(source, person, pageLanguage(language, undefined));
}
