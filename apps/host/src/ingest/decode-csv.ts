import { FirsthandError } from '@firsthand/domain';
import type { FileRow } from './file-row.js';

const DELIMITERS = [',', ';', '\t'];

/**
 * Reads CSV (RFC 4180) from text that comes in pieces, an object per row by the names in the header. Quoted fields may hold delimiters, quotes
 * (doubled) and line breaks. The delimiter is the one of `,` `;` and tab that the header has most of. Empty lines are passed over, empty cells left
 * out. A row of more than `maxRowChars` or with more cells than the header is an error row; reading goes on after it.
 *
 * @throws FirsthandError INVALID_REQUEST for a header that is too long, names nothing or names two columns alike
 * @example for await (const row of decodeCsv(chunks, { maxRowChars: 32_768 })) …
 */
export async function* decodeCsv(chunks: AsyncIterable<string>, { maxRowChars }: { maxRowChars: number }): AsyncGenerator<FileRow> {
  const reader = new CsvReader(maxRowChars);
  for await (const chunk of chunks) yield* reader.push(chunk);
  yield* reader.end();
}

/** Within a row. `quoteInQuoted`: a quote that ends the field or, doubled, stands for itself. */
type State = 'fieldStart' | 'plain' | 'quoted' | 'quoteInQuoted';

class CsvReader {
  private state: State = 'fieldStart';
  private cells: string[] = [];
  private cell = '';
  /** Characters of the row so far. */
  private length = 0;
  private rows = 0;
  private header: string[] | undefined;
  private delimiter: string | undefined;
  /** The text up to the end of the first line, until that is known. */
  private start = '';

  constructor(private readonly maxRowChars: number) {}

  *push(text: string): Generator<FileRow> {
    if (this.delimiter !== undefined) return yield* this.read(text);
    this.start = (this.start + text).replace(/^\uFEFF/, '');
    if (/[\r\n]/.test(this.start) || this.start.length > this.maxRowChars) yield* this.begin();
  }

  *end(): Generator<FileRow> {
    if (this.delimiter === undefined) yield* this.begin();
    // It has swallowed every line since it was opened.
    if (this.state === 'quoted') yield { row: (this.rows += 1), error: 'A quote is opened and never closed.' };
    else yield* this.finishRow();
  }

  private *begin(): Generator<FileRow> {
    const firstLine = this.start.split(/[\r\n]/, 1)[0] ?? '';
    const counts = DELIMITERS.map((delimiter) => firstLine.split(delimiter).length);
    this.delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))];
    yield* this.read(this.start);
    this.start = '';
  }

  private *read(text: string): Generator<FileRow> {
    for (const char of text) {
      // The second half of a CRLF ends an empty row, which is no row.
      if ((char === '\n' || char === '\r') && this.state !== 'quoted') yield* this.finishRow();
      else this.take(char);
    }
  }

  private take(char: string): void {
    this.length += char.length;
    if (this.state === 'quoted') {
      if (char === '"') this.state = 'quoteInQuoted';
      else this.append(char);
    } else if (char === this.delimiter) {
      this.finishCell();
    } else if (char === '"' && this.state === 'fieldStart') {
      this.state = 'quoted';
    } else if (char === '"' && this.state === 'quoteInQuoted') {
      this.append(char);
      this.state = 'quoted';
    } else {
      this.append(char);
      this.state = 'plain';
    }
  }

  private append(char: string): void {
    if (this.length <= this.maxRowChars) this.cell += char;
  }

  private finishCell(): void {
    if (this.length <= this.maxRowChars) this.cells.push(this.cell);
    this.cell = '';
    this.state = 'fieldStart';
  }

  private *finishRow(): Generator<FileRow> {
    this.finishCell();
    const { cells, length } = this;
    this.cells = [];
    this.length = 0;
    if (length === 0) return;
    if (this.header === undefined) this.header = toHeader(cells, length > this.maxRowChars);
    else yield this.toRow(cells, this.header, length);
  }

  private toRow(cells: readonly string[], header: readonly string[], length: number): FileRow {
    this.rows += 1;
    if (length > this.maxRowChars) return { row: this.rows, error: 'The row is too long.' };
    if (cells.length > header.length) return { row: this.rows, error: `The row has ${cells.length} cells, the header ${header.length}.` };
    const pairs = cells.map((cell, index): [string, string] => [header[index] ?? '', cell]);
    return { row: this.rows, record: Object.fromEntries(pairs.filter(([name, cell]) => cell !== '' && name !== '' && name !== '__proto__')), chars: length };
  }
}

/** Of two columns with one name one would be lost without a word. Names are not quoted: of a file without a header they are somebody's data. */
function toHeader(cells: readonly string[], isTooLong: boolean): string[] {
  if (isTooLong) throw new FirsthandError('INVALID_REQUEST', 'The header is too long.');
  const names = cells.map((name) => name.trim());
  if (names.every((name) => name === '')) throw new FirsthandError('INVALID_REQUEST', 'The header names no column.');
  const twice = names.findIndex((name, index) => name !== '' && names.indexOf(name) < index);
  if (twice >= 0) throw new FirsthandError('INVALID_REQUEST', `The columns ${names.indexOf(names[twice] as string) + 1} and ${twice + 1} have the same name.`);
  return names;
}
