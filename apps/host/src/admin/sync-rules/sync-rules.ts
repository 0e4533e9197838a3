import { compileCondition, conditionPlaces, FirsthandError, isSameJson, syncFlows, syncRuleContentSchema, syncRulePlaces, type CompiledCondition, type ErrorPlace, type JsonValue, type SyncRuleContent } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { syncRuleOf } from '../../configuration/compile-syncs.js';
import type { SyncRuleDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { refuseHiddenFields, refuseHiddenTraits } from '../http/refuse-hidden.js';
import type { NewSyncRule, SyncRuleView } from './sync-rule-bodies.js';
import { syncSurroundings } from './sync-surroundings.js';

type Row = Configured<SyncRuleDocument>;
const NOTHING_READ: Pick<CompiledCondition, 'segments' | 'lists'> = { segments: [], lists: [] };

export function listSyncRules(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<SyncRuleView>> {
  return listConfigured<SyncRuleDocument, SyncRuleView>(admin, { kind: 'syncRules', workspaceId, query }, (row) => view(admin, row));
}

export async function getSyncRule(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<SyncRuleView> {
  return view(admin, await admin.repository.get<SyncRuleDocument>('syncRules', workspaceId, id));
}

/** An enabled rule begins with everybody. @throws FirsthandError `INVALID_SYNC_RULE` with every place, `FORBIDDEN` for a field that the caller may not read or a rule that they may not enable, `CONFLICT` */
export async function createSyncRule(admin: AdminContext, caller: Caller, { id = admin.newId(), rule }: NewSyncRule): Promise<SyncRuleView> {
  const { workspaceId } = caller;
  const content = readRule(rule);
  await checkRule(admin, caller, id, content);
  if (content.isEnabled) refuseToEnable(caller);
  const row = await admin.repository.create<SyncRuleDocument>('syncRules', workspaceId, id, { rule: content, fillsSince: admin.clock() }, admin.clock());
  await admin.configuration.refresh();
  return view(admin, row);
}

/**
 * Replaces what a rule says. Everybody is gone through again where it writes something else now, or of others.
 *
 * @throws FirsthandError `INVALID_SYNC_RULE`, `FORBIDDEN`, `NOT_FOUND`, `VERSION_MISMATCH`
 */
export async function changeSyncRule(admin: AdminContext, caller: Caller, id: string, ifMatch: number, rule: unknown): Promise<SyncRuleView> {
  const content = readRule(rule);
  return view(admin, await changeConfigured<SyncRuleDocument>(admin, 'syncRules', caller.workspaceId, id, ifMatch, async (before) => {
    await checkRule(admin, caller, id, content);
    if (content.isEnabled && !before.rule.isEnabled) refuseToEnable(caller);
    return next(before, content, admin.clock());
  }));
}

/** What it names may have gone since it was paused. @throws FirsthandError `INVALID_SYNC_RULE`, `NOT_FOUND` */
export async function enableSyncRule(admin: AdminContext, caller: Caller, id: string, ifMatch: number | undefined): Promise<SyncRuleView> {
  return view(admin, await changeConfigured<SyncRuleDocument>(admin, 'syncRules', caller.workspaceId, id, ifMatch, async (before) => {
    await checkRule(admin, caller, id, before.rule);
    return next(before, { ...before.rule, isEnabled: true }, admin.clock());
  }));
}

/** A paused rule starts no more writes; those on their way go on. */
export async function pauseSyncRule(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined): Promise<SyncRuleView> {
  return view(admin, await changeConfigured<SyncRuleDocument>(admin, 'syncRules', workspaceId, id, ifMatch, (before) => next(before, { ...before.rule, isEnabled: false }, admin.clock())));
}

/** What waits of it is not sent any more; what the system has stays there. @throws FirsthandError `NOT_FOUND`, `VERSION_MISMATCH` */
export async function deleteSyncRule(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  await admin.repository.delete('syncRules', workspaceId, id, ifMatch);
  await admin.configuration.refresh();
}

/** The ids of the rules that meet a test, paused ones included. */
export async function syncRulesWith({ repository }: { repository: Pick<AdminContext['repository'], 'list'> }, workspaceId: string, meets: (rule: SyncRuleContent) => boolean): Promise<string[]> {
  return (await repository.list<SyncRuleDocument>('syncRules', workspaceId)).filter(({ content: { rule } }) => meets(rule)).map(({ id }) => id);
}

/** Whether a rule writes under a purpose, or asks for it in its condition. */
export function ruleRestsOn({ purpose, condition }: SyncRuleContent, key: string): boolean {
  return purpose === key || (condition !== undefined && compileCondition(condition).consents.includes(key));
}

/** Whether a rule keeps the members of a segment, or asks for them in its condition. */
export function ruleReadsSegment({ memberships, condition }: SyncRuleContent, segmentId: string): boolean {
  const { segments, lists } = condition === undefined ? NOTHING_READ : compileCondition(condition);
  return memberships.some((membership) => membership.segmentId === segmentId) || [...segments, ...lists].includes(segmentId);
}

/** Where the name alone, or what becomes of who is deleted there, is another one, nobody has to be gone through. */
function next({ rule, fillsSince }: SyncRuleDocument, content: SyncRuleContent, now: number): SyncRuleDocument {
  const whatIsWritten = ({ name: _, deletedThere: __, ...rest }: SyncRuleContent): JsonValue => JSON.parse(JSON.stringify(rest)) as JsonValue;
  return { rule: content, fillsSince: isSameJson(whatIsWritten(rule), whatIsWritten(content)) ? fillsSince : Math.max(now, fillsSince + 1) };
}

/** Reads what people write of a rule; a condition names each place inside it. */
function readRule(given: unknown): SyncRuleContent {
  const condition = typeof given === 'object' && given !== null && 'condition' in given && given.condition !== undefined ? conditionPlaces(given.condition, '/condition') : [];
  if (condition.length > 0) throw invalid(condition);
  const result = syncRuleContentSchema.safeParse(given);
  if (result.success) return result.data;
  throw invalid(result.error.issues.map(({ path, message }) => ({ path: path.length === 0 ? '' : `/${path.map(String).join('/')}`, message })));
}

async function checkRule(admin: AdminContext, { workspaceId, ability }: Caller, id: string, content: SyncRuleContent): Promise<void> {
  const places = syncRulePlaces({ ...content, ruleId: id, version: 1 }, await syncSurroundings(admin, workspaceId));
  if (places.length > 0) throw invalid(places);
  refuseHiddenInRule(ability, content);
}

/** @throws FirsthandError `FORBIDDEN` where the rule writes or asks for what the caller may not read */
export function refuseHiddenInRule(ability: Caller['ability'], { condition, fields }: SyncRuleContent): void {
  if (condition !== undefined) refuseHiddenTraits(ability, condition);
  refuseHiddenFields(ability, fields.map(({ field }, index) => ({ path: `/fields/${index}/field`, trait: field.slice('profile.'.length) })));
}

function refuseToEnable({ ability }: Caller): void {
  if (!ability.can('operate', 'syncRule')) throw new FirsthandError('FORBIDDEN', undefined, [{ path: '/isEnabled', message: 'needs the permission to operate sync rules' }]);
}

function invalid(places: readonly ErrorPlace[]): FirsthandError {
  return new FirsthandError('INVALID_SYNC_RULE', `${places[0]?.path ?? ''}: ${places[0]?.message ?? ''}`, places);
}

function view(admin: AdminContext, row: Row): SyncRuleView {
  const { id, version, workspaceId, content: { rule } } = row;
  const problem = admin.configuration.problems().find((one) => one.workspaceId === workspaceId && one.kind === 'syncRules' && one.id === id);
  const shown = problem === undefined ? connectionProblem(admin, workspaceId, rule) : { code: problem.code, message: problem.message };
  return { id, version, ...rule, flows: syncFlows(syncRuleOf(row)).map(({ flowId }) => flowId), problem: shown };
}

/** That the connection of a rule is not sent to. A rule that is paused itself says so. */
function connectionProblem({ configuration }: AdminContext, workspaceId: string, { connectionId, isEnabled }: SyncRuleContent): SyncRuleView['problem'] {
  const status = configuration.workspace(workspaceId).destinations.get(connectionId)?.status;
  if (!isEnabled || status === undefined || status === 'enabled') return null;
  const message = `Nothing is sent to connection ${connectionId}, which is ${status === 'draft' ? 'a draft' : 'paused, or stopped by the host (`disabled` there)'}: writes wait until it is enabled.`;
  return { code: 'CONNECTION_DISABLED', message };
}
