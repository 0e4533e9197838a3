import { confirmMembership, type MembershipState } from '@firsthand/domain';
import type { AudienceMemberRow, LaneLease } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { Settled } from './settled.js';

/** What one round of a lane knows of memberships: read once, changed in memory by outcomes and decisions, written once. */
export class AudienceBook {
  /** By action and profile. */
  private readonly rows = new Map<string, AudienceMemberRow>();
  private readonly changed = new Set<string>();

  private constructor(private readonly lane: Pick<LaneLease, 'workspaceId' | 'connectionId'>) {}

  /** Reads what is known of these profiles at the lane; nothing where there are none. */
  static async open(tx: StoreTransaction, { workspaceId, connectionId }: LaneLease, profileIds: readonly string[]): Promise<AudienceBook> {
    const book = new AudienceBook({ workspaceId, connectionId });
    for (const row of await tx.findAudienceMembers(workspaceId, [...new Set(profileIds)], connectionId)) book.rows.set(keyOf(row.action, row.profileId), row);
    return book;
  }

  /** What the recipient has of these profiles by one action. */
  of(action: string, profileIds: readonly string[]): MembershipState[] {
    return profileIds.flatMap((profileId) => this.rows.get(keyOf(action, profileId)) ?? []);
  }

  /** Keeps what a decision has made of them; what is the same object is not written. */
  put(action: string, states: readonly MembershipState[]): void {
    for (const { profileId, sets } of states) {
      const key = keyOf(action, profileId);
      if (this.rows.get(key)?.sets === sets) continue;
      this.rows.set(key, { ...this.lane, action, profileId, sets });
      this.changed.add(key);
    }
  }

  /** Notes what the recipient has confirmed; what came to another end stays open. */
  settle({ row: { action, deliveryId }, settledAt, result, membership }: Settled): void {
    if (membership === undefined || result.outcome !== 'delivered') return;
    this.put(action, confirmMembership(this.of(action, membership.profileIds), { deliveryId, digest: membership.digest, at: settledAt }));
  }

  /** What is to be written. */
  changes(): AudienceMemberRow[] {
    return [...this.changed].map((key) => this.rows.get(key) as AudienceMemberRow);
  }
}

function keyOf(action: string, profileId: string): string {
  return `${action}|${profileId}`;
}
