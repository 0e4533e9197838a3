import type { SyncMode } from '../audience/sync-mode.js';
import type { Mapping, MappingValue } from '../mapping/mapping.js';
import type { Condition, PropertyCondition, Span } from '../segment/condition.js';
import type { DayWindow } from './local-time.js';

/** What starts a run of a flow. `condition` is asked about the person at that moment; without it everybody is let in. */
export type FlowTrigger = (
  | { type: 'event'; name: string; where?: PropertyCondition[] }
  | { type: 'segment'; segmentId: string; on: 'entered' | 'left' | 'both' }
  | { type: 'profile'; fields?: string[] }
  /** A decision on a purpose for the brand itself; `refused` is a denial or a withdrawal. */
  | { type: 'consent'; purpose: string; on: 'granted' | 'refused' | 'both' }
  /**
   * Five cron fields, in the time zone given, else the workspace's. Starts a run of everybody for whom the condition holds and, with `anniversaryOf`, whose date in
   * that profile field returns on this day (29 February on the 28th in other years). It needs one of the two.
   */
  | { type: 'schedule'; cron: string; timeZone?: string; anniversaryOf?: string }
  /** `POST /admin/v1/flows/:id/trigger`. */
  | { type: 'api' }
  /** Of the host's own flows that keep a system equal: any of the fields has another value, the purpose was granted, or the system says something else than the profile. */
  | { type: 'sync'; fields: string[]; purpose: string }
) & { condition?: Condition };

/** The id of the step to go on with; null ends the run. Where it is left out, the step that follows in the list is next. */
export type NextStep = string | null;

interface Step {
  id: string;
  next?: NextStep;
}

/** Goes on where the condition holds, and ends the run where it does not. */
export interface FilterStep extends Step { type: 'filter'; condition: Condition }

/** Takes the first branch whose condition holds, else `else`. */
export interface BranchStep { id: string; type: 'branch'; branches: { condition: Condition; next: NextStep }[]; else?: NextStep }

/** Takes a branch by share, always the same one for a person; whom no share covers goes on with `next`. */
export interface SplitStep extends Step { type: 'split'; branches: { percent: number; next: NextStep }[] }

export interface DelayStep extends Step { type: 'delay'; span: Span }

/** Something that the person does, or a condition that comes to hold, whichever is first. With `sameKey` only an event counts that gives the run's own key, or has it at the path. */
export interface Awaited {
  event?: { name: string; where?: PropertyCondition[]; sameKey?: boolean | string };
  condition?: Condition;
}

/** Waits until something happens; after the timeout it goes on with `onTimeout`. */
export interface WaitUntilStep extends Step, Awaited {
  type: 'waitUntil';
  timeout: Span;
  onTimeout?: NextStep;
}

/** Waits for a time of day, in the person's time zone, else the one given, else the workspace's. */
export interface WindowStep extends Step, DayWindow { type: 'window'; timeZone?: string }

/** Sets a profile field, as the source `flow`, where no other source owns it more. Null unsets. */
export interface SetFieldStep extends Step { type: 'setField'; field: string; value: MappingValue }

/** Puts the person on a static list, by the id of its segment. Its segment is evaluated within moments, after the run. */
export interface AddToListStep extends Step { type: 'addToList'; segmentId: string }

/** Takes the person off a static list. */
export interface RemoveFromListStep extends Step { type: 'removeFromList'; segmentId: string }

export interface DeliverStep extends Step {
  type: 'deliver';
  connectionId: string;
  /** The destination capability, e.g. `upsert-contact`. */
  action: string;
  /** Destination field → value, over the context `{ profile, event, identities, segment, answers }`; overrides the destination's own defaults. */
  mapping?: Mapping;
  /** Defaults to the flow's. */
  purpose?: string;
  /** The channel on which the person notices it, e.g. `email`: caps and quiet hours of the channel apply. Left out for what nobody notices. */
  channel?: string;
  /** What to do where a cap or quiet hours stand against it; `postpone` when left out. */
  whenLimited?: 'postpone' | 'skip' | 'end';
  /** Of an action that keeps members: what it does to the audience; `mirror` when left out. */
  sync?: SyncMode;
}

/**
 * Asks a destination and waits for its answer; later steps read it as `{{answers.<id>.…}}` and by conditions on it. It is a delivery: consent, evidence, rate limit
 * and retries are those of every other one.
 */
export interface CallStep extends Step {
  type: 'call';
  connectionId: string;
  /** A destination capability that gives an answer. */
  action: string;
  /** As in a {@link DeliverStep}. */
  mapping?: Mapping;
  /** Defaults to the flow's. */
  purpose?: string;
  /** How long the answer is waited for, an hour when left out. */
  timeout?: Span;
  /** What to do without an answer, whatever the reason: no consent, a failure, the timeout. `exit` when left out. */
  onFailure?: 'exit' | 'continue';
}

/** Ends the run with its goal reached. */
export interface GoalStep { id: string; type: 'goal'; name: string }

/** Ends the run. */
export interface ExitStep { id: string; type: 'exit' }

/** One step. Ids are unique within the flow and never reused: delivery ids are made from them. */
export type FlowStep = FilterStep | BranchStep | SplitStep | DelayStep | WaitUntilStep | WindowStep | SetFieldStep | AddToListStep | RemoveFromListStep | DeliverStep | CallStep | GoalStep | ExitStep;

/** Whether who was in the flow comes in again: never, not while a run waits, or only so long after the last start. */
export type Reentry = 'never' | 'one-at-a-time' | { after: Span };

/** An immutable, published version of a flow. */
export interface FlowDefinition {
  flowId: string;
  version: number;
  name: string;
  purpose: string;
  trigger: FlowTrigger;
  steps: FlowStep[];
  /** Whether imports, released records and events older than 24 h start runs too. */
  acceptsHistorical: boolean;
  /** A template over `{ event }`, e.g. `{{event.properties.cartId}}`: re-entry is judged per key, and an event without one starts nothing. */
  key?: string;
  /** Always, when left out. */
  reentry?: Reentry;
  /** What the flow is for: a run ends with it reached, at whatever step it waits. Nobody comes in for whom its condition holds already. */
  goal?: Awaited & { name: string };
  /** What ends a run, at whatever step it waits. Nobody comes in for whom its condition holds. */
  exit?: Awaited;
}
