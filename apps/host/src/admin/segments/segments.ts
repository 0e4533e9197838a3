import { compileCondition, conditionDoubts, conditionReferences, DEFAULT_PUSH_LIMITS, FirsthandError, orderSegments, parseCondition, type Condition, type ErrorPlace } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import { hasListed } from './change-list.js';
import type { SegmentDocument } from '../../configuration/documents.js';
import type { FlowContent } from '../documents.js';
import { readsSegment } from '../dry-run/live-flows-with.js';
import { flowsWith } from '../flows-with.js';
import { refuseListCircle } from '../flows/refuse-list-circle.js';
import type { Caller } from '../http/caller.js';
import { refuseHiddenTraits } from '../http/refuse-hidden.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { ruleReadsSegment, syncRulesWith } from '../sync-rules/sync-rules.js';
import { eventDoubter, workspaceEnvironment } from '../workspace-environment.js';
import type { NewSegment, SegmentChange, SegmentView } from './segment-bodies.js';

function view({ configuration }: AdminContext, { id, workspaceId, version, content }: Configured<SegmentDocument>): SegmentView {
  const { condition, published, pushLimits = DEFAULT_PUSH_LIMITS } = content;
  const warnings = conditionDoubts(condition, { eventDoubt: eventDoubter(configuration.workspace(workspaceId)) }, '/condition');
  return { id, version, ...content, pushLimits, published: published === null ? null : { ...published, publishedAt: new Date(published.publishedAt).toISOString() }, warnings };
}

export function listSegments(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<SegmentView>> {
  return listConfigured<SegmentDocument, SegmentView>(admin, { kind: 'segments', workspaceId, query }, (row) => view(admin, row));
}

export async function getSegment(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<SegmentView> {
  return view(admin, await admin.repository.get<SegmentDocument>('segments', workspaceId, id));
}

/** Words that stand in the place of an id in addresses. */
const RESERVED_IDS = new Set(['grammar', 'preview']);

/** @throws FirsthandError `INVALID_SEGMENT` with every place that is wrong, `CONFLICT` */
export async function createSegment(admin: AdminContext, { workspaceId, ability }: Caller, { id = admin.newId(), ...given }: NewSegment): Promise<SegmentView> {
  if (RESERVED_IDS.has(id)) throw new FirsthandError('INVALID_SEGMENT', undefined, [{ path: '/id', message: 'is a word of the address: choose another' }]);
  await checkSegment(admin, workspaceId, given);
  if (given.condition !== undefined) refuseHiddenTraits(ability, given.condition);
  // An upload that was under way while a list was deleted may have left people on it.
  if (given.kind === 'static' && await hasListed(admin, workspaceId, id)) throw new FirsthandError('CONFLICT', 'A list of this id was deleted, and people still stand on it: choose another id.');
  const condition = given.kind === 'static' ? { list: id } : given.condition as Condition;
  return view(admin, await admin.repository.create<SegmentDocument>('segments', workspaceId, id, { ...given, condition, status: 'draft', published: null }, admin.clock()));
}

/** Changes the draft; what is live stays as it was published. Limits of pushes hold at once. @throws FirsthandError `INVALID_SEGMENT`, `VERSION_MISMATCH` */
export async function changeSegment(admin: AdminContext, { workspaceId, ability }: Caller, id: string, ifMatch: number, change: SegmentChange): Promise<SegmentView> {
  return view(admin, await changeConfigured<SegmentDocument>(admin, 'segments', workspaceId, id, ifMatch, async (content) => {
    const next = { ...content, ...change };
    await checkSegment(admin, workspaceId, content.kind === 'static' ? { ...next, condition: change.condition } : next);
    if (next.condition !== undefined) refuseHiddenTraits(ability, next.condition);
    return next;
  }));
}

/**
 * Makes the draft live as the next version. Everybody is evaluated within moments; a condition on the properties of events waits for its
 * counter, which is filled from the stored events first.
 *
 * @throws FirsthandError `INVALID_SEGMENT`, also for a circle of segments, or of live flows over a list that it reads
 */
export async function publishSegment(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined): Promise<SegmentView> {
  const row = await changeConfigured<SegmentDocument>(admin, 'segments', workspaceId, id, ifMatch, async (content) => {
    await checkSegment(admin, workspaceId, content.kind === 'static' ? { ...content, condition: undefined } : content);
    await refuseCircle(admin, workspaceId, id, content.condition);
    await refuseListCircle(admin, workspaceId, { segment: { segmentId: id, condition: content.condition } });
    const { name, purpose, condition } = content;
    return { ...content, status: 'live' as const, published: { version: (content.published?.version ?? 0) + 1, name, purpose, condition, publishedAt: admin.clock() } };
  }, { tracks: true, evaluates: true });
  return view(admin, row);
}

/** A paused segment keeps its members as they are; nobody enters or leaves. */
export async function pauseSegment(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined): Promise<SegmentView> {
  return view(admin, await changeConfigured<SegmentDocument>(admin, 'segments', workspaceId, id, ifMatch, (content) => {
    if (content.published === null) throw new FirsthandError('CONFLICT', 'It has never been published.');
    return { ...content, status: 'paused' as const };
  }));
}

/** Makes what was published last live again. @throws FirsthandError `INVALID_SEGMENT` where live flows would go in circles by it */
export async function resumeSegment(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined): Promise<SegmentView> {
  const row = await changeConfigured<SegmentDocument>(admin, 'segments', workspaceId, id, ifMatch, async (content) => {
    if (content.published === null) throw new FirsthandError('CONFLICT', 'It has never been published.');
    await refuseListCircle(admin, workspaceId, { segment: { segmentId: id, condition: content.published.condition } });
    return { ...content, status: 'live' as const };
  }, { tracks: true, evaluates: true });
  return view(admin, row);
}

/** @throws FirsthandError `CONFLICT` while it is live, something reads it, or people stand on the list */
export async function deleteSegment(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  const { repository } = admin;
  const [segment, segments, flows] = await Promise.all([
    repository.get<SegmentDocument>('segments', workspaceId, id), repository.list<SegmentDocument>('segments', workspaceId), repository.list<FlowContent>('flows', workspaceId),
  ]);
  if (segment.content.status === 'live') throw new FirsthandError('CONFLICT', 'Pause the segment first.');
  const reads = ({ content }: Configured<SegmentDocument>): boolean => [content.condition, content.published?.condition].some((condition) => condition !== undefined && readsOf(condition).includes(id));
  const users = [
    ...segments.filter((row) => row.id !== id && reads(row)).map((row) => `segment ${row.id}`),
    ...flowsWith(flows, (flow) => readsSegment(flow, id)).map((flowId) => `flow ${flowId}`),
    ...(await syncRulesWith(admin, workspaceId, (rule) => ruleReadsSegment(rule, id))).map((ruleId) => `sync rule ${ruleId}`),
  ];
  if (users.length > 0) throw new FirsthandError('CONFLICT', `The segment is in use: ${users.slice(0, 5).join(', ')}.`);
  if (await hasListed(admin, workspaceId, id)) throw new FirsthandError('CONFLICT', 'People stand on the list: replace it by an empty one first.');
  await repository.delete('segments', workspaceId, id, ifMatch);
  await admin.configuration.refresh();
}

function readsOf(condition: Condition): string[] {
  const { segments, lists } = compileCondition(condition);
  return [...segments, ...lists];
}

/** @throws FirsthandError `INVALID_SEGMENT` */
export async function checkSegment(admin: AdminContext, workspaceId: string, { kind = 'conditions', condition, purpose }: { kind?: SegmentView['kind']; condition?: Condition | undefined; purpose: string }): Promise<void> {
  const environment = await workspaceEnvironment(admin, workspaceId);
  const places = kind === 'static' ? listPlaces(condition) : conditionReferences(readCondition(condition), environment, '/condition');
  if (!environment.hasPurpose(purpose)) places.push({ path: '/purpose', message: 'there is no such purpose' });
  if (places.length > 0) throw new FirsthandError('INVALID_SEGMENT', undefined, places);
}

function listPlaces(condition: Condition | undefined): ErrorPlace[] {
  return condition === undefined ? [] : [{ path: '/condition', message: 'a static list has none: people are put on it' }];
}

function readCondition(condition: Condition | undefined): Condition {
  try {
    return parseCondition(condition);
  } catch (error) {
    throw error instanceof FirsthandError ? new FirsthandError(error.code, error.detail, error.places.map(({ path, message }) => ({ path: `/condition${path}`, message }))) : error;
  }
}

async function refuseCircle({ repository }: AdminContext, workspaceId: string, id: string, condition: Condition): Promise<void> {
  const others = (await repository.list<SegmentDocument>('segments', workspaceId)).flatMap(({ id: segmentId, content: { published } }) => (
    published === null || segmentId === id ? [] : [{ segmentId, segments: compileCondition(published.condition).segments }]));
  orderSegments([...others, { segmentId: id, segments: compileCondition(condition).segments }]);
}
