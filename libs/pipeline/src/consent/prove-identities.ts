import { nextVersion, type PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import { foldIntoPerson } from './fold-into-person.js';

/** An identity that a verified channel has named as a person's. */
export interface Proof {
  person: PersonWork;
  /** `namespace|value`. */
  key: string;
  /** Whether it was another's claim until now: then it may have been decided on before, also where its person is new. */
  isMoved?: boolean;
}

/**
 * Notes proven identities on their people, and folds in what was only claimed for them until now: what their devices consented to counts
 * from here on. Nobody who is new can have claimed anything, unless it was taken from another.
 */
export async function proveIdentities(tx: StoreTransaction, workspaceId: string, proofs: readonly Proof[]): Promise<void> {
  const proven = new Map<string, PersonWork>();
  for (const { person, key, isMoved = false } of proofs) {
    if (person.profile.verifiedKeys.includes(key)) continue;
    person.profile.verifiedKeys.push(key);
    person.profile.version = nextVersion(person);
    if (!person.isNew || isMoved) proven.set(key, person);
  }
  if (proven.size === 0) return;
  const records = await tx.findConsentRecords(workspaceId, [...proven.keys()]);
  for (const record of records) if (!record.isVerified) foldIntoPerson(proven.get(record.identityKey) as PersonWork, record);
}
