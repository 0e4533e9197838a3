/** How much it matters. */
export const EXPECTATION_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type ExpectationSeverity = (typeof EXPECTATION_SEVERITIES)[number];

/** What can be expected. */
export const EXPECTATION_KINDS = ['completeness', 'uniqueness', 'validity', 'range', 'allowedValues', 'freshness', 'volume', 'nullRate', 'typeDrift', 'reference', 'crossField'] as const;
export type ExpectationKind = (typeof EXPECTATION_KINDS)[number];

/** Into which direction a figure may not move. */
export const DIRECTIONS = ['up', 'down', 'both'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** How the values of two fields of one event stand to each other; `requires`: where the left one is, the right one is too. */
export const CROSS_FIELD_OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'requires'] as const;
export type CrossFieldOperator = (typeof CROSS_FIELD_OPERATORS)[number];

interface Rate {
  /** The share of events, 0 to 1, that may fail. */
  mostFailing: number;
}

interface Change {
  direction: Direction;
  /** By how much it may move, as a share. */
  mostChange: number;
}

/** What is expected. Paths are those of the dictionary, e.g. `properties.price`. Rules with `mostFailing` are judged event by event, the others over a window. */
export type ExpectationRule =
  /** The field is there. */
  | ({ kind: 'completeness'; field: string } & Rate)
  /** No value comes twice within so many hours from one source. */
  | ({ kind: 'uniqueness'; field: string; withinHours: number } & Rate)
  /** Without a field: records can be used at all. With one: its values fit their type in the dictionary, and the pattern and format where given. */
  | ({ kind: 'validity'; field: string | null; pattern?: string | undefined; format?: string | undefined } & Rate)
  /** A number, or an amount of money in its minor unit, lies within bounds. */
  | ({ kind: 'range'; field: string; minimum?: number | undefined; maximum?: number | undefined } & Rate)
  | ({ kind: 'allowedValues'; field: string; values: readonly (string | number | boolean)[] } & Rate)
  /** The value was told by an event of that name, in that field, within so many days: an order's store exists. */
  | ({ kind: 'reference'; field: string; to: { event: string; field: string }; keptDays: number } & Rate)
  | ({ kind: 'crossField'; left: string; operator: CrossFieldOperator; right: string } & Rate)
  /** Something comes at least every so many minutes. */
  | { kind: 'freshness'; withinMinutes: number }
  /** As many as in the same hour of past weeks, as clocks in the IANA time zone show it, else in UTC: `mostChange` is a share of their median. */
  | ({ kind: 'volume'; weeks: number; timeZone?: string | undefined } & Change)
  /** The share of events without the field stays what it was over past days: `mostChange` is a difference of shares. */
  | ({ kind: 'nullRate'; field: string; baselineDays: number } & Change)
  /** Values are of the types that they had over past days, before the dictionary reads them: `mostChange` is the share that may be of other types. */
  | { kind: 'typeDrift'; field: string; baselineDays: number; mostChange: number };

/** What a brand expects of its data, on a source, an event or a field. */
export interface Expectation {
  name: string;
  description: string;
  /** Of which events; null for all. */
  scope: { connectionId: string | null; event: string | null };
  rule: ExpectationRule;
  severity: ExpectationSeverity;
  /** Over how long rates are reckoned: a multiple of five. */
  windowMinutes: number;
  /** With fewer in a window nothing is said. */
  minimumEvents: number;
  /** Who is told: a destination connection of the plugin `webhook`; at most one alarm in so many minutes. Null for nobody. */
  alert: { connectionId: string; coolDownMinutes: number } | null;
}

/** The field that a rule is about; null where it is about events as a whole. */
export function fieldOfRule(rule: ExpectationRule): string | null {
  return rule.kind === 'crossField' ? rule.left : 'field' in rule ? rule.field : null;
}
