import { identityKey, type ConsentHistory, type ConsentScope, type ConsentState, type FoldChanges, type JsonObject, type Identity, type Profile } from '@firsthand/domain';
import type { ChangeCause, NotedCause } from '../changes/change-cause.js';
import { StepCounts } from '../flow/step-counts.js';
import type { ContactRow, DeliveryRow, EventRow, FlowEntryRow, LedgerEntry, RunRow } from '../ports/rows.js';

/** What kind of record touched a person, the weaker before the stronger. */
const TOUCHES = ['released', 'historical', 'live'] as const;
export type PersonTouch = (typeof TOUCHES)[number];

/** Of records of several kinds the one that counts: what is of now starts what it would start alone. */
export function strongerTouch(one: PersonTouch | null, other: PersonTouch): PersonTouch {
  return one !== null && TOUCHES.indexOf(one) > TOUCHES.indexOf(other) ? one : other;
}

/** One person while a transaction works on them: read once, changed in memory, written once. */
export interface PersonWork {
  profile: Profile;
  isNew: boolean;
  /** The version as stored; 0 for a new one. */
  storedVersion: number;
  consents: ConsentState;
  areConsentsChanged: boolean;
  /** What their consent state is folded from, once it was needed. */
  ledger?: ConsentHistory;
  /** The states of those who turned out to be this person: what is folded next is compared with them. Absent for nobody. */
  mergedConsents?: ConsentState[];
  /** Purpose → what was refused of it in this transaction: what was disclosed to those concerned is taken back. */
  refused: Map<string, Set<ConsentScope>>;
  /** Decisions for the brand's own use that changed in this transaction, in their order; `isFoundAgain`: nobody has decided, one of before holds again. */
  consentChanges: { purpose: string; on: 'granted' | 'refused'; recordId: string; isFoundAgain?: true }[];
  /**
   * What of that which conditions read was changed in this transaction: only the segments that read it are evaluated again. Whoever changes
   * such things otherwise takes `profile.evaluated` away, and all are.
   */
  changedFields: Set<string>;
  /** Stored keys of counters that were bumped. */
  countedKeys: Set<string>;
  changedPurposes: Set<string>;
  /** Static lists that the person was put on or taken off. */
  changedLists: Set<string>;
  areIdentitiesChanged: boolean;
  /** Whether records of now, or only imports and older ones, or only released ones that start no flow, touched the person in this transaction; null for what time or a decision brings. */
  touchedBy: PersonTouch | null;
  /** `from`: what moved them, where somebody follows changes. */
  membershipChanges: { segmentId: string; isMember: boolean; from?: readonly ChangeCause[] }[];
  /** By what the person was known before this transaction. */
  knownIdentities: readonly Identity[];
  /** Who became one with the person in this transaction, or is somebody of their own again, and the fields and memberships that came or went with them. */
  joins: { act: 'merged' | 'unmerged'; other: string; fields: readonly string[]; memberships: readonly { segmentId: string; isMember: boolean }[]; cause: ChangeCause }[];
  /** What has changed what of them in this transaction, for those who follow changes. */
  causes: NotedCause[];
  /** The next time-driven change, epoch ms. */
  dueAt: number | null;
  /** Whether anything happened that must be written. */
  isTouched: boolean;
  /** Set for somebody who was erased: only ids are left, for what tells recipients to erase them too. */
  isErased?: true;
}

/** Rows that people's work gives rise to. */
export interface WorkOutput {
  events: EventRow[];
  deliveries: DeliveryRow[];
  /** New ones. */
  runs: RunRow[];
  /** Runs that were read in this transaction, as they are now. */
  movedRuns: RunRow[];
  flowEntries: FlowEntryRow[];
  contacts: ContactRow[];
  stepCounts: StepCounts;
}

export function newWorkOutput(): WorkOutput {
  return { events: [], deliveries: [], runs: [], movedRuns: [], flowEntries: [], contacts: [], stepCounts: new StepCounts() };
}

export function newPersonWork(profile: Profile, consents: ConsentState, isNew: boolean): PersonWork {
  return {
    profile, isNew, storedVersion: profile.version, consents, areConsentsChanged: false, refused: new Map(), consentChanges: [], changedFields: new Set(),
    countedKeys: new Set(), changedPurposes: new Set(), changedLists: new Set(), areIdentitiesChanged: false, touchedBy: null,
    membershipChanges: [], knownIdentities: isNew ? [] : [...profile.identities], joins: [], causes: [], dueAt: null, isTouched: isNew,
  };
}

/** Everything under which a person was ever known. */
export function idsOf({ profile: { profileId, mergedFrom } }: Pick<PersonWork, 'profile'>): string[] {
  return [profileId, ...mergedFrom];
}

/** Whether identifiers that were sent are of a person: any of them is an identity of theirs. */
export function areOf(identifiers: JsonObject, { profile: { identities } }: Pick<PersonWork, 'profile'>): boolean {
  return identities.some(({ value }) => Object.values(identifiers).includes(value));
}

/** The version that all changes of this transaction get. */
export function nextVersion(person: PersonWork): number {
  return person.storedVersion + 1;
}

/**
 * Gives out the person's next place in the order of their deliveries. Lanes read by `createdAt`, then `seq`: a transaction that read its clock before another one,
 * or has a clock that is behind, must not get in front of it.
 */
export function nextPlace({ profile }: PersonWork, now: number): { seq: number; createdAt: number } {
  profile.seq += 1;
  profile.seqAt = Math.max(profile.seqAt ?? 0, now);
  return { seq: profile.seq, createdAt: profile.seqAt };
}

/** Notes what a fold has changed of what conditions read, and by what. */
export function noteFold(person: PersonWork, { changedFields, activityKeys, addedIdentities }: FoldChanges, cause: ChangeCause): void {
  person.causes.push({ cause, fields: changedFields, counters: activityKeys, identities: addedIdentities.map(identityKey) });
  for (const field of changedFields) person.changedFields.add(field);
  for (const key of activityKeys) person.countedKeys.add(key);
  if (addedIdentities.length > 0) person.areIdentitiesChanged = true;
}

const MINUTE_MS = 60_000;

/** The start of the minute that a time lies in; epoch ms. The ledger counts by it. */
export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** Adds up counts per connection and minute, to be inserted as one ledger row. */
export class LedgerCounts {
  private readonly entries = new Map<string, LedgerEntry>();

  /** Records that are no more what they were counted as, under the minute of their receipt. */
  static moved(rows: readonly { connectionId: string; receivedAt: number }[], from: string, to: string): LedgerCounts {
    const counts = new LedgerCounts();
    for (const { connectionId, receivedAt } of rows) {
      counts.add(connectionId, receivedAt, from, -1);
      counts.add(connectionId, receivedAt, to);
    }
    return counts;
  }

  add(connectionId: string, at: number, key: string, count = 1): void {
    const minute = minuteOf(at);
    const entryKey = `${connectionId}|${minute}`;
    let entry = this.entries.get(entryKey);
    if (entry === undefined) this.entries.set(entryKey, (entry = { connectionId, minute, counts: {} }));
    entry.counts[key] = (entry.counts[key] ?? 0) + count;
  }

  list(): LedgerEntry[] {
    return [...this.entries.values()];
  }
}
