import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationKind, Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';

/** Query of every list. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: 'Items per page.' }),
  cursor: z.string().max(2_000).optional().meta({ description: '`nextCursor` of the page before.' }),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** One page. `nextCursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The schema of a page of items. */
export function pageOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Cursors are opaque: what they hold is no part of the contract. */
export function encodeCursor(value: string): string {
  return Buffer.from(value).toString('base64url');
}

/**
 * Reads a cursor that {@link encodeCursor} made.
 *
 * @throws FirsthandError `INVALID_REQUEST`
 */
export function decodeCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const value = Buffer.from(cursor, 'base64url').toString('utf8');
  if (value === '' || value.includes('\0')) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  return value;
}

/** Cuts a list that was read one longer than asked for. */
export function toPage<R, T>(rows: readonly R[], limit: number, view: (row: R) => T, cursorOf: (row: R) => string): Page<T> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { items: rows.slice(0, limit).map(view), nextCursor: last === undefined ? null : encodeCursor(cursorOf(last)) };
}

/** A page of one kind of configuration, by id. */
export async function listConfigured<C, T>(
  { repository }: Pick<AdminContext, 'repository'>,
  { kind, workspaceId, query, where, newestFirst = false }: {
    kind: ConfigurationKind; workspaceId: string; query: PageQuery; where?: Record<string, string | number | boolean | null>; newestFirst?: boolean;
  },
  view: (row: Configured<C>) => T,
): Promise<Page<T>> {
  const after = decodeCursor(query.cursor);
  const rows = await repository.list<C>(kind, workspaceId, {
    limit: query.limit + 1, order: newestFirst ? 'descending' : 'ascending', ...(after === undefined ? {} : { after }), ...(where === undefined ? {} : { where }),
  });
  return toPage(rows, query.limit, view, ({ id }) => id);
}
