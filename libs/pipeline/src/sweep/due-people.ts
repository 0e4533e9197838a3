import { loadPeople } from '../person/load-people.js';
import { LedgerCounts, newWorkOutput } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { Store } from '../ports/index.js';
import type { DueRows } from './sweep-due.js';

/** People whose segments change by time alone, or of whom something may be kept no longer. */
export function duePeople(store: Store): DueRows<{ workspaceId: string; profileId: string }> {
  return {
    find: (now, limit) => store.findDueProfiles(now, limit),
    work: (rows, configuration, clock) => store.transaction(async (tx) => {
      const now = clock();
      const people = [...new Set((await loadPeople(tx, configuration, rows.map(({ profileId }) => profileId), now)).values())];
      // Written even when nothing changed: the row gets its next due time.
      for (const person of people) person.isTouched = true;
      return writePeople(tx, { configuration, people, occurrences: [], consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now });
    }),
    postpone: ({ workspaceId, profileId }, _now, until) => store.transaction(async (tx) => {
      const profile = (await tx.findProfiles(workspaceId, [profileId])).get(profileId);
      // Nobody to postpone when merged away meanwhile.
      if (profile?.profileId === profileId) await tx.writeProfiles({ inserted: [], updated: [{ profile, dueAt: until }], deleted: [] });
    }),
  };
}
