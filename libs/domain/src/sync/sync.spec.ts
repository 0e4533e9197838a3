import { compileFlow, matchTrigger } from '../flow/compile-flow.js';
import { createSyncDirectory } from './sync-directory.js';
import { membershipFlowIds, ruleIdOf, SYNC_FLOW_IDS, syncFlowId, syncFlows } from './sync-flows.js';
import { syncRuleContentSchema, type SyncRule } from './sync-rule.js';

const rule = (ruleId: string, more: object = {}): SyncRule => ({
  ruleId, version: 3,
  ...syncRuleContentSchema.parse({ name: 'CRM', connectionId: 'hubspot', action: 'upsert-contact', purpose: 'marketing', fields: [{ field: 'profile.phone', to: 'phone' }, { field: 'profile.custom.food', to: 'properties.favorite_food' }], ...more }),
});

describe('a sync rule', () => {
  it('becomes a flow that writes its fields, and one for each membership', () => {
    const [fields, vip] = syncFlows(rule('crm', { condition: { consent: 'marketing' }, memberships: [{ segmentId: 'vip', action: 'list-membership', values: { listId: '2043' } }] }));
    expect(fields).toEqual({
      flowId: 'sync.crm', version: 3, name: 'CRM', purpose: 'marketing', acceptsHistorical: true,
      trigger: { type: 'sync', fields: ['phone', 'custom.food'], purpose: 'marketing', condition: { consent: 'marketing' } },
      steps: [{ id: 'write', type: 'deliver', connectionId: 'hubspot', action: 'upsert-contact', mapping: { phone: '{{profile.phone}}', 'properties.favorite_food': '{{profile.custom.food}}' } }],
    });
    expect(vip).toMatchObject({
      flowId: 'sync.crm.0', trigger: { type: 'segment', segmentId: 'vip', on: 'both' },
      steps: [{ id: 'write', connectionId: 'hubspot', action: 'list-membership', sync: 'mirror', mapping: { listId: { $const: '2043' } } }],
    });
    if (fields === undefined) throw new Error('there is none');
    expect(matchTrigger(compileFlow(fields), { kind: 'profile', changedFields: ['custom.food'], isHistorical: true })).toBe(true);
  });

  it.each([
    ['a field of an order', { fields: [{ field: 'order.total', to: 'total' }] }],
    ['no field at all', { fields: [] }],
    ['a place that no field can have', { fields: [{ field: 'profile.phone', to: '__proto__.phone' }] }],
    ['what it does not know', { direction: 'both' }],
  ])('is refused with %s', (_, more) => expect(() => rule('crm', more)).toThrow());

  it('is found by the flow that was made of it, and by every source of the system that it writes to', () => {
    const directory = createSyncDirectory([rule('crm'), rule('shop', { connectionId: 'shopify' })], (id) => (id.startsWith('hubspot') ? 'hubspot' : id));
    expect(['sync.crm', 'sync.crm.0', 'sync.gone', 'crm', null].map((flowId) => directory.ofFlow(flowId)?.ruleId)).toEqual(['crm', undefined, undefined, undefined, undefined]);
    expect(['hubspot', 'hubspot-webhooks', 'shopify', 'web'].map((id) => directory.ofSource(id).map(({ ruleId }) => ruleId))).toEqual([['crm'], ['crm'], ['shop'], []]);
    expect(['sync.crm.0', 'sync.crm', 'crm'].map(ruleIdOf)).toEqual(['crm', 'crm', undefined]);
  });

  it('has flows that are told from all others, and those of its memberships from that of its fields and from other rules’, by ranges of ids', () => {
    const ids = ['crm', 'crm-2', 'crm_2'].flatMap((ruleId) => [syncFlowId(ruleId), syncFlowId(ruleId, 0), syncFlowId(ruleId, 12)]);
    const [after, before] = membershipFlowIds('crm');
    expect(ids.filter((id) => id > after && id < before)).toEqual(['sync.crm.0', 'sync.crm.12']);
    expect([...ids, 'sync', 'sync-crm', 'welcome'].filter((id) => id >= SYNC_FLOW_IDS[0] && id < SYNC_FLOW_IDS[1])).toEqual(ids);
  });
});
