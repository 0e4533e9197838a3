import { recordTitle } from '../canonical/canonicalise.js';
import type { Dictionary, DictionaryField } from '../canonical/dictionary.js';
import { lintEventName, lintFieldName } from '../canonical/lint-names.js';
import { isSafeKey } from '../canonical/safe-key.js';
import type { JsonObject, JsonValue } from '../json.js';
import { MAX_PLAN_EVENTS, MAX_PLAN_FIELDS } from './plan-schema.js';
import { DEFAULT_PLAN_ACTIONS, type PlanField, type PlanFieldType, type PlannedEvent, type TrackingPlan } from './tracking-plan.js';

/** A plan made of what was seen, and the events and fields whose names break the convention: these are not in it. */
export interface ObservedPlan {
  plan: TrackingPlan;
  observed: number;
  leftOut: string[];
}

/** Looks at events, and says what a plan of them would be. */
export interface PlanObserver {
  /** @param tree what the mapping made of a record */
  observe(tree: JsonObject): void;
  plan(): ObservedPlan;
}

/** What only one event is about; profiles and contexts are the dictionary's matter. */
const SECTIONS = ['properties', 'order', 'product', 'store'];
const MAX_VALUES = 12;
const MAX_VALUE = 60;
/** From so many sightings on a field that was always there is required, and a value that comes back belongs to a set. */
const ENOUGH = 5;
const ENOUGH_FOR_VALUES = 20;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

interface Seen {
  /** How often it was there, and how many objects it was: each entry of a list is one that a field may be missing in. */
  count: number;
  objects: number;
  types: Set<PlanFieldType>;
  /** Null once there are too many, or where values are not to be kept. */
  values: Map<string, number> | null;
  children: Map<string, Seen>;
}

/**
 * Makes a plan of events: each field with the dictionary's type, else that of its values; required where it was always there; a small set of texts as the allowed values, of fields alone
 * that the dictionary knows to say nothing of a person (class `none`).
 *
 * @example const observer = createPlanObserver(dictionary); trees.forEach(observer.observe); observer.plan()
 */
export function createPlanObserver(dictionary: Pick<Dictionary, 'field'>): PlanObserver {
  const events = new Map<string, Seen>();
  const leftOut = new Set<string>();
  let observed = 0;
  const visit = (value: JsonValue, seen: Seen, path: string): void => {
    seen.count += 1;
    const field = dictionary.field(path);
    seen.types.add(typeOf(value, field));
    if (typeof value === 'string') noteValue(seen, value, field);
    else seen.values = null;
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one !== 'object' || one === null || Array.isArray(one) || field?.type === 'money') continue;
      seen.objects += 1;
      visitChildren(one, seen, path);
    }
  };
  const visitChildren = (holder: JsonObject, seen: Seen, path: string): void => {
    for (const [name, value] of Object.entries(holder)) {
      if (value === null || value === '') continue;
      const below = `${path}.${name}`;
      if (isSafeKey(name) && lintFieldName(name) === null) visit(value, childOf(seen, name), below);
      else leftOut.add(`${path}.*`);
    }
  };
  return {
    observe(tree) {
      const title = recordTitle(tree);
      if (title === null || title.name === '') return;
      observed += 1;
      if (lintEventName(title.name) !== null) {
        leftOut.add(title.name);
        return;
      }
      const event = events.get(title.name) ?? newSeen();
      events.set(title.name, event);
      event.objects += 1;
      for (const name of SECTIONS) {
        const section = tree[name];
        if (typeof section !== 'object' || section === null || Array.isArray(section) || Object.keys(section).length === 0) continue;
        visitChildren(section, childOf(event, name), name);
      }
    },
    plan() {
      const most = [...events].sort(([, one], [, other]) => other.objects - one.objects).slice(0, MAX_PLAN_EVENTS);
      let left = MAX_PLAN_FIELDS;
      const planned = most.map(([name, seen]): PlannedEvent => {
        const fields = fieldsOf(seen, dictionary).slice(0, left);
        left -= fields.length;
        return { name, fields };
      });
      return { plan: { actions: DEFAULT_PLAN_ACTIONS, events: planned.sort((one, other) => (one.name < other.name ? -1 : 1)) }, observed, leftOut: [...leftOut].sort().slice(0, 100) };
    },
  };
}

function newSeen(): Seen {
  return { count: 0, objects: 0, types: new Set(), values: new Map(), children: new Map() };
}

function childOf(parent: Seen, name: string): Seen {
  const known = parent.children.get(name) ?? newSeen();
  parent.children.set(name, known);
  return known;
}

/** Identifiers and what people write are never a set of allowed values, nor is anything that the dictionary does not know. */
function noteValue(seen: Seen, value: string, field: DictionaryField | undefined): void {
  if (seen.values === null) return;
  if (field?.pii !== 'none' || field.type !== 'string' || value.length > MAX_VALUE || (seen.values.size >= MAX_VALUES && !seen.values.has(value))) {
    seen.values = null;
    return;
  }
  seen.values.set(value, (seen.values.get(value) ?? 0) + 1);
}

function typeOf(value: JsonValue, field: DictionaryField | undefined): PlanFieldType {
  switch (field?.type) {
    case undefined: return typeOfValue(value);
    case 'integer': case 'number': case 'boolean': case 'datetime': case 'date': case 'money': case 'strings': case 'object': case 'objects': return field.type;
    default: return 'string';
  }
}

function typeOfValue(value: JsonValue): PlanFieldType {
  if (typeof value === 'string') return ISO_TIME.test(value) ? 'datetime' : 'string';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (!Array.isArray(value)) return value === null ? 'any' : 'object';
  if (value.length > 0 && value.every((one) => typeof one === 'string')) return 'strings';
  return value.length > 0 && value.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one)) ? 'objects' : 'any';
}

function fieldsOf(event: Seen, dictionary: Pick<Dictionary, 'field'>): PlanField[] {
  const fields: PlanField[] = [];
  const list = (seen: Seen, parent: Seen, path: string): void => {
    const type = oneType(seen.types);
    const description = dictionary.field(path)?.description;
    const values = type === 'string' ? smallSet(seen) : null;
    fields.push({
      path, type, ...(isAlways(seen, parent) ? { required: true } : {}), ...(description === undefined ? {} : { description }), ...(values === null ? {} : { values }),
    });
    if (type === 'object' || type === 'objects') for (const [name, child] of seen.children) list(child, seen, `${path}.${name}`);
  };
  for (const [section, seen] of event.children) {
    // Where the section itself is not always there, nothing in it is.
    for (const [name, child] of seen.children) list(child, event, `${section}.${name}`);
  }
  return fields.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function isAlways(seen: Seen, parent: Seen): boolean {
  return parent.objects >= ENOUGH && seen.count >= parent.objects;
}

function oneType(types: ReadonlySet<PlanFieldType>): PlanFieldType {
  const [first, second] = [...types].sort();
  if (first === 'integer' && second === 'number' && types.size === 2) return 'number';
  return types.size === 1 && first !== undefined ? first : 'any';
}

function smallSet({ values, count }: Seen): string[] | null {
  return values !== null && values.size > 0 && count >= ENOUGH_FOR_VALUES && values.size * 4 <= count ? [...values.keys()].sort() : null;
}
