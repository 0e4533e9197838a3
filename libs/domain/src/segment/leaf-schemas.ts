import { z } from 'zod';
import { checkValue, COMPARISON_OPERATORS, isIsoDate, scalarListSchema, scalarSchema } from './comparison-rules.js';
import type { EventCondition, NumberOperator, OrdersCondition, PropertyCondition, ReachChannel, TimeTest } from './condition.js';
import { PROPERTY_ROOTS } from './match-properties.js';
import { REACH_CHANNELS } from './reach-channels.js';
import { spanSchema } from './span.js';

/** Counters by day are kept for so many days. */
export const MAX_COUNT_DAYS = 400;
/** A sequence has at most so many steps. */
export const MAX_SEQUENCE_STEPS = 5;
/** One `where` holds at most so many property conditions. */
export const MAX_PROPERTY_CONDITIONS = 20;
export const NUMBER_OPERATORS = ['eq', 'gte', 'gt', 'lte', 'lt'] as const satisfies readonly NumberOperator[];
/** What an event condition may ask besides "did": at most one of them. */
export const EVENT_MEASURES = ['count', 'sum', 'first', 'last'] as const satisfies readonly (keyof EventCondition)[];
/** What an order condition may ask: at least one of them. */
export const ORDER_MEASURES = ['count', 'amount', 'first', 'last'] as const satisfies readonly (keyof OrdersCondition['orders'])[];

const name = z.string().min(1).max(200);
const path = name.regex(new RegExp(`^(?:type|name|(?:${PROPERTY_ROOTS.slice(2).join('|')})(?:\\.[^.]+)+)$`), {
  message: `must be type, name, or a path below ${PROPERTY_ROOTS.slice(2).join(', ')}, as in order.lines.category`,
});
/** The schema of a path in an event, as `order.lines.sku`. */
export const eventPathSchema = path;
const moving = [z.strictObject({ ago: spanSchema }), z.strictObject({ ahead: spanSchema })] as const;

/** The Zod schema of {@link PropertyCondition}. */
export const propertyConditionSchema: z.ZodType<PropertyCondition> = z
  .strictObject({ path, op: z.enum(COMPARISON_OPERATORS), value: z.union([scalarSchema, scalarListSchema], { error: 'must be a string, number or boolean, or a list of them' }).optional() })
  .superRefine((condition, report) => checkValue(condition, report, false))
  .meta({ id: 'PropertyCondition', examples: [{ path: 'order.lines.category', op: 'eq', value: 'shoes' }] });

/** The Zod schema of a list of property conditions that must all hold. */
export const whereSchema = z.array(propertyConditionSchema).max(MAX_PROPERTY_CONDITIONS);

const traitSchema = z
  .strictObject({
    trait: name,
    op: z.enum(COMPARISON_OPERATORS),
    value: z.union([scalarSchema, scalarListSchema, ...moving], { error: 'must be a string, number or boolean, a list of them, or { ago: … } or { ahead: … } with one of seconds, minutes, hours, days' }).optional(),
  })
  .superRefine((condition, report) => checkValue(condition, report, true));

const answerSchema = z
  .strictObject({
    answer: name, path: name.regex(/^[^.]+(?:\.[^.]+)*$/, { message: 'must be names with dots between them, as in risk.score' }), op: z.enum(COMPARISON_OPERATORS),
    value: z.union([scalarSchema, scalarListSchema], { error: 'must be a string, number or boolean, or a list of them' }).optional(),
  })
  .superRefine((condition, report) => checkValue(condition, report, false));

const op = z.enum(NUMBER_OPERATORS);
const countTest = z.strictObject({ op, value: z.int().min(0).max(1_000_000) });
const amountValue = z.number().min(-1_000_000_000).max(1_000_000_000);
const timeTest: z.ZodType<TimeTest> = z.strictObject({
  op: z.enum(['before', 'after']),
  value: z.union([z.string().refine(isIsoDate, { error: 'must be an ISO date' }), ...moving], { error: 'must be an ISO date, or { ago: … } or { ahead: … } with one of seconds, minutes, hours, days' }),
});

const eventSchema = z
  .strictObject({ event: name, where: whereSchema.optional(), within: spanSchema.optional(), count: countTest.optional(), sum: z.strictObject({ path, op, value: amountValue }).optional(), first: timeTest.optional(), last: timeTest.optional() })
  .superRefine((condition, report) => {
    const { within } = condition;
    const measures = EVENT_MEASURES.filter((measure) => condition[measure] !== undefined);
    for (const measure of measures.slice(1)) report.addIssue({ code: 'custom', path: [measure], message: `takes the place of \`${measures[0]}\`: give one of ${EVENT_MEASURES.join(', ')}` });
    if (measures.length === 0 || within === undefined) return;
    if (condition.first !== undefined || condition.last !== undefined) {
      report.addIssue({ code: 'custom', path: ['within'], message: '`first` and `last` are of all time: give the time in their value' });
    } else if (!('days' in within)) {
      report.addIssue({ code: 'custom', path: ['within'], message: 'a count or sum is kept by UTC day: give its span in days, or leave it out' });
    } else if (within.days > MAX_COUNT_DAYS) {
      report.addIssue({ code: 'custom', path: ['within', 'days'], message: `counts by day are kept for ${MAX_COUNT_DAYS} days` });
    }
  });

const sequenceSchema = z.strictObject({
  sequence: z.array(z.strictObject({ event: name, where: whereSchema.optional() })).min(2).max(MAX_SEQUENCE_STEPS),
  within: spanSchema.optional(),
});

const ordersSchema = z.strictObject({
  orders: z
    .strictObject({
      within: z.strictObject({ days: z.int().min(1).max(MAX_COUNT_DAYS) }).optional(),
      count: countTest.optional(),
      amount: z.strictObject({ op, value: amountValue, currency: z.string().regex(/^[A-Z]{3}$/, { message: 'must be an ISO 4217 currency' }) }).optional(),
      first: timeTest.optional(),
      last: timeTest.optional(),
    })
    .refine((orders) => ORDER_MEASURES.some((measure) => orders[measure] !== undefined), { message: `wants at least one of ${ORDER_MEASURES.join(', ')}` })
    .refine(({ within, count, amount }) => within === undefined || count !== undefined || amount !== undefined, { path: ['within'], message: 'goes with `count` or `amount`' }),
});

/** The schemas of the conditions that hold no others, by the key that tells them apart. */
export const LEAF_SCHEMAS = {
  trait: traitSchema,
  event: eventSchema,
  sequence: sequenceSchema,
  orders: ordersSchema,
  segment: z.strictObject({ segment: name }),
  list: z.strictObject({ list: name }),
  consent: z.strictObject({ consent: name }),
  reachable: z.strictObject({ reachable: z.enum(REACH_CHANNELS as readonly [ReachChannel, ...ReachChannel[]]), purpose: name }),
  answer: answerSchema,
} as const;
