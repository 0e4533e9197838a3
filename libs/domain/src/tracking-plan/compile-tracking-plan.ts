import type { ValidateFunction } from 'ajv/dist/2020.js';
import { recordTitle } from '../canonical/canonicalise.js';
import { lintEventName } from '../canonical/lint-names.js';
import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import type { JsonObject, JsonValue } from '../json.js';
import { createAjv } from './create-ajv.js';
import { fieldsToSchema } from './fields-to-schema.js';
import { toViolations, type FoundViolation } from './find-violations.js';
import { coerceField, likeness, placeOf, stripField } from './repair-event.js';
import { PLAN_SECTIONS, type PlanAction, type PlannedEvent, type TrackingPlan, type ViolationKind } from './tracking-plan.js';

/** What a plan makes of one event. */
export interface PlanJudgement {
  /** The event to go on with: the one that came, or a repaired copy. */
  tree: JsonObject;
  verdict: 'passed' | 'quarantined' | 'refused';
  /** Which rule decided, as `planId:kind`; null for what passes. */
  rule: string | null;
  /** What decided, each with its place; no value is in them. */
  places: ErrorPlace[];
  /** What was let through with a flag (`plan:wrongType:properties.price`), and what was repaired (`plan-coerced:properties.price:string-number`, `plan-renamed:…`, `plan-stripped:…`). */
  flags: string[];
  /** How many violations, by `kind.action`. */
  counts: Record<string, number>;
  /** All of them, with what the plan says of each; those that were repaired too. */
  violations: readonly { kind: ViolationKind; path: string; action: PlanAction }[];
}

/** A version of a plan as it judges events: pure, for as many as come. */
export interface CompiledTrackingPlan {
  readonly planId: string;
  readonly version: number;
  /** How many of its events were compiled so far: each is once, when the first of its kind comes. */
  readonly compiledEvents: number;
  /** The names of its events. */
  readonly eventNames: readonly string[];
  /** @param tree what the mapping made of a record, before the dictionary reads it; left as it is */
  judge(tree: JsonObject, connectionId: string): PlanJudgement;
}

/** A repair may bring the next violation to light. What needs more turns than this is put aside. */
const MAX_ROUNDS = 4;
const MAX_TOLD = 20;

/**
 * Compiles a checked plan. Its events are compiled by Ajv one by one, each when it is first needed and never again: all 500 of a large plan at once would hold up the process.
 *
 * @example compileTrackingPlan(plan, { planId: 'shop', version: 3 }).judge(tree, 'online-shop').verdict
 */
export function compileTrackingPlan(plan: TrackingPlan, { planId, version }: { planId: string; version: number }): CompiledTrackingPlan {
  const compiled = new CompiledPlan(plan);
  return {
    planId, version, eventNames: plan.events.map(({ name }) => name),
    get compiledEvents() {
      return compiled.validators.size;
    },
    judge: (tree, connectionId) => judge(tree, connectionId, compiled, planId),
  };
}

/**
 * The plan of a connection whose plan cannot be had: it judges nothing, so that every event is put aside.
 *
 * @throws FirsthandError `TRACKING_PLAN_FAILED`, from each judgement
 */
export function missingTrackingPlan(planId: string): CompiledTrackingPlan {
  return {
    planId, version: 0, compiledEvents: 0, eventNames: [],
    judge() {
      throw new FirsthandError('TRACKING_PLAN_FAILED', `The tracking plan ${planId} is not there, or cannot be read.`);
    },
  };
}

type Planned = FoundViolation & { action: PlanAction };

class CompiledPlan {
  readonly validators = new Map<string, { validate: ValidateFunction; sections: readonly string[] }>();
  private readonly ajv = createAjv({ checksSchemas: false });
  private readonly events: ReadonlyMap<string, PlannedEvent>;
  private readonly alike = new Map<string, string>();

  constructor(private readonly plan: TrackingPlan) {
    this.events = new Map(plan.events.map((event) => [event.name, event]));
    for (const { name } of plan.events) this.alike.set(likeness(name), name);
  }

  /** The planned name that is spelled alike. */
  nameLike(name: string): string | undefined {
    return this.alike.get(likeness(name));
  }

  /** Calls without a name of their own are judged where the plan has them. */
  violations(tree: JsonObject, connectionId: string, isStripped: boolean): Planned[] {
    const title = recordTitle(tree);
    // That somebody wants to be erased is held up by nothing.
    if (title === null || title.type === 'delete') return [];
    const event = this.events.get(title.name);
    const isWelcome = event !== undefined && (event.sources?.includes(connectionId) ?? true);
    const found = isWelcome ? this.fieldViolations(event, tree) : title.type === 'track' ? eventViolations(title.name, event !== undefined) : [];
    const judged = found.map((violation) => ({ ...violation, action: event?.actions?.[violation.kind] ?? this.plan.actions[violation.kind] }));
    return isStripped ? judged.filter(({ steps, action }) => !isOfEvent(steps) || action !== 'strip') : judged;
  }

  private fieldViolations(event: PlannedEvent, tree: JsonObject): FoundViolation[] {
    const { validate, sections } = this.validatorOf(event);
    const subject: JsonObject = {};
    for (const section of PLAN_SECTIONS) {
      const value = tree[section];
      if (value !== undefined && value !== null) subject[section] = withoutEmpty(value);
      else if (sections.includes(section)) subject[section] = {};
    }
    return validate(subject) ? [] : toViolations(validate.errors ?? []);
  }

  private validatorOf(event: PlannedEvent): { validate: ValidateFunction; sections: readonly string[] } {
    let validator = this.validators.get(event.name);
    if (validator === undefined) {
      const schema = event.schema ?? fieldsToSchema(event.fields ?? []);
      const validate = this.ajv.compile(schema);
      // It would answer with a promise, which is no verdict.
      if ('$async' in validate) throw new FirsthandError('TRACKING_PLAN_FAILED', `The schema of ${event.name} would be judged later.`);
      validator = { validate, sections: Object.keys((schema.properties ?? {}) as JsonObject) };
      this.validators.set(event.name, validator);
    }
    return validator;
  }
}

/** Fields lie in sections. */
function isOfEvent(steps: readonly string[]): boolean {
  return steps.length === 1 && steps[0] === 'name';
}

function eventViolations(name: string, isPlanned: boolean): FoundViolation[] {
  const of = (kind: ViolationKind, message: string): FoundViolation => ({ kind, path: 'name', message, steps: ['name'], schema: {} });
  const unplanned = of('unplannedEvent', isPlanned ? 'is not planned for this source' : 'is no event of the plan');
  return !isPlanned && lintEventName(name) !== null ? [of('badName', 'breaks the naming convention'), unplanned] : [unplanned];
}

function judge(given: JsonObject, connectionId: string, plan: CompiledPlan, planId: string): PlanJudgement {
  const seen = new Map<string, PlanJudgement['violations'][number]>();
  const notes: string[] = [];
  let tree = given;
  let isStripped = false;
  for (let round = 0; ; round += 1) {
    const found = plan.violations(tree, connectionId, isStripped);
    for (const { kind, steps, path, action } of found) seen.set(`${kind} ${steps.join('/')}`, { kind, path, action });
    const toRepair = round < MAX_ROUNDS ? found.filter(({ action }) => action === 'coerce' || action === 'strip') : [];
    const copy = toRepair.length > 0 && tree === given ? structuredClone(given) : tree;
    const done = toRepair.flatMap((violation) => repair(copy, violation, plan) ?? []);
    if (done.length === 0) return conclude(tree, found, { seen, notes, planId });
    tree = copy;
    isStripped ||= done.includes(STRIPPED_EVENT);
    notes.push(...done);
  }
}

const STRIPPED_EVENT = 'plan-stripped:event';

function repair(tree: JsonObject, violation: Planned, plan: CompiledPlan): string | null {
  const { action, steps } = violation;
  if (isOfEvent(steps)) return action === 'strip' ? stripEvent(tree) : renameEvent(tree, plan);
  if (action === 'strip') return stripField(tree, steps);
  const place = placeOf(tree, steps) ?? { holder: tree, key: steps.at(-1) ?? '' };
  return coerceField(tree, violation, place);
}

/** That it happened, to whom and what they decided stays. */
function stripEvent(tree: JsonObject): string {
  for (const section of PLAN_SECTIONS) delete tree[section];
  return STRIPPED_EVENT;
}

function renameEvent(tree: JsonObject, plan: CompiledPlan): string | null {
  const name = typeof tree.name === 'string' ? plan.nameLike(tree.name) : undefined;
  if (name === undefined || name === tree.name) return null;
  tree.name = name;
  return 'plan-renamed:name';
}

function conclude(tree: JsonObject, found: readonly Planned[], { seen, notes, planId }: { seen: ReadonlyMap<string, PlanJudgement['violations'][number]>; notes: readonly string[]; planId: string }): PlanJudgement {
  const counts: Record<string, number> = {};
  for (const { kind, action } of seen.values()) counts[`${kind}.${action}`] = (counts[`${kind}.${action}`] ?? 0) + 1;
  const refusing = found.filter(({ action }) => action === 'refuse');
  // What could not be repaired is not let through.
  const deciding = refusing.length > 0 ? refusing : found.filter(({ action }) => action === 'quarantine' || action === 'coerce' || action === 'strip');
  const flags = [...notes, ...found.filter(({ action }) => action === 'flag').map(({ kind, path }) => `plan:${kind}:${path}`)];
  return {
    tree, verdict: refusing.length > 0 ? 'refused' : deciding.length > 0 ? 'quarantined' : 'passed', rule: deciding[0] === undefined ? null : `${planId}:${deciding[0].kind}`,
    places: deciding.slice(0, MAX_TOLD).map(({ path, kind, message, action }) => ({ path: `/${path.replaceAll('.', '/')}`, message: `${kind}: ${message}${action === 'coerce' || action === 'strip' ? `; ${action} could not repair it` : ''}` })),
    flags: [...new Set(flags)].slice(0, MAX_TOLD), counts, violations: [...seen.values()],
  };
}

/** Absent, null and empty are the same, as they are for the dictionary. Copies only what holds such. */
function withoutEmpty(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(withoutEmpty);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value);
  const kept = entries.flatMap(([key, one]): [string, JsonValue][] => (one === null || one === '' ? [] : [[key, withoutEmpty(one)]]));
  return kept.length < entries.length || kept.some(([key, one]) => one !== value[key]) ? Object.fromEntries(kept) : value;
}
