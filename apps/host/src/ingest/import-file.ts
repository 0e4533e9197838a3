import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { checkJsonLimits, FirsthandError, type ErrorPlace, type JsonObject } from '@firsthand/domain';
import type { FileTrigger } from '@firsthand/plugin-sdk';
import type { Caller } from './caller.js';
import { MAX_EVENT_BYTES } from './check-limits.js';
import { decodeCsv } from './decode-csv.js';
import { decodeNdjson } from './decode-ndjson.js';
import { errorCode } from './error-code.js';
import type { FileRow } from './file-row.js';
import type { IngestDependencies } from './ingest-dependencies.js';

/** What became of the rows of a file. */
export interface ImportReport {
  rows: number;
  /** Stored: to be applied, or quarantined where a row does not fit the schema. */
  accepted: number;
  /** Not stored: no record could be read, or the record's own consent refuses it. */
  refused: number;
  /** The first rows that could not be read, `path` is the row's number. */
  errors: ErrorPlace[];
}

type Format = FileTrigger['formats'][number];

const CHUNK_ROWS = 500;
const MAX_LISTED_ERRORS = 100;
const FORMATS: Readonly<Record<string, Format>> = { 'text/csv': 'csv', 'application/csv': 'csv', 'application/x-ndjson': 'ndjson', 'application/ndjson': 'ndjson', 'application/jsonl': 'ndjson' };
const INFLATERS = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };

/**
 * Takes a file of any size as it streams in, at most 500 rows in memory, each chunk stored before the next is read. Sent again after a failure in
 * the middle, rows that were stored are duplicates and count once.
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

  const report: ImportReport = { rows: 0, accepted: 0, refused: 0, errors: [] };
  let chunk: JsonObject[] = [];
  const store = async (): Promise<void> => {
    if (chunk.length === 0) return;
    const { accepted, refused } = await ingest.accept({ configuration, connection, raws: chunk, receivedAt: clock(), isVerified: true, isImport: true });
    report.accepted += accepted;
    report.refused += refused;
    chunk = [];
  };
  try {
    for await (const row of rows) {
      report.rows += 1;
      const record = readable(row);
      if (typeof record === 'string') {
        report.refused += 1;
        if (report.errors.length < MAX_LISTED_ERRORS) report.errors.push({ path: `/${row.row}`, message: record });
      } else if (chunk.push(record) === CHUNK_ROWS) {
        await store();
      }
    }
    await store();
  } catch (error) {
    throw halfWay(error, report);
  }
  return report;
}

/** The record of a row, or why there is none. */
function readable(row: FileRow): JsonObject | string {
  if ('error' in row) return row.error;
  return checkJsonLimits(row.record) === null ? row.record : 'The record is nested too deep or has too many keys.';
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
