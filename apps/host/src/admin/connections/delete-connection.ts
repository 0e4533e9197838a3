import { FirsthandError, placesNaming } from '@firsthand/domain';
import { hasRecordsWaiting, storeKey, type ConfigurationRepository } from '@firsthand/persistence';
import { endLane, newBackfill, takeUpInFlight, underLease } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { isDestination, isSource, type ConnectionDocument, type ExpectationDocument, type WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { FlowContent } from '../documents.js';
import { deliversTo } from '../dry-run/live-flows-with.js';
import { flowsWith } from '../flows-with.js';
import type { Caller } from '../http/caller.js';
import { syncRulesWith } from '../sync-rules/sync-rules.js';

interface Place {
  workspaceId: string;
  connectionId: string;
}

/**
 * Deletes a connection. What waits to be sent to it is cancelled and counted right afterwards, by a worker where this process ends before that.
 * People's removals are never dropped: while some wait it is refused.
 *
 * @throws FirsthandError `CONFLICT` while it is enabled or sends are under way, and with all its users while flows or expectations name it or removals wait;
 *   `NOT_FOUND`, `VERSION_MISMATCH`. A source also while the ownership settings name it, and `RECORDS_WAITING` while records of it are still to be applied
 */
export async function deleteConnection(admin: AdminContext, { workspaceId }: Caller, connectionId: string, ifMatch: number): Promise<void> {
  const place = { workspaceId, connectionId };
  // Versions that are live no more get no new runs: what waits of them can be looked up beforehand.
  const waiting = await versionsThatWait(admin, place);
  await writeDownStalled(admin, place);
  await admin.repository.transaction(async (repository, session) => {
    const { content, version } = await repository.get<ConnectionDocument>('connections', workspaceId, connectionId);
    if (version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${version}.`);
    if (content.status === 'enabled') throw new FirsthandError('CONFLICT', 'Pause the connection first.');
    if (isDestination(content)) {
      const flows = flowsWith(await repository.list<FlowContent>('flows', workspaceId), (flow) => deliversTo(flow, connectionId),
        (flowId, number, { liveVersion }) => number === liveVersion || waiting.has(versionKey(flowId, number)));
      await refuseWhileUsed(admin, place, flows, session);
      // A worker that knows of no pause yet finds its lease lost instead of sending.
      if (session !== undefined) await admin.collections.lanes.updateOne({ _id: storeKey(workspaceId, connectionId) }, { $inc: { fence: 1 } }, { session });
    }
    await refuseWhileExpected(repository, place);
    await refuseWhileSynced(repository, place);
    if (isSource(content)) {
      await refuseWhileOwning(repository, place);
      // Without it nobody can say what may be kept of them.
      if (await hasRecordsWaiting(admin.collections, place, session)) throw new FirsthandError('RECORDS_WAITING');
      // What it said gives way to what others say.
      await repository.create('backfills', workspaceId, admin.newId(), newBackfill([], admin.clock()), admin.clock());
    }
    await repository.delete('connections', workspaceId, connectionId, ifMatch);
  });
  if (!admin.isDryRun) await endLane(place, { store: admin.store, clock: admin.clock, holder: admin.newId() });
  await admin.configuration.refresh();
}

/** @throws FirsthandError `CONFLICT` with each rule of ownership that names the source */
async function refuseWhileOwning(repository: Pick<AdminContext['repository'], 'get'>, { workspaceId, connectionId }: Place): Promise<void> {
  const { content: { ownershipSettings } } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  const places = ownershipSettings === undefined ? [] : placesNaming(ownershipSettings, connectionId);
  if (places.length > 0) throw new FirsthandError('CONFLICT', 'The connection is in use: the ownership settings name it.', places.map((path) => ({ path: `/ownership-settings${path}`, message: 'names it' })));
}

const versionKey = (flowId: string, version: number): string => JSON.stringify([flowId, version]);

/** The published versions that deliver to the connection and have runs that wait: these go on, of a flow that is paused when it is resumed. */
async function versionsThatWait({ repository, collections }: AdminContext, { workspaceId, connectionId }: Place): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const { id: flowId, content } of await repository.list<FlowContent>('flows', workspaceId)) {
    for (const { version, steps } of content.versions) {
      if (!steps.some((step) => (step.type === 'deliver' || step.type === 'call') && step.connectionId === connectionId)) continue;
      if ((await collections.runs.findOne({ workspaceId, flowId, flowVersion: version, dueAt: { $gt: 0 } }, { projection: { _id: 1 } })) !== null) keys.add(versionKey(flowId, version));
    }
  }
  return keys;
}

async function refuseWhileUsed({ collections, clock }: AdminContext, place: Place, flows: readonly string[], session: mongo.ClientSession | undefined): Promise<void> {
  const options = session === undefined ? {} : { session };
  const removals = await collections.deliveries.countDocuments({ ...place, state: 'pending', class: 'suppression' }, options);
  const users = [...flows.map((flowId) => `flow ${flowId}`), ...(removals > 0 ? [`${removals} pending removals`] : [])];
  if (users.length > 0) {
    throw new FirsthandError('CONFLICT', `The connection is in use: ${users.slice(0, 5).join(', ')}.`, [
      ...flows.map((flowId) => ({ path: `/flows/${flowId}`, message: 'delivers to it' })), ...(removals > 0 ? [{ path: '/deliveries', message: `${removals} removals wait for it; enable it until they are sent` }] : []),
    ]);
  }
  const lane = await collections.lanes.findOne({ _id: storeKey(place.workspaceId, place.connectionId) }, options);
  // Of a send that is under way the outcome has to be written down first.
  if (lane !== null && lane.holder !== null && lane.until > clock()) throw new FirsthandError('CONFLICT', 'Sends are under way; delete it in a few seconds.');
}

/** A rule that writes to it would write nowhere. */
async function refuseWhileSynced(repository: Pick<ConfigurationRepository, 'list'>, { workspaceId, connectionId }: Place): Promise<void> {
  const rules = await syncRulesWith({ repository }, workspaceId, (rule) => rule.connectionId === connectionId);
  if (rules.length === 0) return;
  throw new FirsthandError('CONFLICT', `The connection is in use: ${rules.slice(0, 5).map((id) => `sync rule ${id}`).join(', ')}.`, rules.map((id) => ({ path: `/sync-rules/${id}`, message: 'writes to it' })));
}

/** Nothing could be expected of it, and nobody told through it. */
async function refuseWhileExpected(repository: Pick<ConfigurationRepository, 'list'>, { workspaceId, connectionId }: Place): Promise<void> {
  const rows = await repository.list<ExpectationDocument>('expectations', workspaceId);
  const users = rows.filter(({ content: { expectation: { scope, alert } } }) => scope.connectionId === connectionId || alert?.connectionId === connectionId).map(({ id }) => id);
  if (users.length === 0) return;
  throw new FirsthandError('CONFLICT', `The connection is in use: ${users.slice(0, 5).map((id) => `expectation ${id}`).join(', ')}.`, users.map((id) => ({ path: `/expectations/${id}`, message: 'names it' })));
}

/** What a worker died with goes into the evidence before its connection goes: afterwards nobody works the lane. */
async function writeDownStalled({ store, collections, clock, newId, isDryRun }: AdminContext, place: Place): Promise<void> {
  const lane = await collections.lanes.findOne({ _id: storeKey(place.workspaceId, place.connectionId) });
  if (isDryRun || lane === null || lane.holder === null || lane.until > clock()) return;
  await underLease(store, place, { holder: newId(), now: clock() }, async (lease) => void (await takeUpInFlight(store, lease, clock)));
}
