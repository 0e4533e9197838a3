import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { Profile } from '../profile/profile.js';
import type { ActivityKey } from '../segment/tracked-activity.js';
import type { CompiledCondition } from '../segment/compile-condition.js';
import type { ConditionSubject } from '../segment/condition-subject.js';
import type { Contact, FlowSettings } from './contact-limits.js';
import type { NextStep } from './flow.js';

/** What a run keeps of the step at which it waits. Times in epoch ms. */
export interface StepWait {
  /** Since when: events of before do not end it. */
  since: number;
  /** When it goes on, whatever happens. */
  until: number;
  /** When to look again, where that is earlier. */
  lookAt?: number;
  /** Its flow was paused when it would have gone on: what happened meanwhile is looked for among the person's events. */
  wasPaused?: true;
  /** Of a call: the delivery that asks, and what came of it once something has. */
  call?: { deliveryId: string; result?: CallResult };
}

/** What came of a call: the answer as JSON text, or why there is none. */
export type CallResult = { ok: true; answer: string } | { ok: false; reason: string };

/** The run, as its steps see it. */
export interface RunFacts {
  flowId: string;
  profileId: string;
  /** Null where the flow has no key. */
  key: string | null;
  /** When that which started it happened. Epoch ms. */
  startedAt: number;
  /** When that which brought it to this step happened. Epoch ms. */
  since: number;
}

/** A run at a step. */
export interface StepVisit {
  run: RunFacts;
  subject: ConditionSubject & { profile: Pick<Profile, 'fields' | 'lists'> };
  now: number;
  /** What it left when it began to wait here; null when it comes here now. */
  wait: StepWait | null;
  /** The event that wakes it; null when time or the person's data do. */
  wokenBy: CanonicalRecord | null;
  /** The event that started the run; null where none did. */
  event: CanonicalRecord | null;
  /** Latest events of the person, in no order: of the names for which `sameKey` is asked, and of all that are waited for where the flow was paused. */
  recent: readonly CanonicalRecord[];
  settings: FlowSettings;
  /** Messages to the person as far back as any cap looks, those of this run included. */
  contacts: readonly Contact[];
}

/** What a step has come to. */
export type StepOutcome =
  /** `next` undefined: as the definition says. */
  | { kind: 'passed'; reason: string; next?: NextStep; effect?: StepEffect }
  | { kind: 'waiting'; reason: string; wait: StepWait }
  | { kind: 'ended'; as: RunEnd; reason: string };

/** What a step asks for. */
export type StepEffect = { delivers: true } | { sets: JsonValue | undefined } | { list: string; isListed: boolean } | { answers: JsonObject };

/** How a run ends: past its last step, at a filter or limit, at its goal, at an exit. */
export type RunEnd = 'ended' | 'stopped' | 'goal' | 'exited';

/** A step, compiled: a pure function of the run's state. */
export interface CompiledStep {
  visit(visit: StepVisit): StepOutcome;
  /** The conditions in it. */
  conditions: readonly CompiledCondition[];
  /** Counters that it reads besides those of its conditions. */
  activityKeys?: readonly ActivityKey[];
  awaits?: AwaitedNames;
}

/** The event that ends a wait (`*` any), whether it must have the run's key, and whether a condition ends it. */
export interface AwaitedNames {
  event: string | null;
  isKeyed: boolean;
  isCondition: boolean;
}
