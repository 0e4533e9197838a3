import { FirsthandError, stableId } from '@firsthand/domain';
import { reconcileRow, storeKey } from '@firsthand/persistence';
import { newReconcile, reconcilePlaceOf, type ReconcileRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, toPage, type Page, type PageQuery } from '../http/page.js';
import type { ReconcileBody, ReconcileView } from './reconcile-bodies.js';

/**
 * Begins to compare what a rule's system holds with what we hold; a worker does it, page by page.
 *
 * @throws FirsthandError `NOT_FOUND`; `CANNOT_LIST_RECORDS` where the rule does not run or its action lists nothing; `CONFLICT` while another of the connection goes on
 */
export async function startReconcile(admin: AdminContext, caller: Caller, ruleId: string, { repair }: ReconcileBody): Promise<ReconcileView> {
  const { workspaceId, principal: { kind, id } } = caller;
  const configuration = admin.configuration.workspace(workspaceId);
  const rule = configuration.syncs?.rules.find((one) => one.ruleId === ruleId);
  if (rule === undefined && !(await wasCompared(admin, workspaceId, ruleId))) throw new FirsthandError('NOT_FOUND', 'There is no such sync rule, or it is not in force.');
  if (rule === undefined || reconcilePlaceOf(configuration, ruleId) === undefined) throw new FirsthandError('CANNOT_LIST_RECORDS');
  const row = newReconcile({ reconcileId: storeKey(workspaceId, stableId(workspaceId, 'reconcile', admin.newId())), workspaceId, ruleId, connectionId: rule.connectionId, repair, by: { kind, id } }, admin.clock());
  if (!(await admin.reconciles.begin(row))) throw new FirsthandError('CONFLICT', 'A reconcile of the connection is under way.');
  return view(row);
}

/** Those of a rule, newest first. @throws FirsthandError `NOT_FOUND` for a rule that is not there and never was compared */
export async function listReconciles(admin: AdminContext, { workspaceId }: Caller, ruleId: string, { limit, cursor }: PageQuery): Promise<Page<ReconcileView>> {
  const [, at, id] = /^(\d{1,15})\|([^|]+)$/u.exec(decodeCursor(cursor) ?? '') ?? [];
  if (cursor !== undefined && (at === undefined || id === undefined)) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  const before = at === undefined || id === undefined ? {} : { $or: [{ startedAt: { $lt: Number(at) } }, { startedAt: Number(at), _id: { $lt: storeKey(workspaceId, id) } }] };
  const rows = await admin.collections.reconciles.find({ workspaceId, ruleId: { $eq: ruleId }, ...before }, { sort: { startedAt: -1, _id: -1 }, limit: limit + 1 }).toArray();
  if (rows.length === 0 && cursor === undefined && admin.configuration.workspace(workspaceId).syncs?.rules.some((rule) => rule.ruleId === ruleId) !== true) throw new FirsthandError('NOT_FOUND', 'There is no such sync rule.');
  return toPage(rows, limit, (row) => view(reconcileRow(row)), ({ startedAt, _id }) => `${startedAt}|${_id.slice(workspaceId.length + 1)}`);
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getReconcile(admin: AdminContext, caller: Caller, ruleId: string, id: string): Promise<ReconcileView> {
  return view(await readReconcile(admin, caller, ruleId, id));
}

/**
 * Ends one where it stands: what was repaired stays so.
 *
 * @throws FirsthandError `NOT_FOUND`, `CONFLICT` for one that has ended
 */
export async function cancelReconcile(admin: AdminContext, caller: Caller, ruleId: string, id: string): Promise<ReconcileView> {
  const { reconcileId } = await readReconcile(admin, caller, ruleId, id);
  const ended = await admin.reconciles.cancel(reconcileId, admin.clock());
  if (ended === undefined) throw new FirsthandError('CONFLICT', 'It has ended already.');
  return view(ended);
}

/** @throws FirsthandError `NOT_FOUND` */
export async function readReconcile(admin: AdminContext, { workspaceId }: Caller, ruleId: string, id: string): Promise<ReconcileRow> {
  const row = await admin.collections.reconciles.findOne({ _id: storeKey(workspaceId, id), ruleId: { $eq: ruleId } });
  if (row === null) throw new FirsthandError('NOT_FOUND');
  return reconcileRow(row);
}

/** A rule that is not in force any more is known by what was compared for it. */
async function wasCompared({ collections: { reconciles } }: Pick<AdminContext, 'collections'>, workspaceId: string, ruleId: string): Promise<boolean> {
  return (await reconciles.findOne({ workspaceId, ruleId: { $eq: ruleId } }, { projection: { _id: 1 } })) !== null;
}

function view({ reconcileId, workspaceId, ruleId, connectionId, repair, by, step, failures, startedAt, counts, unread, dueAt, end }: ReconcileRow): ReconcileView {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    id: reconcileId.slice(workspaceId.length + 1), ruleId, connectionId, repair, by, state: end?.as ?? 'running', code: end?.as === 'listing-refused' ? end.code : null, step, failures, startedAt: iso(startedAt), nextAt: dueAt === null ? null : iso(dueAt), endedAt: end === null ? null : iso(end.at), counts, unread,
  };
}
