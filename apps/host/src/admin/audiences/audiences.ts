import { FirsthandError } from '@firsthand/domain';
import { audiencesOf, compareIdOf, newCompare, type Audience, type AudienceCompareRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { findPushGate } from '../push-gates/push-gates.js';
import type { AudienceView, CompareBody } from './audience-bodies.js';

/** The audiences of a connection that can be compared, each with its last compare. @throws FirsthandError `NOT_FOUND` */
export async function listAudiences(admin: AdminContext, caller: Caller, connectionId: string): Promise<{ items: AudienceView[] }> {
  const configuration = admin.configuration.workspace(caller.workspaceId);
  if (!configuration.destinations.has(connectionId)) throw new FirsthandError('NOT_FOUND', 'There is no such destination, or it cannot be used.');
  const audiences = audiencesOf(configuration, connectionId);
  const compares = await admin.store.transaction(async (tx) => {
    const found: (AudienceCompareRow | undefined)[] = [];
    for (const audience of audiences) found.push(await tx.findCompare(compareIdIn(audience)));
    return found;
  });
  return { items: await Promise.all(audiences.map((audience, index) => view(admin, caller, audience, compares[index]))) };
}

/** One audience, with how far its compare is. @throws FirsthandError `NOT_FOUND` */
export async function getAudience(admin: AdminContext, caller: Caller, connectionId: string, audienceId: string): Promise<AudienceView> {
  const audience = find(admin, caller, connectionId, audienceId);
  return view(admin, caller, audience, await admin.store.transaction((tx) => tx.findCompare(compareIdIn(audience))));
}

/**
 * Begins a full compare of an audience; a worker does it, page by page.
 *
 * @throws FirsthandError `CONFLICT` while one goes on, `NOT_FOUND`
 */
export async function startCompare(admin: AdminContext, caller: Caller, connectionId: string, audienceId: string, { preview = false, perSecond }: CompareBody): Promise<AudienceView> {
  const audience = find(admin, caller, connectionId, audienceId);
  const row = newCompare(audience, { isPreview: preview, perSecond: perSecond ?? null, now: admin.clock() });
  await admin.store.transaction(async (tx) => {
    const last = await tx.findCompare(row.compareId);
    if (last !== undefined && last.dueAt !== null) throw new FirsthandError('CONFLICT', 'The last compare of it goes on still.');
    await tx.writeCompare(row);
  });
  return view(admin, caller, audience, row);
}

function find(admin: AdminContext, { workspaceId }: Caller, connectionId: string, audienceId: string): Audience {
  const audience = audiencesOf(admin.configuration.workspace(workspaceId), connectionId).find((one) => idOf(one) === audienceId);
  if (audience === undefined) throw new FirsthandError('NOT_FOUND', 'The connection has no such audience: no live flow puts people into it, or with what only the event or an answer told.');
  return audience;
}

/** The id of a step holds no dot. */
function idOf({ flow, step }: Audience): string {
  return `${flow.compiled.definition.flowId}.${step.id}`;
}

function compareIdIn({ connection: { workspaceId, connectionId }, flow, step }: Audience): string {
  return compareIdOf(workspaceId, connectionId, flow.compiled.definition.flowId, step.id);
}

async function view(admin: AdminContext, caller: Caller, audience: Audience, compare: AudienceCompareRow | undefined): Promise<AudienceView> {
  const { flow, step, segmentId, purpose, mode, isWholeSegment, connection: { connectionId } } = audience;
  return {
    id: idOf(audience), flowId: flow.compiled.definition.flowId, stepId: step.id, action: step.action, segmentId, purpose, sync: mode, addsMissing: isWholeSegment,
    pushGate: segmentId === null ? null : await findPushGate(admin, caller, { connectionId, segmentId }),
    compare: compare === undefined ? null : {
      state: compare.end?.as ?? 'running', isPreview: compare.isPreview, startedAt: new Date(compare.startedAt).toISOString(), endedAt: compare.end === null ? null : new Date(compare.end.at).toISOString(),
      counts: compare.counts,
    },
  };
}
