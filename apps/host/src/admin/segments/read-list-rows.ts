import { FirsthandError, NAMESPACES } from '@firsthand/domain';
import { decodeCsv } from '../../ingest/decode-csv.js';

/** People in one call. */
export const MAX_LIST_ROWS = 10_000;

/** A row as sent, identity namespace → value; null for one that cannot be read. */
export interface UploadedRow {
  /** From 1 on, without a CSV's header and empty lines. */
  row: number;
  entry: Readonly<Record<string, unknown>> | null;
}

const MAX_ROW_CHARS = 4_096;

/**
 * Reads an uploaded list: JSON, an object per person, or CSV with identity namespaces in its header.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a header that names something else, `LIST_TOO_LONG`
 * @example await readListRows('email,phone\nana@example.com,\n') // [{ row: 1, entry: { email: 'ana@example.com' } }]
 */
export async function readListRows(body: unknown): Promise<UploadedRow[]> {
  const rows = typeof body === 'string' ? await readCsv(body) : (body as unknown[]).map((entry, index) => ({ row: index + 1, entry: isEntry(entry) ? entry : null }));
  if (rows.length > MAX_LIST_ROWS) throw tooLong();
  return rows;
}

async function readCsv(text: string): Promise<UploadedRow[]> {
  checkHeader(text);
  const rows: UploadedRow[] = [];
  for await (const row of decodeCsv(piecesOf(text), { maxRowChars: MAX_ROW_CHARS })) {
    if (rows.length === MAX_LIST_ROWS) throw tooLong();
    rows.push({ row: row.row, entry: 'record' in row ? row.record : null });
  }
  return rows;
}

// A file without a header begins with somebody's data: no name is quoted.
function checkHeader(text: string): void {
  const header = (text.replace(/^\uFEFF/, '').trimStart().split(/[\r\n]/, 1)[0] ?? '').split(/[,;\t]/).map((name) => name.replace(/^"(.*)"$/, '$1').trim());
  const wrong = header.flatMap((name, index) => (NAMESPACES.has(name) ? [] : [{ path: `/header/${index}`, message: `is no identity namespace: use ${[...NAMESPACES.keys()].join(', ')}` }]));
  if (wrong.length > 0) throw new FirsthandError('INVALID_REQUEST', 'The header of the file names columns that are no identities.', wrong);
}

async function* piecesOf(text: string): AsyncGenerator<string> {
  yield text;
}

function isEntry(entry: unknown): entry is Record<string, unknown> {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry);
}

function tooLong(): FirsthandError {
  return new FirsthandError('LIST_TOO_LONG', `One call takes ${MAX_LIST_ROWS} people.`);
}
