import type { FileRow } from './file-row.js';
import { parseJsonText } from './parse-json-body.js';
import { isObject } from './raw-messages.js';

/**
 * Reads newline-delimited JSON from text that comes in pieces, one object per line. Empty lines are passed over. A line that is longer than
 * `maxRowChars`, no JSON or no object is an error row; reading goes on after it.
 *
 * @example for await (const row of decodeNdjson(chunks, { maxRowChars: 32_768 })) …
 */
export async function* decodeNdjson(chunks: AsyncIterable<string>, { maxRowChars }: { maxRowChars: number }): AsyncGenerator<FileRow> {
  let rows = 0;
  let rest = '';
  let isTooLong = false;
  const finish = function* (line: string): Generator<FileRow> {
    const wasTooLong = isTooLong || line.length > maxRowChars;
    isTooLong = false;
    if (!wasTooLong && line.trim() === '') return;
    rows += 1;
    yield wasTooLong ? { row: rows, error: 'The row is too long.' } : toRow(rows, line);
  };
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield* finish(line);
    if (rest.length > maxRowChars) {
      isTooLong = true;
      rest = '';
    }
  }
  yield* finish(rest);
}

function toRow(row: number, line: string): FileRow {
  try {
    const record = parseJsonText(line.replace(/^\uFEFF/, ''));
    return isObject(record) ? { row, record, chars: line.length } : { row, error: 'The line is no JSON object.' };
  } catch {
    return { row, error: 'The line is not valid JSON.' };
  }
}
