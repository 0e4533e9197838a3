import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject, JsonValue } from '@firsthand/domain';
import { createTemplate, type RenderTemplate } from '@firsthand/templating';
import { brandOf } from '../admin/consents/consent-receipts.js';
import type { PageLanguage } from '../privacy/privacy-texts.js';
import { EXPORT_SECTIONS } from './export-sections.js';
import { iso, type ExportedPerson, type ExportSection, type ExportSource } from './export-source.js';
import { exportTexts, fieldLabel, type ExportTexts } from './export-texts.js';

/** From `src` and `dist` alike: the root of the repository. */
const FOLDER = join(import.meta.dirname, '../../../../templates/person-export');
const PARTS = ['begin', 'section', 'row', 'section-end', 'end'] as const;

let templates: Record<(typeof PARTS)[number], RenderTemplate> | undefined;

function parts(): Record<(typeof PARTS)[number], RenderTemplate> {
  templates ??= Object.fromEntries(PARTS.map((part) => [part, createTemplate(readFileSync(join(FOLDER, `${part}.hbs`), 'utf8'))])) as Record<(typeof PARTS)[number], RenderTemplate>;
  return templates;
}

/**
 * The copy for people, piece by piece: one page that opens from a disk without a network, reads on a phone and prints (GDPR art. 12(1): concise, transparent, intelligible).
 *
 * @throws FirsthandError UNAVAILABLE
 */
export async function* writeHtml(source: ExportSource, person: ExportedPerson, language: PageLanguage): AsyncGenerator<string> {
  const t = exportTexts(language);
  const now = source.clock();
  const part = parts();
  yield part.begin({
    language, t, brand: await brandOf(source, person.workspaceId), generatedAt: iso(now), when: new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(now),
    sections: EXPORT_SECTIONS.map(({ name }) => ({ name, heading: headingOf(name, t) })),
  });
  for (const section of EXPORT_SECTIONS) {
    const { name, columns, read } = section;
    // The head of a table is written with its first row: an empty one has none.
    let isEmpty = true;
    for await (const row of read(source, person)) {
      if (isEmpty) yield part.section({ name, heading: headingOf(name, t), note: t[`note.${name}` as keyof ExportTexts], columns: columns?.map((column) => fieldLabel(column, language)) ?? null });
      isEmpty = false;
      yield part.row(viewRow(section, row, language, t));
    }
    if (isEmpty) yield part.section({ name, heading: headingOf(name, t), note: t[`note.${name}` as keyof ExportTexts], columns: null });
    yield part['section-end']({ isTable: columns !== undefined && !isEmpty, isEmpty, nothing: t.nothing });
  }
  yield part.end({ t });
}

function headingOf(name: string, t: ExportTexts): string {
  return t[`section.${name}` as keyof ExportTexts];
}

function viewRow({ columns }: ExportSection, row: JsonObject, language: PageLanguage, t: ExportTexts): JsonObject {
  if (columns !== undefined) return { cells: columns.map((column) => shown(row[column] ?? null, t)) };
  const heading = [row.name ?? row.purpose ?? row.recipient ?? row.flow ?? row.event ?? row.code ?? row.id ?? null, row.at ?? row.createdAt ?? row.effectiveAt ?? row.firstAt ?? row.receivedAt ?? null];
  return { cells: null, heading: heading.filter((value) => value !== null).map((value) => shown(value, t)).join(', '), parts: [...flatten(row, '')].filter(([path]) => path !== 'receipt').map(([path, value]) => ({ label: fieldLabel(path, language), value: shown(value, t) })) };
}

/** The values of a record by their paths. What was not told, and what is empty, is left out. */
function* flatten(value: JsonValue, path: string): Generator<[string, JsonValue]> {
  if (value === null || value === '') return;
  if (typeof value !== 'object') yield [path, value];
  else if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
    if (value.length > 0) yield [path, value.join(', ')];
  } else for (const [key, inner] of Object.entries(value)) yield* flatten(inner, path === '' ? key : `${path}.${Array.isArray(value) ? Number(key) + 1 : key}`);
}

function shown(value: JsonValue, t: ExportTexts): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value) ? `${value.slice(0, 10)} ${value.slice(11, 19)}` : String(value);
}
