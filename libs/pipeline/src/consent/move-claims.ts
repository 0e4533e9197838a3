import { isPersonal as isPersonalNamespace, parseIdentityKey, releaseIdentity, stableId, unionIdentities, type Profile } from '@firsthand/domain';
import type { ChangeCause } from '../changes/change-cause.js';
import { nextVersion, type PersonWork } from '../person/person-work.js';
import type { IdentityMoveRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';

/** An identity that goes from who only claimed it to who has proven it. */
export interface ClaimMove {
  /** `namespace|value`. */
  key: string;
  from: PersonWork;
  to: PersonWork;
  causeEventId: string | null;
  /** Null where nobody knows. */
  cause: ChangeCause | null;
}

/** Whether an identity of a profile is only claimed: it came over a public key, and no verified record has named it. */
export function isClaim({ verifiedKeys }: Pick<Profile, 'verifiedKeys'>, key: string): boolean {
  return isPersonal(key) && !verifiedKeys.includes(key);
}

/** Whether a profile has an identity that a verified record named; a device alone proves nobody. */
export function isProven({ verifiedKeys }: Pick<Profile, 'verifiedKeys'>): boolean {
  return verifiedKeys.some(isPersonal);
}

function isPersonal(key: string): boolean {
  return isPersonalNamespace(parseIdentityKey(key).namespace);
}

/**
 * Moves identities, takes off those who had them what came with the claim, and keeps the journal. An identity that came to a person with a merge goes from whom it was given to: what was refused under it is theirs, also
 * when the merge is taken back.
 */
export async function moveClaims(tx: StoreTransaction, workspaceId: string, moves: readonly ClaimMove[], now: number): Promise<void> {
  if (moves.length === 0) return;
  const owners = await tx.findIdentities(workspaceId, moves.map(({ key }) => key));
  // One that stands in a profile alone, as erasures of others left devices behind once, is its own first.
  await tx.insertIdentities(workspaceId, new Map(moves.filter(({ key }) => !owners.has(key)).map(({ key, from }) => [key, from.profile.profileId])), now);
  const rows: IdentityMoveRow[] = [];
  for (const { key, from, to, causeEventId, cause } of moves) {
    const owner = owners.get(key);
    const ids = { from: owner !== undefined && from.profile.mergedFrom.includes(owner) ? owner : from.profile.profileId, to: to.profile.profileId };
    rows.push({
      moveId: `${workspaceId}|${stableId(workspaceId, 'move', key, ids.from, ids.to, from.storedVersion)}`, workspaceId, identityKey: key, ...ids, at: now, causeEventId,
      before: structuredClone(from.profile),
    });
    const fields = releaseIdentity(from.profile, key);
    for (const field of fields) from.changedFields.add(field);
    if (cause !== null) for (const [one, own] of [[from, fields], [to, []]] as const) one.causes.push({ cause, fields: own, identities: [key] });
    from.profile.version = nextVersion(from);
    from.isTouched = true;
    unionIdentities(to.profile.identities, [parseIdentityKey(key)]);
    to.isTouched = true;
    for (const { profile } of [from, to]) delete profile.evaluated;
  }
  await tx.moveIdentities(rows);
}
