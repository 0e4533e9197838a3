import type { ConsentRecord } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { LaneVisit } from '../deliver/lane-visit.js';
import type { ChangeCause } from '../changes/change-cause.js';
import { changeBlockOf } from '../changes/changes-of.js';
import { noteAgreed } from '../consent/note-agreed.js';
import { readLedgers, refold } from '../consent/person-ledger.js';
import { moveSegments, type MembershipChange } from './move-segments.js';
import { nextVersion, type LedgerCounts, type PersonWork, type WorkOutput } from './person-work.js';
import { removeFromAudiences } from './remove-from-audiences.js';
import type { DueRun, Occurrence } from '../flow/occurrence.js';
import { runFlows } from '../flow/run-flows.js';
import { hurryTakeBacks, takeBack } from './take-back.js';

/** What is left to do and write for the people of one transaction. */
export interface PeopleWrite {
  configuration: WorkspaceConfiguration;
  people: readonly PersonWork[];
  /** Event and profile occurrences; those of segments are added here. */
  occurrences: Occurrence[];
  /** Runs whose time has come. */
  dueRuns?: readonly DueRun[];
  consentRecords: readonly ConsentRecord[];
  output: WorkOutput;
  counts: LedgerCounts;
  now: number;
  /** From where all comes that nothing closer is known of, for those who follow changes. */
  cause?: ChangeCause;
  /** What has to be made good of what recipients have, once everybody is in their segments; is given what else goes out. */
  corrections?: (planned: readonly DeliveryRow[]) => Promise<DeliveryRow[]>;
  /** Lanes that may decide the new deliveries at once. */
  visit?: LaneVisit;
}

/**
 * The common end of every transaction that changes people: memberships, removals, flow runs, and all rows. Returns the destination connections to ring.
 * Each profile is written once.
 */
export async function writePeople(tx: StoreTransaction, work: PeopleWrite): Promise<string[]> {
  const { configuration, people, output, counts, now } = work;
  const { workspaceId } = configuration;
  await refoldMarked(tx, workspaceId, people);
  const moves: MembershipChange[] = [];
  for (const person of people) {
    for (const change of moveSegments(person, configuration, now, work)) {
      moves.push(change);
      output.events.push(change.event);
      work.occurrences.push({ person, occurrenceId: change.changeId, trigger: { kind: 'segment', segmentId: change.segmentId, on: change.on, ...pastOf(person) }, event: change.event, ...silenceOf(person) });
    }
  }
  output.deliveries.push(...(await removeFromAudiences(tx, moves, configuration, now)));
  output.deliveries.push(...(await takeBack(tx, people, configuration, now)));
  for (const person of people) work.occurrences.push(...consentOccurrences(person));
  await runFlows(tx, { configuration, people, occurrences: work.occurrences, dueRuns: work.dueRuns ?? [], now, output });
  output.deliveries.push(...((await work.corrections?.(output.deliveries)) ?? []));
  for (const { connectionId, createdAt } of output.deliveries) counts.add(connectionId, createdAt, 'deliveries');

  const touched = people.filter((person) => person.isTouched);
  for (const person of touched) person.profile.version = nextVersion(person);
  const toWrite = ({ profile, dueAt }: PersonWork) => ({ profile, dueAt });
  await tx.writeProfiles({ inserted: touched.filter(({ isNew }) => isNew).map(toWrite), updated: touched.filter(({ isNew }) => !isNew).map(toWrite), deleted: [] });
  await noteAgreed(tx, workspaceId, touched.filter(({ areConsentsChanged, ledger }) => areConsentsChanged || ledger !== undefined));
  await tx.writeConsentStates(workspaceId, new Map(people.filter((person) => person.areConsentsChanged).map((person) => [person.profile.profileId, person.consents])));
  await tx.insertConsentRecords(work.consentRecords);
  await tx.insertEvents(output.events);
  const hurried = await hurryTakeBacks(tx, people, workspaceId, now);
  const { toRing, inFlight } = await decideNow(tx, work);
  await tx.insertDeliveries(output.deliveries.filter(({ deliveryId }) => !inFlight.has(deliveryId)));
  await tx.insertRuns(output.runs);
  await tx.replaceRuns(output.movedRuns);
  await tx.writeFlowEntries(output.flowEntries);
  await tx.insertContacts(contactsOf(output));
  await tx.insertStepCounts(output.stepCounts.list(workspaceId), now);
  const told = configuration.changes === undefined ? undefined : changeBlockOf(workspaceId, touched, work, configuration.changes, now);
  const areTold = new Set(told?.changes.map(({ profileId }) => profileId));
  await tx.insertChanges(touched.map(({ profile, changedFields, membershipChanges }) => ({
    workspaceId, profileId: profile.profileId, version: profile.version, at: now, changedFields: [...changedFields], memberships: membershipChanges.map(({ segmentId, isMember }) => ({ segmentId, isMember })), ...(told !== undefined && areTold.has(profile.profileId) ? { blockId: told.blockId } : {}),
  })));
  if (told !== undefined) await tx.insertChangeBlock(told);
  await tx.insertLedger(workspaceId, counts.list());
  return [...new Set([...toRing, ...hurried])];
}

/** What the older fold had let stand and this one does not is taken back with all that follows, as any refusal is. */
async function refoldMarked(tx: StoreTransaction, workspaceId: string, people: readonly PersonWork[]): Promise<void> {
  const marked = people.filter(({ profile }) => profile.mustRefold === true);
  await readLedgers(tx, workspaceId, marked);
  for (const person of marked) {
    refold(person);
    delete person.profile.mustRefold;
    person.isTouched = true;
  }
}

/** A message that was ended at once reaches nobody, and is not counted. */
function contactsOf({ contacts, deliveries }: WorkOutput): WorkOutput['contacts'] {
  if (contacts.length === 0) return [];
  const ended = new Set(deliveries.filter(({ state }) => state !== 'pending').map(({ deliveryId }) => deliveryId));
  return contacts.filter(({ contactId }) => !ended.has(contactId));
}

/** A decision and what revises it may come in one transaction: each is an occurrence. It started its flows when it was made, and starts none when it is found again. */
function consentOccurrences(person: PersonWork): Occurrence[] {
  return person.consentChanges.map(({ recordId, isFoundAgain, ...change }) => ({
    person, occurrenceId: recordId, trigger: { kind: 'consent', ...change, ...pastOf(person) }, event: null, ...(isFoundAgain === true ? { startsNone: true } : silenceOf(person)),
  }));
}

function pastOf({ touchedBy }: PersonWork): { isHistorical: boolean } {
  return { isHistorical: touchedBy === 'historical' || touchedBy === 'released' };
}

function silenceOf({ touchedBy }: PersonWork): { startsNone?: true } {
  return touchedBy === 'released' ? { startsNone: true } : {};
}

/** Gives the new rows to the lanes that can decide them here, before they are inserted. */
async function decideNow(tx: StoreTransaction, { visit, people, output, counts }: PeopleWrite): ReturnType<LaneVisit['decide']> {
  if (visit === undefined) return { toRing: [...new Set(output.deliveries.map(({ connectionId }) => connectionId))], inFlight: new Set() };
  const reading = { people: new Map(people.map((person) => [person.profile.profileId, person])), events: new Map(output.events.map((event) => [event.eventId, event])), runs: new Map() };
  return visit.decide(tx, output.deliveries, reading, counts);
}
