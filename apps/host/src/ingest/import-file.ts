import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { checkJsonLimits, FirsthandError, type JsonObject } from '@firsthand/domain';
import type { FileTrigger } from '@firsthand/plugin-sdk';
import { z } from 'zod';
import type { Caller } from './caller.js';
import { MAX_EVENT_BYTES } from './check-limits.js';
import { decodeCsv } from './decode-csv.js';
import { decodeNdjson } from './decode-ndjson.js';
import { errorCode } from './error-code.js';
import type { FileRow } from './file-row.js';
import type { IngestDependencies } from './ingest-dependencies.js';

const count = z.int().min(0);

/** What became of the rows of a file. */
export const importReportSchema = z.object({
  rows: count,
  accepted: count.meta({ description: 'Stored.' }),
  quarantined: count.meta({ description: 'Of the accepted, those that cannot be applied as they are: they wait in the quarantine for repair.' }),
  refused: count.meta({ description: "Not stored: no record could be read, or the record's own consent refuses it." }),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).meta({ description: "The first rows that were refused or quarantined, `path` is the row's number. They quote nothing of the row." }),
}).meta({ id: 'ImportReport' });
export type ImportReport = z.infer<typeof importReportSchema>;

type Format = FileTrigger['formats'][number];

/** Mapping a chunk holds up every other request of this process: 200 rows take some 10 ms. */
const CHUNK_ROWS = 200;
/** A document of the inbox takes 16 MB, and long rows of one person, raw and mapped, may all lie in one. */
const CHUNK_CHARS = 2 * 1024 * 1024;
const MAX_LISTED_ERRORS = 100;
const FORMATS: Readonly<Record<string, Format>> = { 'text/csv': 'csv', 'application/csv': 'csv', 'application/x-ndjson': 'ndjson', 'application/ndjson': 'ndjson', 'application/jsonl': 'ndjson' };
const INFLATERS = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };

/**
 * Takes a file of any size as it streams in, at most 200 rows in memory, each chunk stored before the next is read: a sender can send no faster than
 * rows are stored. Sent again after a failure in the middle, rows that were stored are duplicates and count once.
 *
 * @throws FirsthandError `UNSUPPORTED_MEDIA_TYPE`, `MALFORMED_ENCODING`, `INVALID_REQUEST` for bytes that are no text, and what `ingest.accept` throws
 * @example const report = await importFile(stream, { contentType: 'text/csv', encoding: 'gzip' }, caller, { ingest, clock });
 */
export async function importFile(
  stream: Readable,
  { contentType, encoding }: { contentType: string | undefined; encoding: string | undefined },
  { configuration, connection }: Caller,
  { ingest, clock }: Pick<IngestDependencies, 'ingest' | 'clock'>,
): Promise<ImportReport> {
  const { format, charset } = readContentType(contentType);
  const { trigger } = connection.source;
  if (trigger.kind !== 'file' || !trigger.formats.includes(format)) throw new FirsthandError('UNSUPPORTED_MEDIA_TYPE', `This connection does not take ${format}.`);
  const text = decodeText(inflated(stream, encoding), charset);
  const rows = format === 'csv' ? decodeCsv(text, { maxRowChars: MAX_EVENT_BYTES }) : decodeNdjson(text, { maxRowChars: MAX_EVENT_BYTES });

  const report: ImportReport = { rows: 0, accepted: 0, quarantined: 0, refused: 0, errors: [] };
  const note = (row: number, message: string): void => {
    if (report.errors.length < MAX_LISTED_ERRORS) report.errors.push({ path: `/${row}`, message });
  };
  let chunk: { row: number; record: JsonObject }[] = [];
  let chars = 0;
  const store = async (): Promise<void> => {
    if (chunk.length === 0) return;
    const raws = chunk.map(({ record }) => record);
    const { accepted, refused, problems } = await ingest.accept({ configuration, connection, raws, bytes: chars * 2, receivedAt: clock(), isVerified: true, isImport: true });
    report.accepted += accepted;
    report.refused += refused;
    report.quarantined += problems.length - refused;
    for (const { index, reason } of problems) note(chunk[index]?.row ?? 0, reason);
    chunk = [];
    chars = 0;
  };
  try {
    for await (const decoded of rows) {
      report.rows += 1;
      const row = checked(decoded);
      if ('error' in row) {
        report.refused += 1;
        note(row.row, row.error);
        continue;
      }
      chunk.push(row);
      chars += row.chars;
      if (chunk.length >= CHUNK_ROWS || chars >= CHUNK_CHARS) await store();
    }
    await store();
  } catch (error) {
    throw halfWay(error, report);
  }
  return report;
}

function checked(row: FileRow): FileRow {
  if ('error' in row || checkJsonLimits(row.record) === null) return row;
  return { row: row.row, error: 'The record is nested too deep or has too many keys.' };
}

function readContentType(contentType = ''): { format: Format; charset: string } {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';').map((part) => part.trim());
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format === undefined) throw new FirsthandError('UNSUPPORTED_MEDIA_TYPE', 'Send text/csv or application/x-ndjson.');
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '') ?? 'utf-8';
  return { format, charset };
}

function inflated(stream: Readable, encoding = ''): Readable {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return stream;
  if (!Object.hasOwn(INFLATERS, name)) throw new FirsthandError('UNSUPPORTED_MEDIA_TYPE', 'The content encoding is none of gzip, deflate, br.');
  // The error of either end comes out of the reading side.
  return pipeline(stream, INFLATERS[name as keyof typeof INFLATERS](), () => undefined);
}

async function* decodeText(bytes: Readable, charset: string): AsyncGenerator<string> {
  const decoder = makeDecoder(charset);
  for await (const chunk of bytes) yield decoder.decode(chunk as Buffer, { stream: true });
  yield decoder.decode();
}

function makeDecoder(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    throw new FirsthandError('UNSUPPORTED_MEDIA_TYPE', 'The charset is not known.');
  }
}

/** Tells how far it came: what was stored stays stored. */
function halfWay(error: unknown, report: ImportReport): unknown {
  const stored = `${report.accepted} rows were stored before; sending the whole file again stores none of them twice.`;
  if (error instanceof FirsthandError) {
    return new FirsthandError(error.code, [error.detail, stored].filter(Boolean).join(' '), error.places, { cause: error, retryAfterSeconds: error.retryAfterSeconds });
  }
  const code = errorCode(error);
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return new FirsthandError('INVALID_REQUEST', `Row ${report.rows + 1} or one soon after it is not in the charset that the request names. ${stored}`);
  if (code?.startsWith('Z_')) return new FirsthandError('MALFORMED_ENCODING', stored);
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return new FirsthandError('INVALID_REQUEST', `The body ended too early. ${stored}`);
  return error;
}
