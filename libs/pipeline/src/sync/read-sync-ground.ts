import type { SyncRule } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { Store } from '../ports/store.js';
import type { SyncGround } from './decide-sync.js';
import { SyncBook } from './sync-book.js';

/** What the system of a rule is known to hold of a person, to try a write on: nothing is written, not even the salt of somebody who has none yet and of whom nothing is known. */
export function readSyncGround({ transaction }: Pick<Store, 'transaction'>, rule: SyncRule, person: PersonWork): Promise<SyncGround> {
  return transaction(async (tx) => {
    const reading = { findSyncStates: tx.findSyncStates, findSalts: tx.findSalts, insertSalts: () => Promise.resolve() };
    return { rule, book: await SyncBook.open(reading, person.profile.workspaceId, [rule.connectionId], [person]) };
  });
}
