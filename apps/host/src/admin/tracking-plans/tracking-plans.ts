import { setImmediate } from 'node:timers/promises';
import { checkTrackingPlan, FirsthandError, type Dictionary, type TrackingPlan } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { TrackingPlanDocument, TrackingPlanVersionDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { versionId } from '../version-id.js';
import { connectionsOfPlan } from './connections-of-plan.js';
import type { NewPlan, PlanChange, PlanSummary, PlanVersion, PlanView } from './tracking-plan-bodies.js';

type Row = Configured<TrackingPlanDocument>;
const MAX_WARNINGS = 100;

export async function listPlans(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<PlanSummary>> {
  const page = await listConfigured<TrackingPlanDocument, Row>(admin, { kind: 'trackingPlans', workspaceId, query }, (row) => row);
  return { ...page, items: await Promise.all(page.items.map((row) => summarise(admin, row))) };
}

export async function getPlan(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<PlanView> {
  return view(admin, await admin.repository.get<TrackingPlanDocument>('trackingPlans', workspaceId, id));
}

/** @throws FirsthandError `INVALID_TRACKING_PLAN` with each place, `CONFLICT` */
export async function createPlan(admin: AdminContext, { workspaceId }: Caller, { id, name, description = '', plan }: NewPlan): Promise<PlanView> {
  await check(plan);
  const row = await admin.repository.create<TrackingPlanDocument>('trackingPlans', workspaceId, id ?? admin.newId(), { name, description, draft: plan, lastVersion: 0, live: null }, admin.clock());
  await admin.configuration.refresh();
  return view(admin, row);
}

/** Changes the draft; events go on to be judged by the live version. @throws FirsthandError `INVALID_TRACKING_PLAN` */
export async function changePlan(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, { name, description, plan }: PlanChange): Promise<PlanView> {
  if (plan !== undefined) await check(plan);
  const row = await changeConfigured<TrackingPlanDocument>(admin, 'trackingPlans', workspaceId, id, ifMatch, (content) => (
    { ...content, name: name ?? content.name, description: description ?? content.description, draft: plan ?? content.draft }));
  return view(admin, row);
}

/** Publishes the draft as the next version, which never changes. @throws FirsthandError `INVALID_TRACKING_PLAN`, `VERSION_MISMATCH` */
export async function publishPlan(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined): Promise<PlanView> {
  const row = await admin.repository.get<TrackingPlanDocument>('trackingPlans', workspaceId, id);
  if (ifMatch !== undefined && row.version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${row.version}.`);
  // Rules may have been added since it was saved.
  await check(row.content.draft);
  const now = admin.clock();
  const live = { planId: id, version: row.content.lastVersion + 1, publishedAt: now, plan: row.content.draft };
  const published = await admin.repository.transaction(async (scope) => {
    await scope.create<TrackingPlanVersionDocument>('trackingPlanVersions', workspaceId, versionId(id, live.version), live, now);
    return scope.update<TrackingPlanDocument>('trackingPlans', workspaceId, id, row.version, { ...row.content, lastVersion: live.version, live }, now);
  });
  await admin.configuration.refresh();
  return view(admin, published);
}

/** Judges by an earlier version again. @throws FirsthandError `NOT_FOUND` */
export async function rollBackPlan(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined, version: number): Promise<PlanView> {
  const row = await changeConfigured<TrackingPlanDocument>(admin, 'trackingPlans', workspaceId, id, ifMatch, async (content) => (
    { ...content, live: (await admin.repository.get<TrackingPlanVersionDocument>('trackingPlanVersions', workspaceId, versionId(id, version))).content }));
  return view(admin, row);
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getPlanVersion({ repository }: AdminContext, { workspaceId }: Caller, id: string, version: string): Promise<PlanVersion> {
  if (!/^\d{1,6}$/.test(version)) throw new FirsthandError('NOT_FOUND');
  const { content } = await repository.get<TrackingPlanVersionDocument>('trackingPlanVersions', workspaceId, versionId(id, Number(version)));
  return { version: content.version, publishedAt: iso(content.publishedAt), plan: content.plan };
}

/** With all its versions. @throws FirsthandError `CONFLICT` while connections name it */
export async function deletePlan(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  const users = await connectionsOfPlan(admin, workspaceId, id);
  if (users.length > 0) throw new FirsthandError('CONFLICT', `It judges the events of ${users.join(', ')}: let these name another plan, or none.`);
  await admin.repository.transaction(async (scope) => {
    await scope.delete('trackingPlans', workspaceId, id, ifMatch);
    for (const row of await scope.list('trackingPlanVersions', workspaceId, { where: { planId: id }, only: ['planId'] })) await scope.delete('trackingPlanVersions', workspaceId, row.id, row.version);
  });
  await admin.configuration.refresh();
}

/** Waits between events, so that nobody else waits for a large plan. */
function check(plan: TrackingPlan): Promise<void> {
  return checkTrackingPlan(plan, () => setImmediate());
}

async function summarise(admin: AdminContext, { id, workspaceId, version, content: { name, description, draft, live } }: Row): Promise<PlanSummary> {
  return {
    id, version, name, description, live: live === null ? null : { version: live.version, publishedAt: iso(live.publishedAt) }, connections: await connectionsOfPlan(admin, workspaceId, id), events: draft.events.length,
  };
}

async function view(admin: AdminContext, row: Row): Promise<PlanView> {
  const { id, workspaceId, content: { draft } } = row;
  const versions = await admin.repository.list<Omit<TrackingPlanVersionDocument, 'plan'>>('trackingPlanVersions', workspaceId, { where: { planId: id }, only: ['version', 'publishedAt'] });
  return {
    ...(await summarise(admin, row)), draft, versions: versions.map(({ content: { version, publishedAt } }) => ({ version, publishedAt: iso(publishedAt) })),
    warnings: warningsOf(draft, admin.configuration.workspace(workspaceId).dictionary),
  };
}

/** A planned field without a home in the dictionary is judged, and then dropped. */
function warningsOf({ events }: TrackingPlan, dictionary: Dictionary): PlanView['warnings'] {
  return events.flatMap(({ fields = [] }, index) => fields.flatMap(({ path }, at) => (
    dictionary.field(path) === undefined && !dictionary.isTarget(path) ? [{ path: `/events/${index}/fields/${at}/path`, message: `${path} is in no dictionary: it is judged, and then not kept.` }] : []))).slice(0, MAX_WARNINGS);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
