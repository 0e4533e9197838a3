import { brandOf } from '../admin/consents/consent-receipts.js';
import { EXPORT_SECTIONS } from './export-sections.js';
import { iso, type ExportedPerson, type ExportSource } from './export-source.js';

/** What the file says of itself. The version grows when a reader of the former one would misread it; `docs/person-export.md` describes it. */
export const PERSON_EXPORT_FORMAT = { format: 'firsthand.person-export', formatVersion: 1 } as const;

/**
 * The copy for machines (GDPR art. 20(1): structured, commonly used, machine-readable), piece by piece: one JSON object, with a key for each section. Fields have the names
 * of the dictionary, times are ISO 8601 in UTC.
 *
 * @throws FirsthandError UNAVAILABLE
 */
export async function* writeJson(source: ExportSource, person: ExportedPerson): AsyncGenerator<string> {
  const head = { ...PERSON_EXPORT_FORMAT, generatedAt: iso(source.clock()), controller: await brandOf(source, person.workspaceId), keysUrl: `${source.publicUrl}/.well-known/jwks.json` };
  yield JSON.stringify(head).slice(0, -1);
  for (const { name, isSingle, read } of EXPORT_SECTIONS) {
    yield `,\n${JSON.stringify(name)}:${isSingle === true ? '' : '['}`;
    let isFirst = true;
    for await (const row of read(source, person)) {
      yield `${isFirst ? '' : ','}\n${JSON.stringify(row)}`;
      isFirst = false;
    }
    if (isSingle !== true) yield ']';
  }
  yield '\n}\n';
}
