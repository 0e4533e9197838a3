import { identityKey, stableId, type ConsentRecord } from '@firsthand/domain';
import { MERGED_THERE, takenThere } from '../deliver/merged-there.js';
import { LIST_EXPORT_ACTION } from '../people-export/list-export-action.js';
import { causeOf } from '../changes/change-cause.js';
import { removedBlock } from '../changes/changes-of.js';
import { LedgerCounts, newWorkOutput, nextPlace, type PersonWork } from '../person/person-work.js';
import { loadPeople } from '../person/load-people.js';
import { findAsking, isNamedBy, type AskingPerson } from '../person/named-person.js';
import { releaseIdentities } from '../person/release-identities.js';
import { writePeople } from '../person/write-people.js';
import { StepCounts } from '../flow/step-counts.js';
import type { Clock, ConfigurationSource, Doorbell, Store, WorkspaceConfiguration } from '../ports/index.js';
import type { DeliveryRow, DisclosureRow, RunRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { ErasureRecipient, ErasureRow, Tombstones } from './erasure.js';
import { findShared } from '../person/find-shared.js';
import { forgetElsewhere } from './forget-elsewhere.js';
import { meetNewcomers } from './meet-newcomers.js';

/** Who is to be erased. */
export interface ErasureSubject extends AskingPerson {
  /** Of the person's request: it is erased once, however often this is called. Null makes one of its own. */
  requestId: string | null;
}

export interface StartErasureOptions {
  store: Pick<Store, 'transaction'>;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  newId(): string;
  tombstones: Tombstones;
}

/**
 * The first step of an erasure, in one transaction: from its commit on the person is in no look-up, nothing of them is taken in (tombstones of all identities but those that others are known by as well), nothing that waits is sent, and
 * every recipient that ever got anything is about to be told. The rest is removed by workers: {@link createEraser}. GDPR art. 17(1), 19; PIPL art. 47.
 *
 * Who has one of the identities as a mere claim, and is proven to be somebody else, is not erased: the identity is taken from them, with what recipients got by it alone.
 *
 * A record that is applied at the same moment meets this transaction at the person's rows, or at the identity where nobody has it yet: one of the two runs again and sees the other.
 *
 * @returns the row; the one that is there already where the request was begun before
 */
export async function startErasure(subject: ErasureSubject, options: StartErasureOptions): Promise<ErasureRow> {
  const { store, doorbell, configuration: source, clock, newId } = options;
  const { workspaceId, requestId } = subject;
  const configuration = source.workspace(workspaceId);
  const erasureId = `${workspaceId}|${requestId === null ? newId() : stableId(workspaceId, 'erasure', requestId)}`;
  const { row, lanes } = await store.transaction(async (tx) => {
    const begun = await tx.findErasure(erasureId);
    return begun === undefined ? begin(tx, { ...subject, erasureId }, configuration, options, clock()) : { row: begun, lanes: [] };
  });
  const toTell = row.recipients.flatMap(({ connectionId, deliveryId }) => (deliveryId === null ? [] : [connectionId]));
  for (const connectionId of new Set([...toTell, ...lanes])) doorbell.ringLane({ workspaceId, connectionId });
  return row;
}

async function begin(tx: StoreTransaction, { erasureId, ...subject }: ErasureSubject & { erasureId: string }, configuration: WorkspaceConfiguration, { tombstones, newId }: StartErasureOptions, now: number): Promise<{ row: ErasureRow; lanes: string[] }> {
  const { workspaceId, requestId, identities } = subject;
  const asked = identities.map(identityKey);
  const own = [...(await loadPeople(tx, configuration, (await findAsking(tx, subject)).map(({ profileId }) => profileId), now)).values()];
  const { strangers, lanes } = await releaseClaims(tx, { asked, own }, configuration, { now, newId });
  const people = [...own, ...strangers];
  const profileIds = [...new Set(people.flatMap(({ profile }) => [profile.profileId, ...profile.mergedFrom]))];
  const allKeys = [...new Set([...asked, ...people.flatMap(({ profile }) => [...profile.identities.map(identityKey), ...profile.verifiedKeys]), ...(await tx.findIdentityKeys(workspaceId, profileIds))])];
  // Events of others, what was refused and what comes from it are theirs; before the rows go, those that were the person's first are another's.
  const shared = await findShared(tx, workspaceId, allKeys, profileIds);
  await tx.shareIdentities(workspaceId, shared);
  const identityKeys = allKeys.filter((key) => !shared.has(key));
  await tx.insertTombstones(workspaceId, identityKeys.map((key) => tombstones.digest(workspaceId, key)), tombstones.keyId, now);
  await meetNewcomers(tx, workspaceId, identityKeys, erasureId, now);
  const takenOver = await forgetElsewhere(tx, { people, profileIds, identityKeys }, configuration, tombstones);

  const counts = new LedgerCounts();
  const { recipients, deliveries } = await tellRecipients(tx, people, { takenOver, configuration, erasureId, now });
  for (const { connectionId, createdAt } of deliveries) counts.add(connectionId, createdAt, 'deliveries');
  await tx.insertDeliveries(deliveries);
  await tx.insertLedger(workspaceId, counts.list());
  await tx.insertStepCounts(endRuns(await tx.findWaitingRuns(workspaceId, profileIds), configuration).list(workspaceId), now);
  const removed = await tx.removePeople(workspaceId, profileIds, identityKeys);
  const row: ErasureRow = {
    erasureId, workspaceId, requestId, startedAt: now, profileIds, identityKeys, people: people.map(({ profile: { profileId: id, subjectKey, mergedFrom } }) => ({ profileId: id, subjectKey, mergedFrom })),
    step: 'inbox', cursor: null, counts: { tombstones: identityKeys.length, ...removed }, held: [], recipients, removedAt: null, finishedAt: null, manualSince: recipients.some(({ status }) => status === 'manual') ? now : null, dueAt: now,
  };
  await tx.insertErasure(row);
  if (configuration.changes !== undefined && profileIds.length > 0) await tx.insertChangeBlock(removedBlock(workspaceId, erasureId, profileIds, requestId === null ? [] : [causeOf('request')], configuration.changes, now));
  return { row, lanes };
}

/** Takes asked identities that somebody else has only claimed off them, each to a profile of its own, which is the one to be erased. */
async function releaseClaims(tx: StoreTransaction, { asked, own }: { asked: readonly string[]; own: readonly PersonWork[] }, configuration: WorkspaceConfiguration, { now, newId }: { now: number; newId(): string }): Promise<{ strangers: PersonWork[]; lanes: string[] }> {
  const { workspaceId } = configuration;
  const owners = await tx.findIdentities(workspaceId, asked);
  const holders = await loadPeople(tx, configuration, [...owners.values()], now);
  const ownIds = new Set(own.map(({ profile }) => profile.profileId));
  const claimants = new Map<PersonWork, string[]>();
  for (const [key, owner] of owners) {
    const holder = holders.get(owner);
    if (holder === undefined || ownIds.has(holder.profile.profileId) || isNamedBy(holder.profile, key)) continue;
    claimants.set(holder, [...(claimants.get(holder) ?? []), key]);
  }
  const strangers: PersonWork[] = [];
  const consentRecords: ConsentRecord[] = [];
  for (const [claimant, gone] of claimants) {
    const released = await releaseIdentities(tx, claimant, { gone, actor: { kind: 'admin' }, cause: causeOf('request'), causeEventId: null, now, newId });
    strangers.push(...released.strangers.map(({ to }) => to));
    consentRecords.push(...released.refusals);
  }
  if (claimants.size === 0) return { strangers, lanes: [] };
  return { strangers, lanes: await writePeople(tx, { configuration, people: [...claimants.keys(), ...strangers], occurrences: [], consentRecords, output: newWorkOutput(), counts: new LedgerCounts(), now }) };
}

/** What recipients are told with. */
interface Telling {
  /** What they got of others. */
  takenOver: readonly Pick<DisclosureRow, 'connectionId' | 'action'>[];
  configuration: WorkspaceConfiguration;
  erasureId: string;
  now: number;
}

/** Well over what a send takes. Of one person it goes ahead of an erase; of another, whose identity it was, it may be on its way still, and would bring the identity back. */
const AFTER_SENDS_MS = 60_000;

/** What is pending may be on its way to a recipient that has nothing yet: it is told as well. What waits for another try, or at a gate, is brought forward, to come to its end now. */
async function tellRecipients(tx: StoreTransaction, people: readonly PersonWork[], telling: Telling): Promise<{ recipients: ErasureRecipient[]; deliveries: DeliveryRow[] }> {
  const recipients: ErasureRecipient[] = [];
  const deliveries: DeliveryRow[] = [];
  for (const person of people) {
    const { workspaceId, profileId, mergedFrom } = person.profile;
    const ids = [profileId, ...mergedFrom];
    const pending = await tx.findPendingData(workspaceId, ids);
    await tx.updateDeliveries([...pending, ...(await tx.findPendingRemovals(workspaceId, ids))].map(({ deliveryId, state, reason, attempt }) => ({ deliveryId, state, reason, attempt, dueAt: telling.now })));
    const { left, others } = await withoutAnothers(tx, person, await tx.findDisclosures(workspaceId, ids), telling.configuration);
    recipients.push(...others.map((place) => ({ ...tell(person, place, telling).recipient, deliveryId: null, status: 'cannot-erase' as const, reason: MERGED_THERE })));
    const got: Pick<DisclosureRow, 'connectionId' | 'action' | 'purposes'>[] = [
      ...left, ...pending.filter((row) => !others.some(({ connectionId, action }) => connectionId === row.connectionId && action === row.action)).map(({ connectionId, action, purpose }) => ({ connectionId, action, purposes: [purpose] })),
    ];
    for (const place of new Map(got.map((one) => [JSON.stringify([one.connectionId, one.action]), one])).values()) {
      const told = tell(person, place, telling);
      recipients.push(told.recipient);
      if (told.delivery !== null) deliveries.push(told.delivery);
    }
  }
  return { recipients, deliveries };
}

/** What recipients got by what leads to somebody else's record there names the person no more: it would be that one's record that is erased. `others`: those who got nothing else. */
async function withoutAnothers(tx: StoreTransaction, { profile }: PersonWork, rows: readonly DisclosureRow[], { destinations, identityRules }: WorkspaceConfiguration): Promise<{ left: DisclosureRow[]; others: DisclosureRow[] }> {
  const left: DisclosureRow[] = [];
  const met: DisclosureRow[] = [];
  for (const row of rows) {
    const connection = destinations.get(row.connectionId);
    const taken = connection === undefined ? null : takenThere(profile, connection, identityRules);
    const gone = row.identifiers.filter((identifiers) => taken?.names(identifiers) === true);
    if (gone.length > 0) await tx.removeDisclosed(row, gone);
    (gone.length > 0 && gone.length === row.identifiers.length ? met : left).push(row);
  }
  const isSame = (one: DisclosureRow, other: DisclosureRow): boolean => one.connectionId === other.connectionId && one.action === other.action;
  return { left, others: met.filter((row, index) => !left.some((one) => isSame(one, row)) && met.findIndex((one) => isSame(one, row)) === index) };
}

function tell(person: PersonWork, { connectionId, action, purposes }: Pick<DisclosureRow, 'connectionId' | 'action' | 'purposes'>, { takenOver, configuration: { workspaceId, destinations }, erasureId, now }: Telling): { recipient: ErasureRecipient; delivery: DeliveryRow | null } {
  const connection = destinations.get(connectionId);
  const destination = connection?.destinations[action];
  const operation: ErasureRecipient['operation'] = destination?.erase !== undefined ? 'erase' : destination?.removeMembers !== undefined ? 'removeMembers' : null;
  const known = { connectionId, action, name: connection?.name ?? null, kind: connection?.recipient ?? null, country: connection?.country ?? null, operation, reason: null, at: now };
  const { profileId, mergedFrom } = person.profile;
  if (action === LIST_EXPORT_ACTION) return { recipient: { ...known, deliveryId: null, status: 'manual', listedAs: [profileId, ...mergedFrom] }, delivery: null };
  if (operation === null) return { recipient: { ...known, deliveryId: null, status: 'cannot-erase' }, delivery: null };
  const { seq, createdAt } = nextPlace(person, now);
  const dueAt = takenOver.some((one) => one.connectionId === connectionId && one.action === action) ? now + AFTER_SENDS_MS : now;
  const deliveryId = `${workspaceId}|${stableId(workspaceId, 'erase', erasureId, profileId, connectionId, action)}`;
  const delivery: DeliveryRow = {
    deliveryId, workspaceId, connectionId, action, operation, class: 'suppression', profileId, seq, purpose: purposes[0] ?? '', flowId: null, flowVersion: null, stepId: null, runId: null, eventId: null,
    segmentId: null, cause: 'erased', createdAt, dueAt, attempt: 0, state: 'pending', reason: null,
  };
  return { recipient: { ...known, deliveryId, status: 'pending' }, delivery };
}

/** Runs that wait are left by their steps as `erased`, so that a flow's numbers go on to add up. */
function endRuns(runs: readonly RunRow[], configuration: WorkspaceConfiguration): StepCounts {
  const counts = new StepCounts();
  for (const { flowId, flowVersion, resumeAtStep, wait } of runs) {
    const step = configuration.flow(flowId, flowVersion)?.compiled.definition.steps[resumeAtStep];
    // One that only comes to its step was not counted there yet.
    if (step !== undefined && wait !== null) counts.count(flowId, flowVersion, step.id, 'erased', 1);
  }
  return counts;
}
