import { FirsthandError, stableId } from '@firsthand/domain';
import { quarantineJobRow, storeKey, type StoredQuarantineJob } from '@firsthand/persistence';
import type { QuarantineJobRow } from '@firsthand/pipeline';
import { reachOf } from '@firsthand/access';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, toPage, type Page, type PageQuery } from '../http/page.js';
import { byFilter, byIds, connectionsWithin, selectionOf, type SelectionBody } from './quarantine-selection.js';

const pace = { perSecond: z.number().min(0.01).max(1_000).optional().meta({ description: 'How many records per second; as many as it can when left out.' }) };
const release = { startsFlows: z.boolean().default(false).meta({ description: 'Whether flows that accept historical records (`acceptsHistorical`) are started. All others never are.' }), ...pace };
const GROUP = { filter: { groupId: 'till.INVALID_RECORD.q5hWc1…' } };

export const releaseBodySchema = z.union([z.strictObject({ ...byIds, ...release }), z.strictObject({ ...byFilter, ...release })])
  .meta({ id: 'ReleaseBody', description: 'Which records to release: by their ids, or all that a filter matches at this moment.', examples: [{ ...GROUP, perSecond: 50 }] });
export type ReleaseBody = SelectionBody & { startsFlows: boolean; perSecond?: number | undefined };

/** Why records are thrown away. Codes: a text could name somebody. */
export const DISCARD_REASONS = ['test-data', 'sent-by-mistake', 'sent-again', 'not-repairable', 'not-needed'] as const;
const discard = { reason: z.enum(DISCARD_REASONS) };
export const discardBodySchema = z.union([z.strictObject({ ...byIds, ...discard }), z.strictObject({ ...byFilter, ...discard })])
  .meta({ id: 'DiscardBody', description: 'Which records to throw away for good, and why.', examples: [{ ...GROUP, reason: 'test-data' }] });
export type DiscardBody = SelectionBody & { reason: (typeof DISCARD_REASONS)[number] };

const time = z.iso.datetime();
export const quarantineJobSchema = z.object({
  id: z.string(), kind: z.enum(['release', 'discard']), state: z.enum(['running', 'done', 'cancelled']),
  selection: z.object({ ids: z.array(z.string()).optional(), groupId: z.string().optional(), connectionId: z.string().optional(), code: z.string().optional(), from: time.optional(), to: time.optional() }),
  startsFlows: z.boolean(), reason: z.string().nullable(), perSecond: z.number().nullable(), by: z.object({ kind: z.enum(['user', 'apiKey']), id: z.string() }), startedAt: time, endedAt: time.nullable(),
  counts: z.record(z.string(), z.int()).meta({ description: 'What became of how many so far: `applied`, `duplicate`, `anonymous`, `refused.<reason>`, `quarantined.<code>` again, `fetching` (asked of the vendor again), `discarded`, and `left.<reason>` as they were.' }),
}).meta({ id: 'QuarantineJob' });
export type QuarantineJobView = z.infer<typeof quarantineJobSchema>;

/**
 * Has records released by the workers, in the order of receipt: mapped, judged and applied by the configuration and the consents of that moment. Each is released once, whoever asks, and however often.
 */
export function releaseQuarantined(admin: AdminContext, caller: Caller, body: ReleaseBody): Promise<QuarantineJobView> {
  return start(admin, caller, body, { kind: 'release', connectionIds: connectionsWithin(caller, 'operate'), startsFlows: body.startsFlows, perSecond: body.perSecond ?? null, reason: null });
}

/** Has records thrown away for good by the workers. */
export function discardQuarantined(admin: AdminContext, caller: Caller, body: DiscardBody): Promise<QuarantineJobView> {
  return start(admin, caller, body, { kind: 'discard', connectionIds: connectionsWithin(caller, 'delete'), startsFlows: false, perSecond: null, reason: body.reason });
}

async function start(admin: AdminContext, caller: Caller, body: SelectionBody, given: Pick<QuarantineJobRow, 'kind' | 'connectionIds' | 'startsFlows' | 'perSecond' | 'reason'>): Promise<QuarantineJobView> {
  const { workspaceId, principal: { kind, id } } = caller;
  const now = admin.clock();
  const job: QuarantineJobRow = {
    jobId: storeKey(workspaceId, stableId(workspaceId, 'quarantine-job', admin.newId())), workspaceId, ...given, selection: selectionOf(caller, body), by: { kind, id }, startedAt: now, after: null, counts: {}, dueAt: now, end: null,
  };
  await admin.store.transaction((tx) => tx.insertQuarantineJob(job));
  return view(job);
}

/** Newest first. */
export async function listQuarantineJobs(admin: AdminContext, caller: Caller, { limit, cursor }: PageQuery): Promise<Page<QuarantineJobView>> {
  const { workspaceId } = caller;
  const [, at, id] = /^(\d{1,15})\|([^|]+)$/u.exec(decodeCursor(cursor) ?? '') ?? [];
  if (cursor !== undefined && (at === undefined || id === undefined)) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  const before = at === undefined || id === undefined ? {} : { $or: [{ startedAt: { $lt: Number(at) } }, { startedAt: Number(at), _id: { $lt: storeKey(workspaceId, id) } }] };
  const rows = await admin.collections.quarantineJobs.find({ workspaceId, ...ownOnly(caller), ...before }, { sort: { startedAt: -1, _id: -1 }, limit: limit + 1 }).toArray();
  return toPage(rows, limit, (row) => view(quarantineJobRow(row)), ({ startedAt, _id }) => `${startedAt}|${_id.slice(workspaceId.length + 1)}`);
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getQuarantineJob(admin: AdminContext, caller: Caller, id: string): Promise<QuarantineJobView> {
  return view(quarantineJobRow(await readJob(admin, caller, id)));
}

/**
 * Ends a job where it stands: what was released or thrown away stays so.
 *
 * @throws FirsthandError `NOT_FOUND`, `CONFLICT` for one that has ended
 */
export async function cancelQuarantineJob(admin: AdminContext, caller: Caller, id: string): Promise<QuarantineJobView> {
  const { _id } = await readJob(admin, caller, id);
  // The fence moves on: a page under way is rolled back, or was committed before.
  const ended = await admin.collections.quarantineJobs.findOneAndUpdate({ _id, dueAt: { $gt: 0 } }, { $set: { dueAt: null, end: { at: admin.clock(), as: 'cancelled' }, holder: null, until: 0 }, $inc: { fence: 1 } }, { returnDocument: 'after' });
  if (ended === null) throw new FirsthandError('CONFLICT', 'It has ended already.');
  return view(quarantineJobRow(ended));
}

async function readJob(admin: AdminContext, caller: Caller, id: string): Promise<StoredQuarantineJob> {
  const row = await admin.collections.quarantineJobs.findOne({ _id: storeKey(caller.workspaceId, id), ...ownOnly(caller) });
  if (row === null) throw new FirsthandError('NOT_FOUND');
  return row;
}

/** Who may see some connections only sees the jobs that are their own. */
function ownOnly({ ability, principal: { id } }: Caller): { 'by.id'?: string } {
  return reachOf(ability, 'read', 'quarantine') === 'all' ? {} : { 'by.id': id };
}

function view({ jobId, workspaceId, kind, selection, startsFlows, reason, perSecond, by, startedAt, counts, end }: QuarantineJobRow): QuarantineJobView {
  const { quarantineIds, from, to, ...rest } = selection;
  return {
    id: jobId.slice(workspaceId.length + 1), kind, state: end?.as ?? 'running',
    selection: {
      ...rest, ...(quarantineIds === undefined ? {} : { ids: quarantineIds.map((id) => id.slice(workspaceId.length + 1)) }), ...(from === undefined ? {} : { from: new Date(from).toISOString() }), ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    },
    startsFlows, reason, perSecond, by, startedAt: new Date(startedAt).toISOString(), endedAt: end === null ? null : new Date(end.at).toISOString(), counts,
  };
}
