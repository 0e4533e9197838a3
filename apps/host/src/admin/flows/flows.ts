import type { AccessAbility } from '@firsthand/access';
import { FirsthandError, flowContentSchema, flowDoubts, parseFlow, type ErrorPlace, type FlowEnvironment } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { FlowContent, FlowDraft } from '../documents.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { refuseHiddenInFlow } from '../http/refuse-hidden.js';
import { workspaceEnvironment } from '../workspace-environment.js';
import type { FlowView, NewFlow } from './flow-bodies.js';
import { versionOf } from './flow-runs.js';
import { refuseListCircle } from './refuse-list-circle.js';

function view({ id, version, content }: Configured<FlowContent>, environment: FlowEnvironment): FlowView {
  const { draft, status, liveVersion, versions } = content;
  return {
    id, version, draft, status, liveVersion, problems: problemsOf(draft, environment), warnings: flowDoubts({ ...draft, flowId: id, version }, environment),
    versions: versions.map(({ publishedAt, ...definition }) => ({ publishedAt: new Date(publishedAt).toISOString(), definition })),
  };
}

function problemsOf(draft: FlowDraft, environment: FlowEnvironment): ErrorPlace[] {
  try {
    parseFlow({ ...draft, flowId: 'draft', version: 1 }, environment);
    return [];
  } catch (error) {
    if (error instanceof FirsthandError) return [...error.places];
    throw error;
  }
}

/** @throws FirsthandError `FORBIDDEN` with each place that names a field which the caller may not read */
export function refuseHidden(flow: FlowDraft, environment: FlowEnvironment, ability: AccessAbility): void {
  refuseHiddenInFlow(ability, (hasTrait = environment.hasTrait) => problemsOf(flow, { ...environment, hasTrait }));
}

export async function listFlows(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<FlowView>> {
  const environment = await workspaceEnvironment(admin, workspaceId);
  return listConfigured<FlowContent, FlowView>(admin, { kind: 'flows', workspaceId, query }, (row) => view(row, environment));
}

export async function getFlow(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<FlowView> {
  return view(await admin.repository.get<FlowContent>('flows', workspaceId, id), await workspaceEnvironment(admin, workspaceId));
}

/** @throws FirsthandError `INVALID_FLOW` for what is no flow at all; what its workspace does not bear out yet is shown as `problems`. `FORBIDDEN` for a field that the caller may not read */
export async function createFlow(admin: AdminContext, { workspaceId, ability }: Caller, { id, flow }: NewFlow): Promise<FlowView> {
  const environment = await workspaceEnvironment(admin, workspaceId);
  const draft = readDraft(flow, environment, ability);
  return view(await admin.repository.create<FlowContent>('flows', workspaceId, id ?? admin.newId(), { draft, status: 'draft', liveVersion: null, versions: [] }, admin.clock()), environment);
}

export async function changeFlow(admin: AdminContext, { workspaceId, ability }: Caller, id: string, ifMatch: number, flow: FlowDraft): Promise<FlowView> {
  const environment = await workspaceEnvironment(admin, workspaceId);
  const draft = readDraft(flow, environment, ability);
  return view(await changeConfigured<FlowContent>(admin, 'flows', workspaceId, id, ifMatch, (content) => ({ ...content, draft })), environment);
}

function readDraft(flow: unknown, environment: FlowEnvironment, ability: AccessAbility): FlowDraft {
  const result = flowContentSchema.safeParse(flow);
  if (result.success) {
    const draft = result.data as FlowDraft;
    refuseHidden(draft, environment, ability);
    return draft;
  }
  const isTree = typeof flow === 'object' && flow !== null && !Array.isArray(flow);
  // It names each place inside a condition or mapping, where a schema of alternatives says only that none fits.
  const places = isTree ? problemsOf(flow as FlowDraft, environment) : [];
  throw new FirsthandError('INVALID_FLOW', undefined, places.length > 0 ? places : [{ path: '', message: 'is no flow' }]);
}

/** Publishes the draft as the next version, which never changes and starts runs from now on, or when the flow is resumed. @throws FirsthandError `INVALID_FLOW` */
export async function publishFlow(admin: AdminContext, { workspaceId, ability }: Caller, id: string, ifMatch: number | undefined): Promise<FlowView> {
  const environment = await workspaceEnvironment(admin, workspaceId);
  return view(await changeConfigured<FlowContent>(admin, 'flows', workspaceId, id, ifMatch, async (content) => {
    const version = (content.versions.at(-1)?.version ?? 0) + 1;
    const definition = parseFlow({ ...content.draft, flowId: id, version }, environment);
    refuseHidden(content.draft as FlowDraft, environment, ability);
    await refuseListCircle(admin, workspaceId, { flow: definition });
    return { ...content, status: statusOf(content), liveVersion: version, versions: [...content.versions, { ...definition, publishedAt: admin.clock() }] };
  }, { tracks: true }), environment);
}

/** Lets an earlier version start runs again; runs of the other ones finish on theirs. @throws FirsthandError `NOT_FOUND` */
export async function rollBackFlow(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined, version: number): Promise<FlowView> {
  const environment = await workspaceEnvironment(admin, workspaceId);
  return view(await changeConfigured<FlowContent>(admin, 'flows', workspaceId, id, ifMatch, async (content) => {
    const { publishedAt: _, ...definition } = versionOf(content, version) as FlowContent['versions'][number];
    // What it names may have gone since.
    await refuseListCircle(admin, workspaceId, { flow: parseFlow(definition, environment) });
    return { ...content, status: statusOf(content), liveVersion: version };
  }, { tracks: true }), environment);
}

/** A pause lasts until the resume: who waits in it may be moved to the new version before. */
function statusOf({ status }: FlowContent): 'live' | 'paused' {
  return status === 'paused' ? 'paused' : 'live';
}

/** A paused flow starts no runs and sends nothing; its runs wait where they are until it is resumed. */
export async function setFlowStatus(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined, status: 'live' | 'paused'): Promise<FlowView> {
  const row = await changeConfigured<FlowContent>(admin, 'flows', workspaceId, id, ifMatch, async (content) => {
    if (content.liveVersion === null) throw new FirsthandError('CONFLICT', 'It has never been published.');
    if (status === 'live') await refuseListCircle(admin, workspaceId, { flow: versionOf(content, content.liveVersion) });
    return { ...content, status };
  }, { tracks: status === 'live' });
  return view(row, await workspaceEnvironment(admin, workspaceId));
}

/** @throws FirsthandError `CONFLICT` once it was published: deliveries and evidence name its versions */
export async function deleteFlow(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  const { content } = await admin.repository.get<FlowContent>('flows', workspaceId, id);
  if (content.versions.length > 0) throw new FirsthandError('CONFLICT', 'A published flow stays, for its evidence; pause it.');
  await admin.repository.delete('flows', workspaceId, id, ifMatch);
  await admin.configuration.refresh();
}
