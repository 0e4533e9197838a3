import { loadPeople } from '../person/load-people.js';
import { LedgerCounts, newWorkOutput } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import { findKeptEvents } from '../retention/forget-person.js';
import type { RunRow, Store } from '../ports/index.js';
import type { DueRows } from './sweep-due.js';

/** Runs of flows that time brings on. */
export function dueRuns(store: Store): DueRows<RunRow> {
  return {
    find: (now, limit) => store.findDueRuns(now, limit),

    work: (rows, configuration, clock) => store.transaction(async (tx) => {
      const now = clock();
      // As they stand in this transaction: another process may have gone on with them since they were found.
      const own = await tx.takeRuns(rows.map(({ runId }) => runId), now);
      const people = await loadPeople(tx, configuration, own.map(({ profileId }) => profileId), now);
      const events = await findKeptEvents(tx, own.flatMap(({ eventId }) => (eventId === null ? [] : [eventId])), people, configuration, now);
      const due = own.flatMap((run) => {
        const person = people.get(run.profileId);
        return person === undefined ? [] : [{ run, person, event: run.eventId === null ? null : (events.get(run.eventId) ?? null) }];
      });
      return writePeople(tx, { configuration, people: [...new Set(people.values())], occurrences: [], dueRuns: due, consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now });
    }),

    postpone: ({ runId }, now, until) => store.transaction(async (tx) => {
      await tx.insertRuns((await tx.takeRuns([runId], now)).map((run) => ({ ...run, dueAt: until })));
    }),
  };
}
