import { changeSets, type MembershipState } from './member-set.js';

/** A request that the recipient has taken. */
export interface MembershipConfirmation {
  deliveryId: string;
  /** In: of the payload that was sent; null for out. */
  digest: string | null;
  /** Epoch ms. */
  at: number;
}

/**
 * Notes what a recipient has confirmed, at the sets that this very delivery left open. What another one has opened meanwhile stays open: which of the two came
 * first nobody knows.
 *
 * @example confirmMembership(states, { deliveryId, digest, at: settledAt })
 */
export function confirmMembership(states: readonly MembershipState[], { deliveryId, digest, at }: MembershipConfirmation): MembershipState[] {
  return changeSets(states, (set) => {
    if (set.state !== 'open' || set.deliveryId !== deliveryId) return set;
    return digest === null ? { ...set, state: 'out', at, holders: [] } : { ...set, state: 'in', digest, at };
  });
}
