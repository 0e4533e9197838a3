import type { ConsentActor, ConsentDecision, ConsentMethod } from '@firsthand/domain';
import type { ChangeCause } from './change-cause.js';

/** What a change of a person may be of. */
export const CHANGE_KINDS = ['profile', 'consent', 'membership', 'identity'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A field that was set, and from where; `source` and `at` are null where it was taken away. */
export interface FieldChange {
  name: string;
  /** The connection that brought the value. */
  source: string | null;
  /** Event time, epoch ms. */
  at: number | null;
}

/** What stands of a purpose for one kind of recipient, separate consent or channel. */
export interface StandingChange {
  recipient: string;
  decision: ConsentDecision;
  method: ConsentMethod;
  /** The connection that brought the decision; null where it came by none. Absent from what was kept before this was, as `actor` is. */
  source?: string | null;
  /** Who told it; null where that was not noted. */
  actor?: ConsentActor['kind'] | null;
  /** Since when it has effect, epoch ms. */
  at: number;
}

/**
 * What changed. No value of the person is in it: whoever reads a change reads values from the profile, as far as their role shows them, so that what is erased, corrected or
 * kept no longer is in no copy of it.
 */
export type ChangeContent =
  | { kind: 'profile'; fields: FieldChange[] }
  /** All that stands of the purpose from now on; empty where nothing does any more. */
  | { kind: 'consent'; purpose: string; standings: StandingChange[] }
  | { kind: 'membership'; segmentId: string; isMember: boolean }
  | { kind: 'identity'; act: 'added' | 'released'; namespaces: string[] }
  /** `other` was merged into the person, or is somebody of their own again. */
  | { kind: 'identity'; act: 'merged' | 'unmerged'; other: string }
  /** The person was erased. */
  | { kind: 'identity'; act: 'removed' };

/** One change of one person. `version` is the profile's from then on: it grows with each transaction that changes them. `from`: all that brought it about; absent from what was kept before this was. */
export type PersonChange = { profileId: string; version: number; from?: ChangeCause[] } & ChangeContent;

/** The changes of one transaction, in their order. */
export interface ChangeBlock {
  blockId: string;
  workspaceId: string;
  /** Epoch ms. */
  at: number;
  keptUntil: number;
  changes: PersonChange[];
}

/** A webhook that is told of changes. */
export interface ChangeFeed {
  /** A destination with an address and a signing secret. */
  connectionId: string;
  /** Null for all. */
  kinds: readonly ChangeKind[] | null;
}

/** Whether a workspace keeps changes for those who read them, from when on, and for how long. */
export interface ChangeKeeping {
  /** When it was switched on, epoch ms: cursors of before lead nowhere, for what happened in between was not kept. */
  since: number;
  /** The number of the last change of before. */
  startsAfter: number;
  keptForDays: number;
  feeds: readonly ChangeFeed[];
}
