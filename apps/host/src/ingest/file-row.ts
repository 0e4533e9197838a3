import type { JsonObject } from '@firsthand/domain';

/**
 * A row of a file as a record, or why it is none. `row` counts from 1, without the header and empty lines; `chars` is its length in the file. An `error` quotes
 * nothing of the row: it goes into answers and logs.
 */
export type FileRow = { row: number; record: JsonObject; chars: number } | { row: number; error: string };
