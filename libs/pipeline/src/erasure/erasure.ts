import type { RecipientKind } from '@firsthand/domain';
import type { ConfirmedByHand } from '../ports/rows.js';

/** What the removal of a person goes through, in this order; each step may run again. */
export const ERASURE_STEPS = ['inbox', 'events', 'named-events', 'quarantine', 'rows', 'consents', 'requests', 'recipients'] as const;
export type ErasureStep = (typeof ERASURE_STEPS)[number];

/** What is left of an erased profile until all recipients are told: random ids, by which what they got of it is found. */
export interface ErasedPerson {
  profileId: string;
  subjectKey: string;
  mergedFrom: string[];
}

/**
 * What became of telling a recipient. `removed`: it cannot erase, and has taken the person out. `not-needed`: it never got anything that could name the person. `cannot-erase`: neither is offered, or the
 * connection is gone: somebody has to tell it by hand. `manual`: it got a list as a file, and somebody has to ask it. `failed`: it refused for good, or for longer than it is asked.
 */
export type RecipientStatus = 'pending' | 'confirmed' | 'removed' | 'not-needed' | 'cannot-erase' | 'manual' | 'failed';

/** What a recipient may be at when somebody notes that it has done it: it could not be told, or refused. */
export const SETTLED_BY_HAND: readonly RecipientStatus[] = ['cannot-erase', 'manual', 'failed'];

/** A recipient that ever got, or may just be getting, anything of the person. */
export interface ErasureRecipient {
  connectionId: string;
  action: string;
  /** As the connection is called, and what it is; null where it is gone. */
  name: string | null;
  kind: RecipientKind | null;
  country: string | null;
  /** The delivery that tells it; null where there is none. */
  deliveryId: string | null;
  operation: 'erase' | 'removeMembers' | null;
  status: RecipientStatus;
  /** Why it failed; null otherwise. */
  reason: string | null;
  /** When the status was last found another one, epoch ms. */
  at: number;
  /** Of `manual`: what the list calls the person, so that they can be found in it. Random ids; gone once it is confirmed. */
  listedAs?: string[];
  /** Who has confirmed it, where no machine could. */
  byHand?: ConfirmedByHand;
}

/** What a legal hold has kept. */
export interface HeldCount {
  category: string;
  reason: string;
  /** Epoch ms. */
  until: number;
  rows: number;
}

/** The erasure of one person. After its end it holds nothing by which they could be found. */
export interface ErasureRow {
  /** `workspaceId|id`. */
  erasureId: string;
  workspaceId: string;
  /** Of the person's request; null where there was none. */
  requestId: string | null;
  /** Epoch ms: from here on nothing gives or takes anything of the person. */
  startedAt: number;
  /** By what rows of the person are found; empty once they are removed, the last delivery included. */
  profileIds: string[];
  identityKeys: string[];
  /** Empty once the recipients are told. */
  people: ErasedPerson[];
  step: ErasureStep;
  /** Where a step stands that goes through a whole collection. */
  cursor: string | null;
  /** Collection → how many rows went or were emptied. */
  counts: Record<string, number>;
  held: HeldCount[];
  recipients: ErasureRecipient[];
  /** When the person was out of everything of ours; null until then. */
  removedAt: number | null;
  /** When each recipient had been told, or could not be; null until then. */
  finishedAt: number | null;
  /** Since when recipients have to be asked by hand, epoch ms; null or left out where none has. */
  manualSince?: number | null;
  /** What those who answer for it were told of that last. */
  toldAs?: 'manual' | 'late';
  /** When a worker goes on with it; null when it is over and nothing of the person waits. */
  dueAt: number | null;
}

/** A row that one worker has taken. */
export interface ErasureLease {
  row: ErasureRow;
  fence: number;
}

/** Who was erased is known again by these alone. */
export interface Tombstones {
  /** Of the key that digests are made under. */
  keyId: string;
  digest(workspaceId: string, identityKey: string): string;
}
