import type { PushBreach, PushFigures, PushPass, PushReference } from '@firsthand/domain';
import type { DeliveryRow } from '../ports/rows.js';

/** What a person has decided on a held push. */
export interface PushDecision {
  as: 'approved' | 'rejected';
  /** Of the user or API key. */
  by: string;
  /** Epoch ms. */
  at: number;
}

/** The gate between a segment and a destination: whether its people may go there, and why not. */
export interface PushGateRow extends PushPass {
  /** `workspaceId|connectionId|segmentId`. */
  gateId: string;
  workspaceId: string;
  connectionId: string;
  segmentId: string;
  /** Grows with each write: who looked at the segment meanwhile writes nothing over what was decided. */
  version: number;
  /** How many were taken out since the segment was looked at. */
  removed: number;
  /** The first moment of figures that have not changed since is theirs. */
  figures: PushFigures | null;
  /** The figures of the last push that passed, or that a person approved. */
  reference: PushReference | null;
  /** The limits that are broken. */
  breaches: readonly PushBreach[];
  /** Since when it is held, epoch ms; null while it is not. */
  heldSince: number | null;
  /** When those who answer for it were told; null before. */
  toldAt: number | null;
  decision: PushDecision | null;
  /** Rows that were held are let go, a page at a time. */
  isReleasing: boolean;
  /** Rows that were held up to this time are given up, a page at a time; null for none. */
  rejectedUpTo: number | null;
  /** When a worker goes on with it; null for never. */
  dueAt: number | null;
}

/** Which push. */
export type PushPlace = Pick<PushGateRow, 'workspaceId' | 'connectionId' | 'segmentId'>;

/** The reason of a delivery that waits at its gate: it is pending, and due when it is let go. */
export const PUSH_HELD = 'push-held';
/** Until when it waits: later than anything else that is tried again. It is let go, or given up, long before. */
export const HELD_DUE_AT = Date.UTC(9998, 0);

/** What a row is that waits at its gate. It is found by its time, with those that were tried: in the queue of fresh rows many that are held would stand in the way. One that never was tried has a try counted. */
export function heldAtGate({ deliveryId, attempt }: Pick<DeliveryRow, 'deliveryId' | 'attempt'>): Pick<DeliveryRow, 'deliveryId' | 'state' | 'reason' | 'attempt' | 'dueAt'> {
  return { deliveryId, state: 'pending', reason: PUSH_HELD, attempt: Math.max(1, attempt), dueAt: HELD_DUE_AT };
}

/** The reason of one that was let go: its segment was looked at with it, so that it counts no more. */
export const PUSH_RELEASED = 'push-released';
/** The reason of one that was given up: a person has rejected its push. */
export const PUSH_REJECTED = 'push-rejected';

/** The id of a push's gate. */
export function pushGateId({ workspaceId, connectionId, segmentId }: PushPlace): string {
  return `${workspaceId}|${connectionId}|${segmentId}`;
}

/** A gate of which nothing is known: its segment is to be looked at. */
export function askedGate(place: PushPlace, allowance: number, now: number): PushGateRow {
  const { workspaceId, connectionId, segmentId } = place;
  return {
    gateId: pushGateId(place), workspaceId, connectionId, segmentId, version: 0, state: 'asked', allowance, removed: 0, figures: null, checkedAt: null, reference: null, breaches: [], heldSince: null, toldAt: null, decision: null,
    isReleasing: false, rejectedUpTo: null, dueAt: now,
  };
}
