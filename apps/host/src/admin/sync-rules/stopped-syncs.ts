import { FirsthandError, syncFlowId } from '@firsthand/domain';
import { startSync, type StoppedSync } from '@firsthand/pipeline';
import { z } from 'zod';
import type { SyncRuleDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from '../http/page.js';
import type { SyncRuleStatus } from './sync-rule-bodies.js';

export const stoppedSyncSchema = z.object({
  profileId: z.string(), field: z.string().meta({ description: 'Canonical name, e.g. `profile.phone`.' }), since: z.iso.datetime(),
  between: z.array(z.string()).meta({ description: 'The connection that is not written to, and the source of the value that would be written.' }),
}).meta({ id: 'StoppedSync' });
export type StoppedSyncView = z.infer<typeof stoppedSyncSchema>;
export const STOPPED_SYNC_EXAMPLE: StoppedSyncView = { profileId: 'p-1', field: 'profile.phone', since: '2026-11-24T08:00:00.000Z', between: ['crm', 'shop'] };

export const releaseStoppedSchema = z.strictObject({ profileId: z.string().min(1).max(200), field: z.string().regex(/^profile\./, { error: 'must be a field of the profile' }).max(200) })
  .meta({ id: 'ReleaseStoppedSync', examples: [{ profileId: 'p-1', field: 'profile.phone' }] });
export type ReleaseStopped = z.infer<typeof releaseStoppedSchema>;
export const releasedSchema = z.object({ wasStopped: z.boolean() }).meta({ id: 'ReleasedSync' });
export type Released = z.infer<typeof releasedSchema>;

/** Fields that a rule does not write any more, since their values went to and fro. @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` for a cursor that is none */
export async function listStopped(admin: AdminContext, { workspaceId }: Caller, ruleId: string, { limit, cursor }: PageQuery): Promise<Page<StoppedSyncView>> {
  const after = decodeCursor(cursor) ?? null;
  await admin.repository.get<SyncRuleDocument>('syncRules', workspaceId, ruleId);
  const { stopped, next } = await admin.store.syncs.stopped(workspaceId, ruleId, after, limit);
  return { items: stopped.map(view), nextCursor: next === null ? null : encodeCursor(next) };
}

/** How many people it concerns, by field and the two systems. */
export async function summariseStopped({ store }: Pick<AdminContext, 'store'>, workspaceId: string, ruleId: string): Promise<SyncRuleStatus['stopped']> {
  return (await store.syncs.countStopped(workspaceId, { ruleId })).map(({ field, between, people }) => ({ field: `profile.${field}`, between: [...between], people }));
}

/** Lets a field be written again, and has the rule write it. @throws FirsthandError `NOT_FOUND` */
export async function releaseStopped(admin: AdminContext, { workspaceId }: Caller, ruleId: string, { profileId, field }: ReleaseStopped): Promise<Released> {
  const { content: { rule } } = await admin.repository.get<SyncRuleDocument>('syncRules', workspaceId, ruleId);
  if (!rule.fields.some((one) => one.field === field)) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/field', message: 'is no field of the rule' }]);
  const wasStopped = await admin.store.syncs.release(workspaceId, rule.connectionId, profileId, field.slice('profile.'.length));
  if (wasStopped) await startSync({ workspaceId, flowId: syncFlowId(ruleId), profileId, occurrenceId: `released|${admin.newId()}` }, admin);
  return { wasStopped };
}

function view({ profileId, field, since, between }: StoppedSync): StoppedSyncView {
  return { profileId, field: `profile.${field}`, since: new Date(since).toISOString(), between: [...between] };
}
