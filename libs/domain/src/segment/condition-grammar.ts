import type { Dictionary } from '../canonical/dictionary.js';
import { FIELD_TYPES, type ScalarType } from '../canonical/field-types.js';
import { MAX_VALUE_LIST, MAX_VALUE_TEXT } from './comparison-rules.js';
import { MAX_CONDITION_DEPTH, MAX_CONDITION_NODES } from './condition-schema.js';
import type { Condition } from './condition.js';
import { EVENT_MEASURES, MAX_COUNT_DAYS, MAX_PROPERTY_CONDITIONS, MAX_SEQUENCE_STEPS, NUMBER_OPERATORS, ORDER_MEASURES } from './leaf-schemas.js';
import type { CONDITION_KINDS } from './parse-condition.js';
import { MAX_KEPT_TIMES } from '../profile/kept-times.js';
import { CHANNEL_NAMESPACES } from './reach-channels.js';
import { MAX_SPAN_DAYS, SPAN_UNITS } from './span.js';
import { TYPE_OPERATORS, type OperatorKinds } from './type-operators.js';

type Kind = (typeof CONDITION_KINDS)[number];

/** A field that conditions may name. */
export interface GrammarField {
  /** As a condition writes it: `trait` of a profile field, `path` of a property. */
  name: string;
  type: ScalarType;
  description: string;
  isCustom: boolean;
  values?: readonly string[];
}

/** All that an editor of conditions has to know of one workspace. */
export interface ConditionGrammar {
  kinds: { kind: Kind; description: string; example: Condition }[];
  /** Operators of each type of field, with what each takes as its value. */
  types: { type: ScalarType; description: string; operators: OperatorKinds }[];
  traits: GrammarField[];
  /** The known properties of events; any other path below the same roots may be written too. */
  properties: GrammarField[];
  numberOperators: readonly string[];
  timeOperators: readonly string[];
  spanUnits: readonly string[];
  eventMeasures: readonly string[];
  orderMeasures: readonly string[];
  channels: { channel: string; namespaces: readonly string[] }[];
  purposes: readonly string[];
  segments: readonly string[];
  lists: readonly string[];
  limits: { depth: number; conditions: number; countDays: number; sequenceSteps: number; sequenceTimes: number; propertyConditions: number; textLength: number; listLength: number; spanDays: number };
}

const KINDS: Record<Kind, { description: string; example: Condition }> = {
  all: { description: 'All of these hold. An empty list holds.', example: { all: [{ trait: 'city', op: 'eq', value: 'Shanghai' }, { consent: 'marketing' }] } },
  any: { description: 'At least one of these holds. An empty list does not.', example: { any: [{ trait: 'city', op: 'eq', value: 'Shanghai' }, { trait: 'city', op: 'eq', value: 'Suzhou' }] } },
  not: { description: 'The opposite.', example: { not: { event: 'Order Completed', within: { days: 30 } } } },
  trait: { description: 'Compares a profile field; see `types`. A time may be compared with one that moves: `{ ago: span }`, `{ ahead: span }`.', example: { trait: 'memberSince', op: 'before', value: { ago: { days: 365 } } } },
  event: { description: 'Did the event: at least once, or as one of `eventMeasures` says; with property conditions, within a span. `*` is any track, page or screen event.', example: { event: 'Order Completed', where: [{ path: 'order.lines.category', op: 'eq', value: 'shoes' }], within: { days: 90 }, count: { op: 'gte', value: 2 } } },
  sequence: { description: 'Did these events in this order, all within the span. Of each step the latest times are looked at (`sequenceTimes`) and the first.', example: { sequence: [{ event: 'Product Viewed' }, { event: 'Order Completed' }], within: { days: 7 } } },
  orders: { description: 'Completed orders: how many, for how much in one currency (minor unit), since when, how lately. All that is given must hold.', example: { orders: { within: { days: 365 }, count: { op: 'gte', value: 3 }, amount: { op: 'gte', value: 100_000, currency: 'CNY' }, last: { op: 'after', value: { ago: { days: 30 } } } } } },
  segment: { description: 'Is in another segment.', example: { segment: 'recent-buyers' } },
  list: { description: 'Stands on a static list, with or without consent to the purpose of its segment: `segment` asks for that as well.', example: { list: 'store-opening-guests' } },
  consent: { description: 'Data may be used for the purpose, by the brand itself.', example: { consent: 'marketing' } },
  reachable: { description: 'Has an identity of the channel, and data may be used for the purpose.', example: { reachable: 'email', purpose: 'marketing' } },
  answer: { description: 'In a flow only: compares a value in the answer to an earlier call step.', example: { answer: 'risk', path: 'score', op: 'lt', value: 50 } },
};

const PROPERTY_PATH = /^(?:properties|order|product|store|context)\./;

/**
 * What can be written in a condition of a workspace: a test holds it equal to what the parser and the check of references take.
 *
 * @example conditionGrammar({ dictionary, purposes: ['marketing'], segments: [], lists: [] }).traits.find(({ name }) => name === 'custom.shoeSize')
 */
export function conditionGrammar({ dictionary, purposes, segments, lists }: { dictionary: Dictionary; purposes: readonly string[]; segments: readonly string[]; lists: readonly string[] }): ConditionGrammar {
  return {
    kinds: Object.entries(KINDS).map(([kind, rest]) => ({ kind: kind as Kind, ...rest })),
    types: Object.entries(TYPE_OPERATORS).map(([type, operators]) => ({ type: type as ScalarType, description: FIELD_TYPES[type as ScalarType].description, operators })),
    traits: listFields(dictionary, (path) => (path.startsWith('profile.') ? path.slice('profile.'.length) : undefined)),
    properties: listFields(dictionary, (path) => (PROPERTY_PATH.test(path) ? path : undefined)),
    numberOperators: NUMBER_OPERATORS, timeOperators: ['before', 'after'], spanUnits: SPAN_UNITS, eventMeasures: EVENT_MEASURES, orderMeasures: ORDER_MEASURES,
    channels: Object.entries(CHANNEL_NAMESPACES).map(([channel, namespaces]) => ({ channel, namespaces })),
    purposes, segments, lists,
    limits: {
      depth: MAX_CONDITION_DEPTH, conditions: MAX_CONDITION_NODES, countDays: MAX_COUNT_DAYS, sequenceSteps: MAX_SEQUENCE_STEPS, sequenceTimes: MAX_KEPT_TIMES,
      propertyConditions: MAX_PROPERTY_CONDITIONS, textLength: MAX_VALUE_TEXT, listLength: MAX_VALUE_LIST, spanDays: MAX_SPAN_DAYS,
    },
  };
}

function listFields({ fields }: Dictionary, nameOf: (path: string) => string | undefined): GrammarField[] {
  return fields.flatMap(({ path, type, description, isCustom, values }) => {
    const name = nameOf(path);
    if (name === undefined || type === 'object' || type === 'objects') return [];
    return [{ name, type, description, isCustom, ...(values === undefined ? {} : { values }) }];
  });
}
