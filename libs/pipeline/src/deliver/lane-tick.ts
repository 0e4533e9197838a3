import { loadPeople } from '../person/load-people.js';
import { withErased } from '../erasure/erased-people.js';
import { groupBy } from '../group-by.js';
import { LedgerCounts, type PersonWork } from '../person/person-work.js';
import { arrivalsOf, freshnessOf } from '../freshness/arrivals.js';
import { changeOriginOf, type ChangeOrigin } from '../freshness/change-origin.js';
import type { Arrival } from '../freshness/freshness-counts.js';
import { findKeptEvents } from '../retention/forget-person.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, DisclosureRow, EventRow, EvidenceBlock, EvidenceItem, InFlightBlock, LaneHealth, LaneLease, OutcomeItem, RunRow } from '../ports/rows.js';
import type { DeliveryUpdate, StoreTransaction } from '../ports/store.js';
import { isTakeBack } from '../ports/take-back-causes.js';
import { answerCalls, needsRun, type EndedDelivery } from './answer-calls.js';
import { decideDelivery, type Cleared, type Ended } from './decide-delivery.js';
import { AudienceBook } from './audience-book.js';
import { nextBlock } from './evidence-chain.js';
import { LANE_LEASE_MS } from './lane-lease.js';
import { isNamedUnderWay } from './named-under-way.js';
import { isNews } from './disclosure-news.js';
import type { InFlightBlocks } from './in-flight-blocks.js';
import { rowsPutOff } from './put-off.js';
import { RETRY_HORIZON_MS, retryDelayMs } from './retry-delay.js';
import { removalAtLane } from './removal-at-lane.js';
import { findReturned } from './returned-members.js';
import { changesMembership, comesTooLate, rowAtLane } from './row-at-lane.js';
import { saltsOf } from './salts-of.js';
import { PushGates } from '../push-gate/push-gates.js';
import { heldAtGate } from '../push-gate/push-gate-row.js';
import { settleContacts } from './settle-contacts.js';
import type { Settled } from './settled.js';
import { openSyncs } from '../sync/open-syncs.js';

/** What a decision round of a lane is about. */
export interface LaneRound {
  lease: LaneLease;
  connection: DestinationConnection;
  configuration: WorkspaceConfiguration;
  settled: readonly Settled[];
  due: readonly DeliveryRow[];
  /** Where they are not: all that the transaction makes for the lane. */
  planned?: readonly DeliveryRow[];
  /** Whether the due rows are stored as pending; else this transaction makes them, and what can goes out in flight. */
  areStored: boolean;
  /** What is in flight, with the settled rows. */
  inFlight: InFlightBlocks;
  /** What has not come back: who has become one with one of its people waits for it, and so does what takes out what it names. */
  underWay: readonly ClearedRow[];
  /** Where what is known of the destination has changed. */
  health?: LaneHealth | undefined;
  evaluatedAt: number;
  random(): number;
}

/** The people and events of the due rows, by the ids that the rows carry. */
export interface LaneReading {
  people: ReadonlyMap<string, PersonWork>;
  events: ReadonlyMap<string, EventRow>;
  /** Of the rows that `needsRun` says it of. */
  runs: ReadonlyMap<string, RunRow>;
}

/** A row that may be sent. */
export interface ClearedRow {
  row: DeliveryRow;
  cleared: Cleared;
  blockId: string | null;
  /** What its freshness is measured from; null where none is. */
  origin: ChangeOrigin | null;
}

export interface LaneDecisions {
  cleared: ClearedRow[];
  /** What of the cleared rows is in flight, and in no row of the outbox. */
  block: InFlightBlock | null;
  /** Rows that go nowhere. */
  ended: { row: DeliveryRow; state: Ended['state']; reason: string }[];
  /** Rows that wait: the gate of their segment is shut, their flow is paused, or it is night where their person is. */
  held: DeliveryUpdate[];
  /** Whose rows wait behind one of theirs under another id, by profile id, and until when: they are not decided. */
  behind?: ReadonlyMap<string, number>;
  /** What was written down of the sends that came back. */
  outcomes: OutcomeItem[];
  /** How soon those were confirmed that were delivered. */
  arrivals: Arrival[];
  /** The chain's new head, to go on from when the transaction has committed. */
  head: { seq: number; hash: string; health?: LaneHealth };
}

/**
 * One transaction of a lane: proves the lease, writes down the outcomes that came back, decides the rows that are due on the consent as
 * it is now, and writes their evidence ahead of the send, as one block of the chain.
 */
export async function laneTick(tx: StoreTransaction, { clock, ...given }: Omit<LaneRound, 'evaluatedAt'> & { clock(): number }): Promise<LaneDecisions> {
  const { lease: { workspaceId }, due, configuration } = given;
  const counts = new LedgerCounts();
  const profileIds = due.map(({ profileId }) => profileId);
  const people = await withErased(tx, workspaceId, await loadPeople(tx, configuration, profileIds, clock()), profileIds);
  // Later than all that the transaction sees, as far as the clocks of processes agree: by this it is told from what came after it.
  const round = { ...given, evaluatedAt: clock() };
  const events = await findKeptEvents(tx, due.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])), people, configuration, round.evaluatedAt);
  const runIds = due.flatMap((row) => (row.runId !== null && needsRun(row, configuration) ? [row.runId] : []));
  const runs = new Map((runIds.length === 0 ? [] : await tx.findRuns(runIds)).map((run) => [run.runId, run]));
  const strays = due.flatMap((row) => strayOf(row, people, events) ?? []);
  const theirs = oneOfEach(due, people, round.underWay).filter(({ deliveryId }) => !strays.some((stray) => stray.deliveryId === deliveryId));
  const behind = await findBehind(tx, round, theirs, people);
  const own = theirs.filter(({ profileId }) => !behind.has(profileId));
  const decisions = await decideRound(tx, own.length === due.length ? round : { ...round, due: own }, { people, events, runs }, counts);
  await tx.updateDeliveries([...strays, ...decisions.ended.map(({ row: { deliveryId, attempt, dueAt }, state, reason }) => ({ deliveryId, state, reason, attempt, dueAt })), ...decisions.held]);
  await tx.insertLedger(workspaceId, counts.list());
  return { ...decisions, behind };
}

/** Who has a row that waits for another try under another of their ids, and until when: theirs go out in their order, also over a merge. What takes something back waits for none. */
async function findBehind(tx: StoreTransaction, { lease, evaluatedAt }: LaneRound, rows: readonly DeliveryRow[], people: ReadonlyMap<string, PersonWork>): Promise<ReadonlyMap<string, number>> {
  const othersOf = ({ profileId }: DeliveryRow): string[] => idsOf(people.get(profileId)).filter((id) => id !== profileId);
  const merged = rows.filter((row) => !isTakeBack(row) && othersOf(row).length > 0);
  if (merged.length === 0) return new Map();
  const waiting = await tx.findWaitingPeople(lease, merged.flatMap(othersOf), evaluatedAt);
  return new Map(merged.flatMap((row): [string, number][] => {
    const until = Math.max(0, ...othersOf(row).map((id) => waiting.get(id) ?? 0));
    return until === 0 ? [] : [[row.profileId, until]];
  }));
}

/** The first row of each person, under whichever of their ids, and none of whom something is under way: a person's rows go out one after the other. The rest is found again. */
function oneOfEach(due: readonly DeliveryRow[], people: ReadonlyMap<string, PersonWork>, underWay: readonly ClearedRow[]): DeliveryRow[] {
  const taken = new Set(underWay.map(({ row }) => row.profileId));
  return due.filter(({ profileId }) => {
    const ids = [profileId, ...idsOf(people.get(profileId))];
    if (ids.some((id) => taken.has(id))) return false;
    for (const id of ids) taken.add(id);
    return true;
  });
}

/** A row whose event was found to be another's, since those who were one are told apart: it is theirs from now on, and decided as theirs in the next round. */
function strayOf({ deliveryId, profileId, eventId, state, reason, attempt, dueAt }: DeliveryRow, people: ReadonlyMap<string, PersonWork>, events: ReadonlyMap<string, EventRow>): DeliveryUpdate | undefined {
  const [person, event] = [people.get(profileId), events.get(eventId ?? '')];
  if (person === undefined || event === undefined || idsOf(person).includes(event.profileId)) return undefined;
  return { deliveryId, state, reason, attempt, dueAt, profileId: event.profileId };
}

/** Who is put in again and is in: that takes back a removal ahead of it, which may wait at a gate. */
const MEANT_TO_STAY: ReadonlySet<string> = new Set(['already-confirmed', 'already-member']);

const TOO_LATE: Ended = { kind: 'end', state: 'cancelled', reason: 'segment-left', evidence: null };
const TOO_SOON: Ended = { kind: 'end', state: 'cancelled', reason: 'segment-entered-again', evidence: null };

/** Writes all of a round but the rows that ended and the counts: those are the caller's. What comes back of who was told apart meanwhile from whom it was sent for is theirs. */
export async function decideRound(tx: StoreTransaction, given: LaneRound, { people, events, runs }: LaneReading, counts: LedgerCounts): Promise<LaneDecisions> {
  const moved = await tx.keepInFlight(given.inFlight.without(given.settled));
  const round = moved.size === 0 ? given : { ...given, settled: given.settled.map((one) => ({ ...one, row: { ...one.row, profileId: moved.get(one.row.deliveryId) ?? one.row.profileId } })) };
  const { lease, connection, configuration, due, evaluatedAt } = round;
  const { workspaceId, connectionId } = lease;
  const updates: DeliveryUpdate[] = [];
  const landed: DeliveryRow[] = [];
  const outcomes = round.settled.map((settled) => {
    const { item, update } = settle(settled, round, counts);
    // `not-sent`: the row stays due as it is and is decided again.
    if (settled.blockId !== null) landed.push({ ...settled.row, ...update });
    else if (update !== null) updates.push(update);
    return item;
  });
  const everybody = [...new Set(due.flatMap(({ profileId }) => idsOf(people.get(profileId))))];
  const book = await AudienceBook.open(tx, lease, [
    ...round.settled.flatMap(({ membership }) => membership?.profileIds ?? []), ...due.flatMap((row) => (changesMembership(row, connection) ? idsOf(people.get(row.profileId)) : [])),
  ]);
  for (const settled of round.settled) book.settle(settled);
  const returned = await findReturned(tx, round, { people, events });
  const disclosures = groupBy(await tx.findDisclosures(workspaceId, everybody, connectionId), ({ profileId }) => profileId);
  const syncs = await openSyncs(tx, round, people);
  const salts = await saltsOf(tx, workspaceId, due.flatMap(({ profileId }) => people.get(profileId) ?? []));
  const putOff = rowsPutOff(due, people, configuration, evaluatedAt);
  const gates = await PushGates.open(tx, { ...round, due: due.filter(({ deliveryId }) => !putOff.has(deliveryId)) }, ({ profileId }) => idsOf(people.get(profileId)));
  const cleared: LaneDecisions['cleared'] = [];
  const ended: LaneDecisions['ended'] = [];
  const held: LaneDecisions['held'] = [];
  const evidence: EvidenceItem[] = [];
  const disclosed: DisclosureRow[] = [];
  for (const planned of due) {
    const person = people.get(planned.profileId);
    const own = idsOf(person).flatMap((profileId) => disclosures.get(profileId) ?? []).filter(({ action }) => action === planned.action);
    const atLane = rowAtLane(planned, connection);
    const row = person === undefined ? atLane : removalAtLane(atLane, { person, disclosures: own, connection, configuration, now: evaluatedAt });
    const decide = (one: DeliveryRow, event: EventRow | undefined): Cleared | Ended => decideDelivery(
      { row: one, person, event, run: one.runId === null ? undefined : runs.get(one.runId), disclosures: own, memberships: changesMembership(one, connection) ? book.of(one.action, idsOf(person)) : [], sync: syncs?.groundOf(one), connection, configuration, salt: salts.get(person?.profile.profileId ?? '') ?? '', now: evaluatedAt });
    const again = returned.get(row.deliveryId);
    const isBack = again !== undefined && isConfirmed(decide(rowAtLane(again.row, connection), again.event));
    const decision = comesTooLate(row, person) ? TOO_LATE : isBack ? TOO_SOON : decide(row, row.eventId === null ? undefined : events.get(row.eventId));
    // It stays as it is, and is found again.
    if (decision.kind === 'send' && row.class === 'suppression' && isNamedUnderWay(decision, round.underWay)) continue;
    if (decision.kind === 'send' || MEANT_TO_STAY.has(decision.reason)) {
      const waiting = putOff.get(row.deliveryId) ?? (gates.stops(row, person, idsOf(person)) ? heldAtGate(planned) : null);
      if (waiting !== null) {
        held.push(waiting);
        continue;
      }
    }
    book.put(row.action, decision.memberships ?? []);
    if (decision.sync !== undefined) syncs?.book.put(decision.sync);
    if (decision.evidence !== null) evidence.push(decision.evidence);
    if (decision.kind === 'end') {
      ended.push({ row: planned, state: decision.state, reason: decision.reason });
      counts.add(connectionId, row.createdAt, `${decision.state}.${decision.reason}`);
      continue;
    }
    if (decision.disclosure !== null && isNews(decision.disclosure, own)) disclosed.push(decision.disclosure);
    if (row !== planned) updates.push(row);
    syncs?.noteForgetting(row, decision.payloads, evaluatedAt);
    cleared.push({ row, cleared: decision, blockId: null, origin: changeOriginOf(row, events.get(row.eventId ?? '')) });
  }
  const back = endedBy(round.settled, outcomes);
  await answerCalls(tx, [...back, ...ended], evaluatedAt);
  // What a transaction makes and ends itself it has not counted.
  const unsent = [...back.filter(({ state }) => state !== 'delivered'), ...(round.areStored ? ended : [])].map(({ row }) => row);
  await settleContacts(tx, unsent, round.settled, configuration);
  const proof = nextBlock(lease, evaluatedAt, { evidence, outcomes });
  const head = { seq: proof.seq, hash: proof.hash, ...(round.health === undefined ? {} : { health: round.health }) };
  const block = round.areStored ? null : blockOf(cleared, proof);
  // What is decided now is sent under a whole lease, however long ago the last sign of life was.
  await tx.advanceLane(lease, { ...head, until: evaluatedAt + LANE_LEASE_MS });
  await tx.insertEvidence(proof);
  await tx.updateDeliveries(updates);
  await tx.insertDeliveries(landed);
  if (block !== null) await tx.insertInFlight(block);
  await tx.addDisclosures(disclosed);
  const arrivals = arrivalsOf(round.settled);
  const fresh = freshnessOf(lease, arrivals);
  if (fresh !== null) await tx.insertFreshness(fresh, evaluatedAt);
  await tx.writeAudienceMembers(book.changes());
  if (syncs !== undefined) await tx.writeSyncStates(syncs.book.changes());
  await gates.write(tx);
  return { cleared, block, ended, held, outcomes, arrivals, head };
}

/** Whether what the person would be put in with again is what the recipient has. */
function isConfirmed(decision: Cleared | Ended): boolean {
  return decision.kind === 'end' && decision.reason === 'already-confirmed';
}

/** The sends that came back for good. */
function endedBy(settled: readonly Settled[], outcomes: readonly OutcomeItem[]): EndedDelivery[] {
  return settled.flatMap(({ row, result }, index) => {
    const { outcome, reason } = outcomes[index] as OutcomeItem;
    if (outcome !== 'delivered' && outcome !== 'dead') return [];
    return [{ row, state: outcome, reason, answer: result.outcome === 'delivered' ? result.answer : undefined }];
  });
}

/** Rows that stand in no audience need be found by nobody but their lane, and by who asks what a person was sent: that is in the disclosures. */
function blockOf(cleared: ClearedRow[], { workspaceId, connectionId, seq }: EvidenceBlock): InFlightBlock | null {
  const held = cleared.filter(({ row }) => row.operation === 'send');
  if (held.length === 0) return null;
  const blockId = `${workspaceId}|${connectionId}|${seq}`;
  for (const one of held) one.blockId = blockId;
  return { blockId, workspaceId, connectionId, rows: held.map(({ row }) => row) };
}

function idsOf(person: PersonWork | undefined): string[] {
  return person === undefined ? [] : [person.profile.profileId, ...person.profile.mergedFrom];
}

/** What an outcome is written down as, and what it changes of the row. */
function settle({ row, sentAt, settledAt, result, exchange }: Settled, { evaluatedAt, random }: LaneRound, counts: LedgerCounts): { item: OutcomeItem; update: DeliveryUpdate | null } {
  const { deliveryId, attempt, createdAt, connectionId } = row;
  const reason = 'reason' in result ? result.reason : null;
  const shown = exchange === undefined ? {} : { exchange };
  const item: OutcomeItem = { deliveryId, attempt, sentAt, settledAt, outcome: result.outcome, reason };
  if (result.outcome === 'delivered') {
    counts.add(connectionId, createdAt, 'delivered');
    return { item, update: { deliveryId, state: 'delivered', reason: null, attempt, dueAt: row.dueAt } };
  }
  if (result.outcome === 'dead') {
    counts.add(connectionId, createdAt, `dead.${reason}`);
    return { item, update: { deliveryId, state: 'dead', reason, attempt, dueAt: row.dueAt, ...shown } };
  }
  if (result.outcome === 'retry') {
    const dueAt = evaluatedAt + retryDelayMs(attempt, result.retryAfterMs, random());
    if (dueAt > (row.retryFrom ?? createdAt) + RETRY_HORIZON_MS) {
      counts.add(connectionId, createdAt, `dead.retries-exhausted:${reason}`);
      return { item: { ...item, outcome: 'dead' }, update: { deliveryId, state: 'dead', reason: `retries-exhausted:${reason}`, attempt, dueAt: row.dueAt, ...shown } };
    }
    return { item, update: { deliveryId, state: 'pending', reason, attempt: attempt + 1, dueAt } };
  }
  return { item, update: null };
}

