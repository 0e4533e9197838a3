import { z } from 'zod';
import { CROSS_FIELD_OPERATORS, DIRECTIONS, EXPECTATION_SEVERITIES, type Expectation, type ExpectationRule } from './expectation.js';
import { WINDOW_STEP_MINUTES } from './quality-bucket.js';

/** A workspace may have so many. */
export const MAX_EXPECTATIONS = 200;
const MAX_WINDOW_MINUTES = 7 * 24 * 60;

const path = z.string().min(1).max(200).meta({ description: 'As in the dictionary: `properties.price`, `order.storeId`, `identities.userId`.' });
const mostFailing = z.number().min(0).max(1).default(0).meta({ description: 'The share of events that may fail.' });
const mostChange = z.number().min(0).max(10).meta({ description: 'By how much it may move, as a share.' });
const baselineDays = z.int().min(1).max(30).default(7);
const event = z.string().min(1).max(200);

const ruleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('completeness'), field: path, mostFailing }),
  z.strictObject({ kind: z.literal('uniqueness'), field: path, withinHours: z.int().min(1).max(168).default(24), mostFailing }),
  z.strictObject({
    kind: z.literal('validity'), field: path.nullable().default(null), mostFailing,
    pattern: z.string().min(1).max(200).optional().meta({ description: 'A regular expression for the whole text.' }),
    format: z.string().min(1).max(40).optional().meta({ description: 'A type of the dictionary: `email`, `url`, `date`.' }),
  }),
  z.strictObject({ kind: z.literal('range'), field: path, minimum: z.number().optional(), maximum: z.number().optional(), mostFailing }),
  z.strictObject({ kind: z.literal('allowedValues'), field: path, values: z.array(z.union([z.string().max(200), z.number(), z.boolean()])).min(1).max(1_000), mostFailing }),
  z.strictObject({
    kind: z.literal('reference'), field: path, to: z.strictObject({ event, field: path }).meta({ description: 'The event that tells of such things, and the field with their id.' }),
    keptDays: z.int().min(1).max(400).default(400).meta({ description: 'For how long after it was last told of something is known.' }), mostFailing,
  }),
  z.strictObject({ kind: z.literal('crossField'), left: path, operator: z.enum(CROSS_FIELD_OPERATORS), right: path, mostFailing }),
  z.strictObject({ kind: z.literal('freshness'), withinMinutes: z.int().min(1).max(43_200) }),
  z.strictObject({ kind: z.literal('volume'), weeks: z.int().min(1).max(8).default(4), timeZone: z.string().min(1).max(100).optional().meta({ description: 'An IANA time zone: the same hour is what clocks show there, also over a change of the clock. UTC when left out.' }), direction: z.enum(DIRECTIONS).default('down'), mostChange }),
  z.strictObject({ kind: z.literal('nullRate'), field: path, baselineDays, direction: z.enum(DIRECTIONS).default('up'), mostChange: mostChange.max(1) }),
  z.strictObject({ kind: z.literal('typeDrift'), field: path, baselineDays, mostChange: mostChange.max(1) }),
]).meta({ id: 'ExpectationRule' }) as unknown as z.ZodType<ExpectationRule>;

/** The fields of an {@link Expectation}, for bodies that take some of them; without defaults at the top, so that a change leaves alone what it does not name. */
export const EXPECTATION_SHAPE = {
  name: z.string().min(1).max(200),
  description: z.string().max(2_000),
  scope: z.strictObject({ connectionId: z.string().min(1).max(200).nullable().default(null), event: event.nullable().default(null) }).meta({ description: 'Of which events; null for all.' }),
  rule: ruleSchema,
  severity: z.enum(EXPECTATION_SEVERITIES),
  windowMinutes: z.int().min(WINDOW_STEP_MINUTES).max(MAX_WINDOW_MINUTES).multipleOf(WINDOW_STEP_MINUTES).meta({ description: 'Over how long rates are reckoned.' }),
  minimumEvents: z.int().min(1).max(1_000_000).meta({ description: 'With fewer in a window nothing is said.' }),
  alert: z.strictObject({ connectionId: z.string().min(1).max(200), coolDownMinutes: z.int().min(1).max(10_080).default(60) }).nullable().meta({ description: 'Who is told: a destination connection of the plugin `webhook`. Null for nobody.' }),
};

/** What an expectation is where nothing else is said. */
export const EXPECTATION_DEFAULTS = { description: '', scope: { connectionId: null, event: null }, severity: 'warning', windowMinutes: 60, minimumEvents: 20, alert: null } as const satisfies Omit<Expectation, 'name' | 'rule'>;

/**
 * The Zod schema of an {@link Expectation}, for stored rows and files.
 *
 * @example expectationSchema.parse({ name: 'Fresh', scope: { connectionId: 'till', event: null }, rule: { kind: 'freshness', withinMinutes: 30 }, … })
 */
export const expectationSchema = z.strictObject(EXPECTATION_SHAPE) as unknown as z.ZodType<Expectation>;
