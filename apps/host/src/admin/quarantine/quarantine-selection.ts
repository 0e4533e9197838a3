import { reachOf, type Action } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { storeKey, type StoredQuarantine } from '@firsthand/persistence';
import { quarantineKeptSince, type QuarantinePlace, type QuarantineQuery, type QuarantineSelection } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor } from '../http/page.js';

const text = z.string().min(1).max(400);
const filter = z.strictObject({
  groupId: text.optional(), connectionId: text.optional(), code: text.optional(),
  from: z.iso.datetime().optional().meta({ description: 'Received at this time or later.' }), to: z.iso.datetime().optional().meta({ description: 'Received before this time.' }),
}).refine((given) => Object.keys(given).length > 0, { error: 'name at least one of groupId, connectionId, code, from, to' });

/** Some records by their ids. */
export const byIds = { ids: z.array(z.string().min(1).max(300)).min(1).max(500) };
/** All that a filter matches: a group, above all. */
export const byFilter = { filter };
export type SelectionBody = { ids: string[] } | { filter: z.infer<typeof filter> };

/** What a body selects. */
export function selectionOf({ workspaceId }: Pick<Caller, 'workspaceId'>, body: SelectionBody): QuarantineSelection {
  if ('ids' in body) return { quarantineIds: body.ids.map((id) => storeKey(workspaceId, id)) };
  const { from, to, ...rest } = body.filter;
  return { ...defined(rest), ...(from === undefined ? {} : { from: Date.parse(from) }), ...(to === undefined ? {} : { to: Date.parse(to) }) };
}

/** What is selected of that which may be kept still, and with which the caller may do this. */
export function queryOf(admin: Pick<AdminContext, 'operatorDays' | 'clock'>, caller: Pick<Caller, 'workspaceId' | 'ability'>, action: Action, selection: { [K in keyof QuarantineSelection]: QuarantineSelection[K] | undefined }): Omit<QuarantineQuery, 'after' | 'limit'> {
  return { workspaceId: caller.workspaceId, selection: defined(selection), connectionIds: connectionsWithin(caller, action), keptSince: quarantineKeptSince(admin.operatorDays, admin.clock()), until: Number.MAX_SAFE_INTEGER };
}

/** The connections whose records the caller may do this with; null for all. */
export function connectionsWithin({ ability }: Pick<Caller, 'ability'>, action: Action): string[] | null {
  const reach = reachOf(ability, action, 'quarantine');
  return reach === 'all' ? null : [...new Set(reach.flatMap(({ connectionId = [] }) => connectionId))];
}

/** What a cursor says: the place of the last record of the page before. */
export function placeOf({ receivedAt, _id, workspaceId }: Pick<StoredQuarantine, 'receivedAt' | '_id' | 'workspaceId'>): string {
  return `${receivedAt}|${_id.slice(workspaceId.length + 1)}`;
}

/** @throws FirsthandError `INVALID_REQUEST` for a cursor that is none */
export function readPlace({ workspaceId }: Pick<Caller, 'workspaceId'>, cursor: string | undefined): QuarantinePlace | null {
  const given = decodeCursor(cursor);
  if (given === undefined) return null;
  const [, receivedAt, id] = /^(\d{1,15})\|([^|]+)$/u.exec(given) ?? [];
  if (receivedAt === undefined || id === undefined) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  return { receivedAt: Number(receivedAt), quarantineId: storeKey(workspaceId, id) };
}

function defined(selection: { [K in keyof QuarantineSelection]: QuarantineSelection[K] | undefined }): QuarantineSelection {
  return Object.fromEntries(Object.entries(selection).filter(([, value]) => value !== undefined)) as QuarantineSelection;
}
