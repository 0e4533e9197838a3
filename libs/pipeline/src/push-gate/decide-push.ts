import { FirsthandError } from '@firsthand/domain';
import type { Clock } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';
import { pushGateId, type PushDecision, type PushGateRow, type PushPlace } from './push-gate-row.js';

/** What a person decides on a held push. */
export interface PushVerdict extends Pick<PushDecision, 'as' | 'by'> {
  /** When the figures that they saw came to be so; null where there were none. */
  figuresAt: number | null;
}

/**
 * Decides on a held push. Approved, its segment is looked at once more and held against the figures that were seen: it goes, unless it has moved further beyond its limits meanwhile. Rejected, all that waits of it is given up,
 * and it stays held until the segment is within its limits again.
 *
 * @throws FirsthandError `NOT_FOUND`; `PUSH_NOT_HELD` for one that waits for nobody; `PUSH_MOVED` where the figures are others than those that were seen, or could not be had
 * @example await decidePush({ workspaceId, connectionId, segmentId }, { as: 'approved', by, figuresAt }, { store, clock })
 */
export function decidePush(place: PushPlace, { as, by, figuresAt }: PushVerdict, { store, clock }: { store: Pick<Store, 'transaction'>; clock: Clock }): Promise<PushGateRow> {
  return store.transaction(async (tx) => {
    const gateId = pushGateId(place);
    const gate = (await tx.findPushGates([gateId])).get(gateId);
    if (gate === undefined) throw new FirsthandError('NOT_FOUND');
    if (gate.state !== 'held' || gate.rejectedUpTo !== null) throw new FirsthandError('PUSH_NOT_HELD');
    const now = clock();
    const decision = { as, by, at: now };
    if (as === 'approved' && (gate.figures === null || gate.figures.at !== figuresAt || gate.breaches.some(({ kind }) => kind === 'not-computed'))) throw new FirsthandError('PUSH_MOVED');
    const next: PushGateRow = as === 'rejected' ? { ...gate, decision, rejectedUpTo: now, dueAt: now }
      : { ...gate, decision, state: 'asked', reference: { ...(gate.figures as NonNullable<PushGateRow['figures']>), at: now, isApproved: true }, dueAt: now };
    await tx.writePushGates([next]);
    return next;
  });
}
