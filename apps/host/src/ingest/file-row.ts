import type { JsonObject } from '@firsthand/domain';

/** A row of a file as a record, or why it is none. `row` counts from 1, without the header and empty lines. */
export type FileRow = { row: number; record: JsonObject } | { row: number; error: string };
