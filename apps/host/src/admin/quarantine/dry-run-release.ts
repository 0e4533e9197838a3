import { tryRelease } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { encodeCursor } from '../http/page.js';
import { byFilter, byIds, queryOf, readPlace, selectionOf, type SelectionBody } from './quarantine-selection.js';

/** One transaction's worth. */
const MOST = 500;

const page = { limit: z.int().min(1).max(MOST).default(MOST).meta({ description: 'How many records, in the order of receipt.' }), cursor: z.string().max(2_000).optional().meta({ description: '`nextCursor` of the answer before.' }) };
export const releaseDryRunBodySchema = z.union([z.strictObject({ ...byIds, ...page }), z.strictObject({ ...byFilter, ...page })])
  .meta({ id: 'ReleaseDryRunBody', examples: [{ filter: { groupId: 'till.INVALID_RECORD.q5hWc1…' } }] });
export type ReleaseDryRunBody = SelectionBody & { limit: number; cursor?: string | undefined };

export const releaseDryRunSchema = z.object({
  records: z.int().meta({ description: 'How many were looked at.' }), counts: z.record(z.string(), z.int()).meta({ description: 'As of a release (QuarantineJob).' }), nextCursor: z.string().nullable().meta({ description: 'Where there may be more.' }),
}).meta({ id: 'ReleaseDryRun' });
export type ReleaseDryRun = z.infer<typeof releaseDryRunSchema>;

/** Says what a release would do now: the release itself, in a transaction that is rolled back. Nothing is stored, sent or started. */
export async function dryRunRelease(admin: AdminContext, caller: Caller, body: ReleaseDryRunBody): Promise<ReleaseDryRun> {
  const { workspaceId } = caller;
  const query = { ...queryOf(admin, caller, 'operate', selectionOf(caller, body)), after: readPlace(caller, body.cursor), limit: body.limit };
  const { records, counts, next } = await tryRelease(admin.store, query, () => ({
    configuration: admin.configuration.workspace(workspaceId), now: admin.clock(), newId: () => admin.newId(), tombstoneDigest: (of, key) => admin.tombstones.digest(of, key),
  }));
  return { records, counts, nextCursor: next === null ? null : encodeCursor(`${next.receivedAt}|${next.quarantineId.slice(workspaceId.length + 1)}`) };
}
