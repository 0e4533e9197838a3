import { createDictionary } from '../canonical/create-dictionary.js';
import { FIELD_TYPES, type ScalarType } from '../canonical/field-types.js';
import type { JsonValue } from '../json.js';
import { COMPARISON_OPERATORS } from './comparison-rules.js';
import { conditionGrammar } from './condition-grammar.js';
import { conditionReferences } from './condition-references.js';
import type { ComparisonOperator, Condition } from './condition.js';
import { CONDITION_KINDS, conditionPlaces } from './parse-condition.js';
import type { ValueKind } from './type-operators.js';

const types = Object.keys(FIELD_TYPES) as ScalarType[];
const dictionary = createDictionary({ customFields: types.map((type) => ({ entity: 'profile' as const, name: `a${type[0]?.toUpperCase()}${type.slice(1)}`, type, description: 'A field.' })) });
const grammar = conditionGrammar({ dictionary, purposes: ['marketing'], segments: ['recent-buyers'], lists: ['store-opening-guests'] });
const environment = {
  hasPurpose: (key: string) => key === 'marketing', hasSegment: (id: string) => id === 'recent-buyers', hasList: (id: string) => id === 'store-opening-guests', hasAnswer: (stepId: string) => stepId === 'risk', hasTrait: (name: string) => dictionary.field(`profile.${name}`) !== undefined,
  traitType: (name: string) => dictionary.field(`profile.${name}`)?.type as ScalarType | undefined,
};

/** A value that is of this kind and, as far as that can be, of no other. */
const SAMPLES: Record<ValueKind, JsonValue | undefined> = { text: 'x', number: 5, boolean: true, date: '2026-11-24', moment: { ago: { days: 1 } }, texts: ['x'], numbers: [1], none: undefined };
const kinds = Object.keys(SAMPLES) as ValueKind[];

/** Whether a host takes a condition: the parser, and the check of what it refers to. */
function isTaken(condition: unknown): boolean {
  return conditionPlaces(condition).length === 0 && conditionReferences(condition as Condition, environment).length === 0;
}

describe('conditionGrammar', () => {
  it('lists every kind of condition, with an example that is taken', () => {
    expect(grammar.kinds.map(({ kind }) => kind)).toEqual([...CONDITION_KINDS]);
    for (const { kind, example } of grammar.kinds) {
      expect(Object.keys(example)).toContain(kind);
      expect([kind, isTaken(example)]).toEqual([kind, true]);
    }
  });

  it('lists every profile field, those of the workspace too', () => {
    expect(grammar.traits.filter(({ isCustom }) => isCustom).map(({ type }) => type).sort()).toEqual([...types].sort());
    expect(grammar.traits.map(({ name }) => name)).toContain('city');
    expect(grammar.traits.every(({ name }) => isTaken({ trait: name, op: 'exists' }))).toBe(true);
    expect(isTaken({ trait: 'custom.unknown', op: 'exists' })).toBe(false);
  });

  it.each(types)('says of a field of type %s exactly which operators and values are taken', (type) => {
    const trait = grammar.traits.find((field) => field.isCustom && field.type === type)?.name as string;
    const operators = grammar.types.find((entry) => entry.type === type)?.operators as Partial<Record<ComparisonOperator, readonly ValueKind[]>>;
    for (const op of COMPARISON_OPERATORS) {
      for (const kind of kinds) {
        // A date is a text as well.
        const isSaid = operators[op]?.some((taken) => taken === kind || (kind === 'date' && taken === 'text')) ?? false;
        const value = SAMPLES[kind];
        expect([op, kind, isTaken({ trait, op, ...(value === undefined ? {} : { value }) })]).toEqual([op, kind, isSaid]);
      }
    }
  });

  it('lists properties that are taken as paths', () => {
    expect(grammar.properties.length).toBeGreaterThan(50);
    expect(grammar.properties.filter(({ name }) => !isTaken({ event: 'A', where: [{ path: name, op: 'exists' }] }))).toEqual([]);
  });

  it('names what is taken beside them, and its limits', () => {
    const { limits } = grammar;
    const count = (days: number): unknown => ({ event: 'A', within: { days }, count: { op: 'gte', value: 1 } });
    const steps = (length: number): unknown => ({ sequence: Array.from({ length }, () => ({ event: 'A' })) });
    const list = (length: number): unknown => ({ trait: 'city', op: 'in', value: Array.from({ length }, () => 'x') });
    const where = (length: number): unknown => ({ event: 'A', where: Array.from({ length }, () => ({ path: 'properties.a', op: 'exists' })) });
    const text = (length: number): unknown => ({ trait: 'city', op: 'eq', value: 'x'.repeat(length) });
    const span = (days: number): unknown => ({ event: 'A', within: { days } });
    const group = (length: number): unknown => ({ all: Array.from({ length }, () => ({ event: 'A' })) });
    const depth = (levels: number): unknown => (levels === 1 ? { event: 'A' } : { not: depth(levels - 1) });
    const bounds: [(size: number) => unknown, number][] = [
      [count, limits.countDays], [steps, limits.sequenceSteps], [list, limits.listLength], [where, limits.propertyConditions], [text, limits.textLength], [span, limits.spanDays], [group, limits.conditions - 1], [depth, limits.depth],
    ];
    expect(bounds.map(([make, limit]) => [isTaken(make(limit)), isTaken(make(limit + 1))])).toEqual(bounds.map(() => [true, false]));
    expect(grammar.numberOperators.every((op) => isTaken({ event: 'A', count: { op, value: 1 } }))).toBe(true);
    expect(grammar.timeOperators.every((op) => isTaken({ event: 'A', last: { op, value: '2026-01-01' } }))).toBe(true);
    expect(grammar.spanUnits.every((unit) => isTaken({ event: 'A', within: { [unit]: 1 } }))).toBe(true);
    expect(grammar.channels.every(({ channel }) => isTaken({ reachable: channel, purpose: grammar.purposes[0] }))).toBe(true);
  });
});
