import { encodeStoredKey, NAMESPACES, parseIdentityKey } from '@firsthand/domain';
import { nextVersion, type PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import { readLedgers, refold } from './person-ledger.js';

/** An identity that a verified channel has named as a person's. */
export interface Proof {
  person: PersonWork;
  /** `namespace|value`. */
  key: string;
}

/**
 * Notes proven identities on their people, and folds in what was only claimed for them until now: what their devices consented to counts
 * from here on.
 */
export async function proveIdentities(tx: StoreTransaction, workspaceId: string, proofs: readonly Proof[], now: number): Promise<void> {
  const proven = new Map<string, PersonWork>();
  for (const { person, key } of proofs) {
    const { profile } = person;
    if (profile.verifiedKeys.includes(key)) continue;
    profile.verifiedKeys.push(key);
    if (isDevice(key)) profile.provenAt = { ...profile.provenAt, [encodeStoredKey(key)]: now };
    profile.version = nextVersion(person);
    // Of whom nothing was ever recorded, the ledger is known to be empty.
    if (person.ledger === undefined || person.ledger.records.length > 0) proven.set(key, person);
  }
  if (proven.size === 0) return;
  const claimed = (await tx.findConsentRecords(workspaceId, [...proven.keys()])).filter(({ isVerified }) => !isVerified);
  const people = [...new Set(claimed.flatMap(({ identityKey }) => proven.get(identityKey) ?? []))];
  await readLedgers(tx, workspaceId, people);
  for (const person of people) refold(person);
}

function isDevice(key: string): boolean {
  return NAMESPACES.get(parseIdentityKey(key).namespace)?.isDevice ?? false;
}
