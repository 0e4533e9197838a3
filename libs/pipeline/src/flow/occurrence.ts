import type { TriggerOccurrence } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { EventRow, RunRow } from '../ports/rows.js';

/** Something that happened to a person and may start runs, or wake those that wait. */
export interface Occurrence {
  person: PersonWork;
  occurrenceId: string | number;
  trigger: TriggerOccurrence;
  event: EventRow | null;
  /** Runs that wait for it go on, and none is started: it was released without leave to, or is a decision of before that holds again. */
  startsNone?: true;
}

/** A run whose time has come, taken in this transaction. */
export interface DueRun {
  run: RunRow;
  person: PersonWork;
  /** The event that started it; null where none did, or where it is gone. */
  event: EventRow | null;
}
