import type { PersonWork, WorkOutput } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoreTransaction } from '../ports/store.js';
import type { DueRun, Occurrence } from './occurrence.js';
import { syncStarts } from '../sync/sync-starts.js';
import { readFlowFacts } from './read-flow-facts.js';
import { RunBook } from './run-book.js';

/** What happened to the people of one transaction, as flows see it. */
export interface FlowWork {
  configuration: WorkspaceConfiguration;
  people: readonly PersonWork[];
  occurrences: readonly Occurrence[];
  dueRuns: readonly DueRun[];
  now: number;
  output: WorkOutput;
}

/**
 * Goes on with the runs whose time has come, then with each occurrence in its turn: it wakes runs that wait for it, and starts new ones. What runs come to is
 * added to the output, and commits with everything else or not at all. Rules that keep systems equal come last: they follow what flows have set, too.
 */
export async function runFlows(tx: StoreTransaction, { configuration, people, occurrences, dueRuns, now, output }: FlowWork): Promise<void> {
  const starts = occurrences.map((occurrence) => ({ occurrence, flows: occurrence.startsNone === true ? [] : configuration.flows.filter(({ compiled }) => compiled.definition.trigger.type !== 'sync' && compiled.matches(occurrence.trigger)) }));
  const facts = await readFlowFacts(tx, { configuration, people, starts, dueRuns, now });
  const book = new RunBook(configuration, facts, now, output);
  for (const due of dueRuns) book.resumeDue(due);
  for (const { occurrence, flows } of starts) {
    book.wake(occurrence);
    for (const flow of flows) book.start(flow, occurrence);
  }
  book.lookAgain();
  for (const { flow, occurrence } of syncStarts(people, occurrences, configuration)) book.start(flow, occurrence);
  book.close();
}
