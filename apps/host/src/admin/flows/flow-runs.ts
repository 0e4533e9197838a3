import { FirsthandError, type Answers, type FlowDefinition } from '@firsthand/domain';
import { runRow, storeKey } from '@firsthand/persistence';
import { PAUSED_DUE_AT, triggerFlow, type RunRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { FlowContent } from '../documents.js';
import type { Caller } from '../http/caller.js';
import { normaliseIdentity } from '../http/identity-body.js';
import { decodeCursor, toPage, type Page } from '../http/page.js';
import { groupsFor, type AskedCount, type Groups, type GroupSize } from '../insight/groups.js';
import { refuseHiddenIdentity } from '../http/refuse-hidden.js';
import { findPerson, findProfileId } from '../profiles/find-person.js';
import { peopleMask, type CallersMask } from '../profiles/people-mask.js';
import type { FlowCallBody, FlowCallResult, FlowRunsQuery, FlowRunView, StepCountsView } from './flow-run-bodies.js';

/**
 * Runs of a flow: of one person all that there are, else those that wait, by step.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a cursor that is none, `NOT_FOUND` for an unknown flow, version, step or person
 */
export async function listFlowRuns(admin: AdminContext, caller: Caller, id: string, query: FlowRunsQuery): Promise<Page<FlowRunView>> {
  const { workspaceId } = caller;
  const mask = peopleMask(admin, caller);
  if (query.namespace !== undefined) refuseHiddenIdentity(caller.ability, query.namespace);
  const cursor = decodeCursor(query.cursor);
  const { content } = await admin.repository.get<FlowContent>('flows', workspaceId, id);
  const { limit } = query;
  const profileIds = await profileIdsOf(admin, workspaceId, query);
  const rows = profileIds === null
    ? await waitingRows(admin, workspaceId, id, versionOf(content, query.version), query)
    : await admin.collections.runs.find({ workspaceId, profileId: { $in: profileIds }, flowId: id, _id: { $gt: cursor ?? '' } }, { sort: { _id: 1 }, limit: limit + 1 }).toArray();
  return toPage(rows.map(runRow), limit, (run) => view(run, content, mask), ({ resumeAtStep, runId }) => (profileIds === null ? `${resumeAtStep} ${runId}` : runId));
}

async function profileIdsOf(admin: AdminContext, workspaceId: string, { profileId, namespace, value }: FlowRunsQuery): Promise<string[] | null> {
  if (profileId === undefined && namespace === undefined && value === undefined) return null;
  const asked = profileId ?? await findProfileId(admin, workspaceId, normaliseIdentity({ namespace: namespace ?? '', value: value ?? '' }));
  const person = asked === undefined ? undefined : await findPerson(admin, workspaceId, asked);
  if (person === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such person.');
  return person.profileIds;
}

/** In the order of the index: by step, then id. */
async function waitingRows({ collections: { runs } }: AdminContext, workspaceId: string, flowId: string, { version, steps }: FlowDefinition, { stepId, cursor, limit }: FlowRunsQuery) {
  const ofFlow = { workspaceId, flowId, flowVersion: version, dueAt: { $gt: 0 } };
  const step = stepId === undefined ? undefined : steps.findIndex((one) => one.id === stepId);
  if (step === -1) throw new FirsthandError('NOT_FOUND', 'The version has no such step.');
  const [index = '-1', runId = ''] = (decodeCursor(cursor) ?? `${step ?? -1} `).split(' ');
  if (!/^-?\d+$/.test(index)) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  const page = { sort: { resumeAtStep: 1, _id: 1 } as const, limit: limit + 1 };
  const same = await runs.find({ ...ofFlow, resumeAtStep: Number(index), _id: { $gt: runId } }, page).toArray();
  if (step !== undefined || same.length > limit) return same;
  return [...same, ...await runs.find({ ...ofFlow, resumeAtStep: { $gt: Number(index) } }, { ...page, limit: limit + 1 - same.length }).toArray()];
}

function view({ runId, flowVersion, profileId, key, resumeAtStep, startedAt, dueAt, end, answers = '{}' }: RunRow, { versions, status }: FlowContent, { value: masked, showsRaw }: CallersMask): FlowRunView {
  const steps = versions.find(({ version }) => version === flowVersion)?.steps ?? [];
  return {
    runId, version: flowVersion, profileId, key: masked('run.key', key) as string | null, state: end !== null ? 'ended' : status === 'paused' ? 'paused' : 'waiting', stepId: end === null ? (steps[resumeAtStep]?.id ?? null) : end.stepId,
    startedAt: new Date(startedAt).toISOString(), dueAt: dueAt === null || dueAt === PAUSED_DUE_AT ? null : new Date(dueAt).toISOString(), end: end?.as ?? null, endedAt: end === null ? null : new Date(end.at).toISOString(), endReason: end?.reason ?? null,
    answers: Object.fromEntries(Object.entries(JSON.parse(answers) as Answers).map(([stepId, answer]) => [stepId, showsRaw ? answer : null])),
  };
}

/** @throws FirsthandError `NOT_FOUND` */
export function versionOf({ versions, liveVersion }: FlowContent, asked: number | undefined | null): FlowDefinition {
  const found = versions.find(({ version }) => version === (asked ?? liveVersion));
  if (found === undefined) throw new FirsthandError('NOT_FOUND', 'The flow has no such version.');
  return found;
}

/** How many runs came to each step of a version, wait there, and left it by which outcome; in groups to who may not read profiles. */
export async function countSteps(admin: AdminContext, caller: Caller, id: string, asked: number | undefined): Promise<StepCountsView> {
  const { workspaceId } = caller;
  const { content } = await admin.repository.get<FlowContent>('flows', workspaceId, id);
  const { version, steps } = versionOf(content, asked);
  const groups = await groupsFor(admin, caller);
  const first = storeKey(workspaceId, id, String(version).padStart(6, '0'));
  const sums = await admin.collections.stepCounts.aggregate<{ _id: { stepId: string; outcome: string }; count: number }>([
    { $match: { _id: { $gte: `${first}|`, $lt: `${first}}` } } }, { $unwind: '$counts' },
    { $group: { _id: { stepId: '$counts.stepId', outcome: '$counts.outcome' }, count: { $sum: '$counts.count' } } },
    // At one moment: rows are added up meanwhile.
  ], { readConcern: { level: 'snapshot' } }).toArray();
  const ended = (...reasons: string[]): number => sums.reduce((sum, { _id, count }) => (reasons.includes(_id.outcome) ? sum + count : sum), 0);
  const counted = {
    version, ends: { goal: ended('goal', 'goal-reached'), exited: ended('exit', 'exit-met') },
    steps: steps.map(({ id: stepId, type }) => {
      const own = new Map(sums.filter(({ _id }) => _id.stepId === stepId).map(({ _id, count }) => [_id.outcome, count]));
      const { entered = 0, ...left } = Object.fromEntries(own);
      const waiting = entered - Object.values(left).reduce((sum, count) => sum + count, 0);
      return { stepId, type, entered, waiting, left };
    }),
  };
  return groups === null ? counted : stepsInGroups(groups, id, counted);
}

type CountedSteps = { version: number; ends: Record<'goal' | 'exited', number>; steps: { stepId: string; type: string; entered: number; waiting: number; left: Record<string, number> }[] };

async function stepsInGroups(groups: Groups, flowId: string, { version, ends, steps }: CountedSteps): Promise<StepCountsView> {
  const asked: AskedCount[] = [];
  const ask = (count: number, ...of: string[]): number => asked.push({ question: ['steps', flowId, version, ...of], count }) - 1;
  const places = {
    goal: ask(ends.goal, 'goal'), exited: ask(ends.exited, 'exited'),
    steps: steps.map(({ stepId, type, entered, waiting, left }) => ({
      stepId, type, entered: ask(entered, 'entered', stepId), waiting: ask(waiting, 'waiting', stepId), left: Object.entries(left).map(([outcome, count]) => [outcome, ask(count, 'left', stepId, outcome)] as const),
    })),
  };
  const numbers = await groups.fixed(asked);
  const told = (place: number): GroupSize => groups.size(numbers[place] as number);
  return {
    version, ends: { goal: told(places.goal), exited: told(places.exited) },
    steps: places.steps.map(({ stepId, type, entered, waiting, left }) => ({
      stepId, type, entered: told(entered), waiting: told(waiting), // That there is one at all would tell of whoever left by it.
      left: Object.fromEntries(left.map(([outcome, place]) => [outcome, told(place)] as const).filter(([, size]) => typeof size === 'number')),
    })),
  };
}

/** Starts a flow for a person. @throws FirsthandError `NOT_FOUND`, `CONFLICT` for a flow that is not live or has another trigger */
export async function callFlow(admin: AdminContext, { workspaceId }: Caller, id: string, { identity, profileId, idempotencyKey, properties }: FlowCallBody): Promise<FlowCallResult> {
  await admin.repository.get<FlowContent>('flows', workspaceId, id);
  const person = identity === undefined ? { profileId: profileId ?? '' } : { identity: normaliseIdentity(identity) };
  return triggerFlow({ workspaceId, flowId: id, person, properties, idempotencyKey }, admin);
}
