import { EXPECTATION_DEFAULTS, EXPECTATION_SHAPE, type Expectation } from '@firsthand/domain';
import { z } from 'zod';
import { keySchema } from '../http/id-schema.js';

const { description, scope, severity, windowMinutes, minimumEvents, alert } = EXPECTATION_SHAPE;

const example = {
  name: 'Orders name their store', scope: { connectionId: 'till', event: 'Order Completed' }, rule: { kind: 'completeness', field: 'order.storeId', mostFailing: 0.01 }, severity: 'critical', windowMinutes: 60, minimumEvents: 20,
  alert: { connectionId: 'data-team', coolDownMinutes: 60 },
} as const;

export const newExpectationSchema = z.strictObject({
  id: keySchema.optional().meta({ description: 'Made when left out.' }), ...EXPECTATION_SHAPE,
  description: description.default(EXPECTATION_DEFAULTS.description), scope: scope.default(EXPECTATION_DEFAULTS.scope), severity: severity.default(EXPECTATION_DEFAULTS.severity),
  windowMinutes: windowMinutes.default(EXPECTATION_DEFAULTS.windowMinutes), minimumEvents: minimumEvents.default(EXPECTATION_DEFAULTS.minimumEvents), alert: alert.default(EXPECTATION_DEFAULTS.alert),
}).meta({ id: 'NewExpectation', examples: [{ id: 'orders-name-store', ...example }] });
export type NewExpectation = Expectation & { id?: string | undefined };

export const expectationChangeSchema = z.strictObject(EXPECTATION_SHAPE).partial().meta({ id: 'ExpectationChange', examples: [{ rule: example.rule, severity: 'warning' }] });
export type ExpectationChange = { [Name in keyof Expectation]?: Expectation[Name] | undefined };

export const expectationViewSchema = z.object({ id: z.string(), version: z.int(), ...EXPECTATION_SHAPE }).meta({ id: 'Expectation' });
export type ExpectationView = Expectation & { id: string; version: number };

export const EXPECTATION_EXAMPLE: ExpectationView = { id: 'orders-name-store', version: 1, description: '', ...example };
