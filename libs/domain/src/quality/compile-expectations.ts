import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { canonicalJson } from '../profile/canonical-json.js';
import { stableId } from '../profile/stable-id.js';
import type { JsonValue } from '../json.js';
import { fieldOfRule, type Expectation } from './expectation.js';
import { observeRule, valueKey, type ObserveRule } from './observe-rule.js';
import { fieldValues } from './read-field.js';

/** An expectation as records are watched by it. */
export interface CompiledExpectation {
  expectationId: string;
  definition: Expectation;
  /** Another one as soon as what is counted is another thing: counts of before say nothing of it. */
  stamp: string;
  /** The field it is about; null where it is about events as a whole. */
  field: string | null;
  /** Whether all that arrives counts, also what cannot be used; else events that are kept. */
  countsArrivals: boolean;
  observe: ObserveRule;
  /** Where values are remembered that this one asks for; null where none are. */
  asks: { kind: 'unseen'; keptMs: number } | { kind: 'known'; set: string } | null;
}

/** Values that some event tells of, for those that refer to them. */
export interface ReferenceSet {
  set: string;
  event: string;
  keptMs: number;
  /** The texts by which the values of an event are told apart. */
  valuesOf(record: CanonicalRecord): string[];
}

/** The expectations of a workspace, by what they watch. */
export interface CompiledExpectations {
  all: readonly CompiledExpectation[];
  /** Those on the events of a source, under any name. */
  of(connectionId: string): readonly CompiledExpectation[];
  /** What the events of a workspace make known, by their name. */
  references: ReadonlyMap<string, readonly ReferenceSet[]>;
  /** Fields of whose mapped type a note is needed, by their path, taken apart. */
  typedFields(connectionId: string): ReadonlyMap<string, readonly string[]>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Compiles the expectations of a workspace, once per version of the configuration. Undefined without any: nothing is watched then.
 *
 * @example compileExpectations([{ id: 'fresh', expectation }])?.of('online-shop')
 */
export function compileExpectations(expectations: readonly { id: string; expectation: Expectation }[]): CompiledExpectations | undefined {
  if (expectations.length === 0) return undefined;
  const all = expectations.map(({ id, expectation }) => compileOne(id, expectation));
  const sets = new Map<string, ReferenceSet>();
  for (const { asks, definition: { rule } } of all) {
    if (asks?.kind !== 'known' || rule.kind !== 'reference') continue;
    const keptMs = Math.max(rule.keptDays * DAY_MS, sets.get(asks.set)?.keptMs ?? 0);
    const read = fieldValues(rule.to.field);
    sets.set(asks.set, { set: asks.set, event: rule.to.event, keptMs, valuesOf: (record) => read(record).flatMap((value) => (value === undefined ? [] : [valueKey([value])])) });
  }
  const references = new Map<string, ReferenceSet[]>();
  for (const set of sets.values()) references.set(set.event, [...(references.get(set.event) ?? []), set]);
  const of = perConnection((connectionId) => all.filter(({ definition: { scope } }) => scope.connectionId === null || scope.connectionId === connectionId));
  const typedFields = perConnection((connectionId) => new Map(of(connectionId).flatMap(({ definition: { rule } }) => (rule.kind === 'typeDrift' ? [[rule.field, rule.field.split('.')] as const] : []))));
  return { all, of, references, typedFields };
}

function compileOne(expectationId: string, definition: Expectation): CompiledExpectation {
  const { rule, scope } = definition;
  const stamp = stableId('expectation', expectationId, canonicalJson([scope, countedOf(rule)] as unknown as JsonValue));
  return {
    expectationId, definition, stamp, field: fieldOfRule(rule), observe: observeRule(rule),
    countsArrivals: rule.kind === 'freshness' || rule.kind === 'volume' || (rule.kind === 'validity' && rule.field === null),
    asks: rule.kind === 'uniqueness' ? { kind: 'unseen', keptMs: rule.withinHours * HOUR_MS } : rule.kind === 'reference' ? { kind: 'known', set: stableId('reference', rule.to.event, rule.to.field) } : null,
  };
}

/** What the counts hang on: a limit that is moved judges what was counted before as well. */
function countedOf(rule: Expectation['rule']): object {
  const { mostFailing: _mostFailing, mostChange: _mostChange, direction: _direction, weeks: _weeks, timeZone: _timeZone, baselineDays: _baselineDays, withinMinutes: _withinMinutes, ...counted } = rule as unknown as Record<string, unknown>;
  return counted;
}

function perConnection<T>(make: (connectionId: string) => T): (connectionId: string) => T {
  const made = new Map<string, T>();
  return (connectionId) => {
    let one = made.get(connectionId);
    if (one === undefined) made.set(connectionId, (one = make(connectionId)));
    return one;
  };
}
