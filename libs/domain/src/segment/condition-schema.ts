import { z } from 'zod';
import { parseIsoDate } from './iso-date.js';
import type { ComparisonOperator, Condition, PropertyCondition } from './condition.js';
import { PROPERTY_ROOTS } from './match-properties.js';
import { spanSchema } from './span.js';

/** A condition tree may be this deep, */
export const MAX_CONDITION_DEPTH = 16;
/** and hold this many conditions, groups included. */
export const MAX_CONDITION_NODES = 200;
/** Counters by day are kept for so many days. */
export const MAX_COUNT_DAYS = 400;

const OPERATORS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'notIn', 'contains', 'startsWith', 'exists', 'notExists', 'before', 'after'] as const satisfies readonly ComparisonOperator[];

const name = z.string().min(1).max(200);
const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()]);
const scalarList = z.array(scalar).min(1).max(1_000);
const isIsoDate = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(parseIsoDate(value));
const isScalar = (value: unknown): boolean => scalar.safeParse(value).success;

/** What each operator wants as its value; null where it wants none. */
const VALUE_RULES: Record<ComparisonOperator, { isValid: (value: unknown) => boolean; wants: string } | null> = {
  eq: { isValid: isScalar, wants: 'a string, number or boolean' },
  neq: { isValid: isScalar, wants: 'a string, number or boolean' },
  contains: { isValid: isScalar, wants: 'a string, number or boolean' },
  startsWith: { isValid: (value) => typeof value === 'string', wants: 'a string' },
  in: { isValid: Array.isArray, wants: 'a list of strings, numbers or booleans' },
  notIn: { isValid: Array.isArray, wants: 'a list of strings, numbers or booleans' },
  gt: { isValid: (value) => typeof value === 'number' || isIsoDate(value), wants: 'a number or an ISO date' },
  gte: { isValid: (value) => typeof value === 'number' || isIsoDate(value), wants: 'a number or an ISO date' },
  lt: { isValid: (value) => typeof value === 'number' || isIsoDate(value), wants: 'a number or an ISO date' },
  lte: { isValid: (value) => typeof value === 'number' || isIsoDate(value), wants: 'a number or an ISO date' },
  before: { isValid: isIsoDate, wants: 'an ISO date' },
  after: { isValid: isIsoDate, wants: 'an ISO date' },
  exists: null,
  notExists: null,
};

type Compared = { op: ComparisonOperator; value?: unknown };
type Report = { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void };

/** Only a trait may be compared with a moving time: what an event was is judged once, when it comes in. */
function checkValue({ op, value }: Compared, report: Report, mayBeAgo: boolean): void {
  const rule = VALUE_RULES[op];
  if (mayBeAgo && (op === 'before' || op === 'after') && typeof value === 'object' && value !== null && 'ago' in value) return;
  if (rule === null) {
    if (value !== undefined) report.addIssue({ code: 'custom', path: ['value'], message: `\`${op}\` takes no value` });
  } else if (!rule.isValid(value)) {
    report.addIssue({ code: 'custom', path: ['value'], message: `\`${op}\` wants ${rule.wants}` });
  }
}

/** The Zod schema of {@link PropertyCondition}. */
export const propertyConditionSchema: z.ZodType<PropertyCondition> = z
  .strictObject({
    path: name.regex(new RegExp(`^(?:type|name|(?:${PROPERTY_ROOTS.slice(2).join('|')})(?:\\.[^.]+)+)$`), {
      message: `must be type, name, or a path below ${PROPERTY_ROOTS.slice(2).join(', ')}, as in order.lines.category`,
    }),
    op: z.enum(OPERATORS),
    value: z.union([scalar, scalarList], { error: 'must be a string, number or boolean, or a list of them' }).optional(),
  })
  .superRefine((condition, report) => checkValue(condition, report, false))
  .meta({ id: 'PropertyCondition', examples: [{ path: 'order.lines.category', op: 'eq', value: 'shoes' }] });

/** The Zod schema of a list of property conditions that must all hold. */
export const whereSchema = z.array(propertyConditionSchema).max(20);

const traitSchema = z
  .strictObject({
    trait: name,
    op: z.enum(OPERATORS),
    value: z.union([scalar, scalarList, z.strictObject({ ago: spanSchema })], { error: 'must be a string, number or boolean, a list of them, or { ago: … } with one of seconds, minutes, hours, days' }).optional(),
  })
  .superRefine((condition, report) => checkValue(condition, report, true));

const eventSchema = z
  .strictObject({
    event: name,
    where: whereSchema.optional(),
    within: spanSchema.optional(),
    count: z.strictObject({ op: z.enum(['eq', 'gte', 'gt', 'lte', 'lt']), value: z.int().min(0).max(1_000_000) }).optional(),
  })
  .superRefine(({ within, count }, report) => {
    if (count === undefined || within === undefined) return;
    if (!('days' in within)) {
      report.addIssue({ code: 'custom', path: ['within'], message: 'a count is kept by UTC day: give its span in days, or leave the count out' });
    } else if (within.days > MAX_COUNT_DAYS) {
      report.addIssue({ code: 'custom', path: ['within', 'days'], message: `counts by day are kept for ${MAX_COUNT_DAYS} days` });
    }
  });

/** The schemas of the conditions that hold no others, by the key that tells them apart. */
export const LEAF_SCHEMAS = {
  trait: traitSchema,
  event: eventSchema,
  segment: z.strictObject({ segment: name }),
  consent: z.strictObject({ consent: name }),
} as const;

const nodeSchema: z.ZodType<Condition> = z
  .lazy(() =>
    z.union([
      z.strictObject({ all: z.array(nodeSchema).max(MAX_CONDITION_NODES) }),
      z.strictObject({ any: z.array(nodeSchema).max(MAX_CONDITION_NODES) }),
      z.strictObject({ not: nodeSchema }),
      ...Object.values(LEAF_SCHEMAS),
    ]),
  )
  .meta({
    id: 'Condition',
    description: 'A condition tree of segments and flow filters. An empty `all` holds, an empty `any` does not.',
    examples: [{ all: [{ trait: 'city', op: 'eq', value: 'Shanghai' }, { event: 'Order Completed', within: { days: 30 } }] }],
  });

/**
 * The Zod schema of {@link Condition}, for HTTP bodies: validates and documents, changes nothing. It says only that the tree is
 * wrong; `parseCondition` accepts the same trees and names each place. It recurses as deep as its input: bound the nesting of a body first.
 *
 * @example z.strictObject({ name: z.string(), condition: conditionSchema })
 */
export const conditionSchema: z.ZodType<Condition> = nodeSchema.superRefine((condition, report) => {
  const { depth, nodes } = measureCondition(condition);
  if (depth > MAX_CONDITION_DEPTH) report.addIssue({ code: 'custom', message: `is deeper than ${MAX_CONDITION_DEPTH} levels` });
  if (nodes > MAX_CONDITION_NODES) report.addIssue({ code: 'custom', message: `holds more than ${MAX_CONDITION_NODES} conditions` });
});

function measureCondition(condition: Condition): { depth: number; nodes: number } {
  const children = childrenOf(condition).map(measureCondition);
  return {
    depth: 1 + Math.max(0, ...children.map((child) => child.depth)),
    nodes: children.reduce((sum, child) => sum + child.nodes, 1),
  };
}

/** The conditions that a group holds; none for the others. */
export function childrenOf(condition: Condition): readonly Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  return 'not' in condition ? [condition.not] : [];
}
