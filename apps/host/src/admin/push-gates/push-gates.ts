import { HIDDEN } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { deliveryRow, pushGateRow, storeKey } from '@firsthand/persistence';
import { decidePush, lookAtGate, PUSH_HELD, askedGate, pushGateId, pushLimitsOf, type PushGateRow, type PushPlace } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import { shownId } from '../deliveries/delivery-view.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, toPage, type Page } from '../http/page.js';
import { findPerson } from '../profiles/find-person.js';
import { peopleMask } from '../profiles/people-mask.js';
import { viewPushGate, type ApprovePush, type PushGateDetail, type PushGateQuery, type PushGateView } from './push-gate-view.js';

const SAMPLE = 10;

const waitingAt = ({ workspaceId, connectionId, segmentId }: PushPlace) => ({ workspaceId, connectionId, segmentId, state: 'pending', reason: PUSH_HELD }) as const;

/** The gates between segments and destinations, by their ids. @throws FirsthandError `INVALID_REQUEST` for a cursor that is none */
export async function listPushGates(admin: AdminContext, { workspaceId }: Caller, { limit, cursor, state }: PushGateQuery): Promise<Page<PushGateView>> {
  const range = { $gt: storeKey(workspaceId, decodeCursor(cursor) ?? ''), $lt: `${workspaceId}}` };
  const rows = await admin.collections.pushGates.find({ _id: range, ...(state === undefined ? {} : { state: { $eq: state } }) }, { sort: { _id: 1 }, limit: limit + 1 }).toArray();
  const page = toPage(rows, limit, pushGateRow, ({ _id }) => shownId(workspaceId, _id));
  return { ...page, items: await Promise.all(page.items.map((row) => view(admin, row))) };
}

/** One gate, with some of those who wait at it. @throws FirsthandError `NOT_FOUND` */
export async function getPushGate(admin: AdminContext, caller: Caller, connectionId: string, segmentId: string): Promise<PushGateDetail> {
  const place = { workspaceId: caller.workspaceId, connectionId, segmentId };
  const stored = await admin.collections.pushGates.findOne({ _id: pushGateId(place) });
  if (stored === null) throw new FirsthandError('NOT_FOUND');
  const rows = (await admin.collections.deliveries.find(waitingAt(place), { sort: { createdAt: 1, seq: 1 }, limit: SAMPLE }).toArray()).map(deliveryRow);
  const mask = peopleMask(admin, caller);
  const sample = await Promise.all(rows.map(async ({ deliveryId, operation, profileId }) => {
    const person = await findPerson(admin, caller.workspaceId, profileId);
    const identities = (person?.profile.identities ?? []).map(({ namespace, value }) => ({ namespace, value: caller.ability.can('read', 'profile', `identities.${namespace}`) ? mask.identity({ namespace, value }) : HIDDEN }));
    return { deliveryId: shownId(caller.workspaceId, deliveryId), operation, profileId, identities };
  }));
  return { ...(await view(admin, pushGateRow(stored))), sample };
}

/** @throws FirsthandError `NOT_FOUND`, `PUSH_NOT_HELD`, `PUSH_MOVED` */
export async function approvePush(admin: AdminContext, caller: Caller, connectionId: string, segmentId: string, { figuresAt }: ApprovePush): Promise<PushGateView> {
  const { workspaceId, principal } = caller;
  return view(admin, await decidePush({ workspaceId, connectionId, segmentId }, { as: 'approved', by: principal.id, figuresAt: Date.parse(figuresAt) }, admin));
}

/** @throws FirsthandError `NOT_FOUND`, `PUSH_NOT_HELD` */
export async function rejectPush(admin: AdminContext, caller: Caller, connectionId: string, segmentId: string): Promise<PushGateView> {
  const { workspaceId, principal } = caller;
  return view(admin, await decidePush({ workspaceId, connectionId, segmentId }, { as: 'rejected', by: principal.id, figuresAt: null }, admin));
}

/** What is known of a gate, as an explanation shows it; null where nothing was ever asked of it. Who may not read gates learns no numbers: they may be of few people. */
export async function findPushGate({ collections }: Pick<AdminContext, 'collections'>, { ability, workspaceId }: Caller, { connectionId, segmentId }: Omit<PushPlace, 'workspaceId'>): Promise<Omit<PushGateView, 'waiting'> | null> {
  const stored = await collections.pushGates.findOne({ _id: pushGateId({ workspaceId, connectionId, segmentId }) });
  if (stored === null) return null;
  const shown = viewPushGate(pushGateRow(stored));
  return ability.can('read', 'push') ? shown : { ...shown, figures: null, breaches: shown.breaches.map((breach) => ({ ...breach, before: null, now: null, limit: null })) };
}

/**
 * Lets a list of a segment's members out to a recipient, or not: it passes the gate that deliveries to the same destination pass, looked at in this moment.
 *
 * @throws FirsthandError `PUSH_HELD` where it is shut
 */
export async function passPushGate(admin: AdminContext, place: PushPlace): Promise<void> {
  if (pushLimitsOf(admin.configuration.workspace(place.workspaceId), place.segmentId) === null) return;
  const stored = await admin.collections.pushGates.findOne({ _id: pushGateId(place) });
  const gate = await lookAtGate(stored === null ? askedGate(place, 0, admin.clock()) : pushGateRow(stored), admin);
  if (gate.state !== 'open') throw new FirsthandError('PUSH_HELD');
}

async function view({ collections }: AdminContext, row: PushGateRow): Promise<PushGateView> {
  return { ...viewPushGate(row), waiting: await collections.deliveries.countDocuments(waitingAt(row)) };
}
