import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { compileFlow, matchTrigger } from './compile-flow.js';
import type { TriggerOccurrence } from './compile-trigger.js';
import type { FlowDefinition, FlowTrigger } from './flow.js';

function flow(trigger: FlowTrigger, overrides: Partial<FlowDefinition> = {}): FlowDefinition {
  return { flowId: 'f', version: 1, name: 'n', purpose: 'p', trigger, acceptsHistorical: false, steps: [], ...overrides };
}

function event(overrides: Partial<CanonicalRecord> = {}, isHistorical = false): TriggerOccurrence {
  const record: CanonicalRecord = {
    type: 'track', name: 'Order Completed', messageId: 'm', occurredAt: 0, identities: [], profile: {}, properties: {}, order: { total: 100 }, consents: {}, context: {}, flags: [],
    ...overrides,
  };
  return { kind: 'event', record, isHistorical };
}

const entered: TriggerOccurrence = { kind: 'segment', segmentId: 's', on: 'entered', isHistorical: false };
const left: TriggerOccurrence = { kind: 'segment', segmentId: 's', on: 'left', isHistorical: false };
const changed: TriggerOccurrence = { kind: 'profile', changedFields: ['city'], isHistorical: false };

describe('matchTrigger', () => {
  it.each<[string, FlowTrigger, TriggerOccurrence, boolean]>([
    ['its event', { type: 'event', name: 'Order Completed' }, event(), true],
    ['another event', { type: 'event', name: 'Order Paid' }, event(), false],
    ['any event', { type: 'event', name: '*' }, event(), true],
    ['an event that fits', { type: 'event', name: 'Order Completed', where: [{ path: 'order.total', op: 'gte', value: 100 }] }, event(), true],
    ['an event that does not fit', { type: 'event', name: 'Order Completed', where: [{ path: 'order.total', op: 'gt', value: 100 }] }, event(), false],
    ['a record that is no activity', { type: 'event', name: '*' }, event({ type: 'identify' }), false],
    ['an old event', { type: 'event', name: 'Order Completed' }, event({}, true), false],
    ['a segment for an event', { type: 'event', name: '*' }, entered, false],
    ['entering', { type: 'segment', segmentId: 's', on: 'entered' }, entered, true],
    ['leaving for entering', { type: 'segment', segmentId: 's', on: 'entered' }, left, false],
    ['leaving', { type: 'segment', segmentId: 's', on: 'left' }, left, true],
    ['either', { type: 'segment', segmentId: 's', on: 'both' }, left, true],
    ['who enters by the past', { type: 'segment', segmentId: 's', on: 'entered' }, { ...entered, isHistorical: true }, false],
    ['another segment', { type: 'segment', segmentId: 'x', on: 'both' }, left, false],
    ['an event for a segment', { type: 'segment', segmentId: 's', on: 'both' }, event(), false],
    ['any field', { type: 'profile' }, changed, true],
    ['no field', { type: 'profile' }, { ...changed, changedFields: [] }, false],
    ['its field', { type: 'profile', fields: ['email', 'city'] }, changed, true],
    ['another field', { type: 'profile', fields: ['email'] }, changed, false],
    ['an old change', { type: 'profile' }, { ...changed, isHistorical: true }, false],
    ['an event for a profile', { type: 'profile' }, event(), false],
    ['a field that is kept equal', { type: 'sync', fields: ['city'], purpose: 'marketing' }, changed, true],
    ['another field than those', { type: 'sync', fields: ['phone'], purpose: 'marketing' }, changed, false],
    ['leave to keep it equal', { type: 'sync', fields: ['phone'], purpose: 'marketing' }, { kind: 'consent', purpose: 'marketing', on: 'granted', isHistorical: false }, true],
    ['a refusal', { type: 'sync', fields: ['phone'], purpose: 'marketing' }, { kind: 'consent', purpose: 'marketing', on: 'refused', isHistorical: false }, false],
    ['a system that differs', { type: 'sync', fields: ['phone'], purpose: 'marketing' }, { kind: 'sync', flowId: 'f', isHistorical: false }, true],
    ['a field that its condition asks for', { type: 'sync', fields: ['phone'], purpose: 'marketing', condition: { trait: 'city', op: 'exists' } }, changed, true],
    ['who comes into a segment of its condition', { type: 'sync', fields: ['phone'], purpose: 'marketing', condition: { not: { segment: 's' } } }, left, true],
    ['a segment that its condition does not ask for', { type: 'sync', fields: ['phone'], purpose: 'marketing', condition: { segment: 'x' } }, left, false],
    ['another consent that its condition asks for', { type: 'sync', fields: ['phone'], purpose: 'marketing', condition: { not: { consent: 'ads' } } }, { kind: 'consent', purpose: 'ads', on: 'refused', isHistorical: false }, true],
    ['a list that is to be made equal', { type: 'segment', segmentId: 's', on: 'both' }, { kind: 'sync', flowId: 'f', isHistorical: false }, true],
    ['another list that is', { type: 'segment', segmentId: 's', on: 'both' }, { kind: 'sync', flowId: 'other', isHistorical: false }, false],
    ['another system that differs', { type: 'sync', fields: ['phone'], purpose: 'marketing' }, { kind: 'sync', flowId: 'other', isHistorical: false }, false],
  ])('tells of %s', (_, trigger, occurrence, expected) => {
    expect(matchTrigger(compileFlow(flow(trigger)), occurrence)).toBe(expected);
  });

  it('lets the past in where the flow accepts it', () => {
    const accepting = { acceptsHistorical: true };
    expect(matchTrigger(compileFlow(flow({ type: 'event', name: 'Order Completed' }, accepting)), event({}, true))).toBe(true);
    expect(matchTrigger(compileFlow(flow({ type: 'segment', segmentId: 's', on: 'both' }, accepting)), { ...entered, isHistorical: true })).toBe(true);
    expect(matchTrigger(compileFlow(flow({ type: 'profile' }, accepting)), { ...changed, isHistorical: true })).toBe(true);
  });
});

describe('compileFlow', () => {
  it('names the counters of all its filters, each once', () => {
    const steps: FlowDefinition['steps'] = [
      { id: 'a', type: 'filter', condition: { event: 'A', within: { days: 1 } } },
      { id: 'b', type: 'delay', span: { days: 1 } },
      { id: 'c', type: 'filter', condition: { all: [{ event: 'A' }, { event: 'B' }] } },
    ];
    const compiled = compileFlow(flow({ type: 'profile' }, { steps }));
    expect(compiled.activityKeys.map(({ key }) => key)).toEqual(['A', 'B']);
    expect(compiled.conditions).toHaveLength(2);
  });

  it('tells runs apart by the whole of a key, however long', () => {
    const { keyOf } = compileFlow(flow({ type: 'event', name: '*' }, { key: '{{event.properties.cart}}' }));
    const [same, one, other] = ['x'.repeat(200), `${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`].map((cart) => {
      const occurrence = event({ properties: { cart } });
      return occurrence.kind === 'event' ? keyOf(occurrence.record) : null;
    });
    expect(same).toBe('x'.repeat(200));
    expect([one?.length, one === other, one?.startsWith('x'.repeat(200))]).toEqual([223, false, true]);
  });
});
