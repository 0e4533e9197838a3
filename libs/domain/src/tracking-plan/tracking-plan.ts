import type { JsonObject, JsonValue } from '../json.js';

/** In what ways an event may differ from its plan. */
export const VIOLATION_KINDS = ['unplannedEvent', 'missingRequired', 'wrongType', 'valueNotAllowed', 'unplannedProperty', 'badName'] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/**
 * What becomes of it. `flag` keeps it and says so on the record; `coerce` makes it right where that loses nothing, and puts the event aside where it cannot; `strip` takes the
 * part away; `quarantine` puts the event aside, to be repaired; `refuse` counts the event and keeps nothing of it.
 */
export const PLAN_ACTIONS = ['allow', 'flag', 'coerce', 'strip', 'quarantine', 'refuse'] as const;
export type PlanAction = (typeof PLAN_ACTIONS)[number];
export type PlanActions = Record<ViolationKind, PlanAction>;

/** The types of a planned field, as people know them from the dictionary. `object` and `objects` (a list of these) hold fields of their own. */
export const PLAN_FIELD_TYPES = ['string', 'integer', 'number', 'boolean', 'datetime', 'date', 'money', 'strings', 'object', 'objects', 'any'] as const;
export type PlanFieldType = (typeof PLAN_FIELD_TYPES)[number];

/** The parts of a mapped event that a plan may speak of. */
export const PLAN_SECTIONS = ['properties', 'order', 'product', 'store', 'profile', 'context'] as const;
export type PlanSection = (typeof PLAN_SECTIONS)[number];

/** One field, as an editor shows it. */
export interface PlanField {
  /** As in the dictionary, e.g. `properties.price`, `order.lines.sku`. */
  path: string;
  type: PlanFieldType;
  required?: boolean | undefined;
  description?: string | undefined;
  /** The only values that it may have. */
  values?: readonly (string | number)[] | undefined;
  /** A regular expression for the whole text. */
  pattern?: string | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  maxLength?: number | undefined;
  /** What `coerce` puts in the place of a required field that is missing. */
  default?: JsonValue | undefined;
}

/** One event: its fields as a list, or a JSON Schema (2020-12) of its sections. */
export interface PlannedEvent {
  /** Title Case "Object Action", as it is after the mapping. */
  name: string;
  description?: string | undefined;
  fields?: readonly PlanField[] | undefined;
  schema?: JsonObject | undefined;
  /** The connections that may send it; all that have the plan when left out. */
  sources?: readonly string[] | undefined;
  /** Where they differ from the plan's. */
  actions?: Partial<{ [Kind in ViolationKind]: PlanAction | undefined }> | undefined;
}

/** What a source may send, and what becomes of all else. */
export interface TrackingPlan {
  actions: PlanActions;
  events: readonly PlannedEvent[];
}

/** A careful beginning: it shows everything and loses nothing. */
export const DEFAULT_PLAN_ACTIONS: PlanActions = {
  unplannedEvent: 'flag', missingRequired: 'flag', wrongType: 'coerce', valueNotAllowed: 'flag', unplannedProperty: 'flag', badName: 'flag',
};

/** One way in which an event differs from its plan. No value of the event is in it. */
export interface Violation {
  kind: ViolationKind;
  /** Dotted; places in lists are left out, and a name that may be anything is `*`. */
  path: string;
  message: string;
}
