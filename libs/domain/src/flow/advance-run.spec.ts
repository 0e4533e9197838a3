import type { ConditionSubject } from '../segment/condition-subject.js';
import { advanceRun } from './advance-run.js';
import { compileFlow } from './compile-flow.js';
import type { FlowStep } from './flow.js';

const NOW = 1_000_000;
const subject: ConditionSubject = {
  profile: { fields: {}, activity: {}, memberships: { vip: { n: 1, isMember: true, at: 0, segmentVersion: 1 } } },
  isConsented: () => ({ isGranted: false }),
};
const vip: FlowStep = { id: 'vip', type: 'filter', condition: { segment: 'vip' } };
const staff: FlowStep = { id: 'staff', type: 'filter', condition: { segment: 'staff' } };
const delay: FlowStep = { id: 'later', type: 'delay', span: { minutes: 5 } };
const crm: FlowStep = { id: 'crm', type: 'deliver', connectionId: 'c1', action: 'upsert', mapping: { tag: 'x' } };
const ads: FlowStep = { id: 'ads', type: 'deliver', connectionId: 'c2', action: 'add', purpose: 'ads' };

function advance(steps: FlowStep[], from = 0) {
  const definition = { flowId: 'f', version: 1, name: 'n', purpose: 'marketing', trigger: { type: 'profile' as const }, acceptsHistorical: false, steps };
  return advanceRun(compileFlow(definition), from, subject, NOW);
}

const plannedCrm = { stepId: 'crm', connectionId: 'c1', action: 'upsert', purpose: 'marketing', mapping: { tag: 'x' } };
const plannedAds = { stepId: 'ads', connectionId: 'c2', action: 'add', purpose: 'ads', mapping: undefined };

describe('advanceRun', () => {
  it('plans each delivery to the end, under its own purpose or the flow\'s', () => {
    expect(advance([vip, crm, ads])).toEqual({
      outcome: 'ended',
      deliveries: [plannedCrm, plannedAds],
      trace: [
        { stepId: 'vip', outcome: 'passed', reason: 'condition-holds' },
        { stepId: 'crm', outcome: 'planned', reason: 'deliver' },
        { stepId: 'ads', outcome: 'planned', reason: 'deliver' },
      ],
    });
  });

  it('stops at a filter that does not hold, and keeps what came before', () => {
    expect(advance([crm, staff, ads])).toEqual({
      outcome: 'stopped',
      deliveries: [plannedCrm],
      trace: [{ stepId: 'crm', outcome: 'planned', reason: 'deliver' }, { stepId: 'staff', outcome: 'stopped', reason: 'condition-does-not-hold' }],
    });
  });

  it('waits at a delay, and goes on after it', () => {
    const steps = [crm, delay, vip, ads];
    expect(advance(steps)).toEqual({
      outcome: 'waiting',
      deliveries: [plannedCrm],
      wait: { until: NOW + 300_000, stepIndex: 2 },
      trace: [{ stepId: 'crm', outcome: 'planned', reason: 'deliver' }, { stepId: 'later', outcome: 'waiting', reason: 'delay' }],
    });
    expect(advance(steps, 2)).toMatchObject({ outcome: 'ended', deliveries: [plannedAds], trace: [{ stepId: 'vip' }, { stepId: 'ads' }] });
    expect(advance([crm, staff], 1)).toMatchObject({ outcome: 'stopped', deliveries: [] });
  });

  it('has ended past the last step', () => {
    expect(advance([crm, delay], 2)).toEqual({ outcome: 'ended', deliveries: [], trace: [] });
  });
});
