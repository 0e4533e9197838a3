import type { FlowDefinition } from '../flow/flow.js';
import type { SyncRule } from './sync-rule.js';

/** In the ids of flows that are made of rules; no flow that people make has it in its id. */
const PREFIX = 'sync.';

/** All ids of flows that are made of rules: not before the first, and before the second. `/` follows `.`. */
export const SYNC_FLOW_IDS = [PREFIX, 'sync/'] as const;

/**
 * The id of a flow that a rule is made into: that of its fields, or of the membership at this place.
 *
 * @example [syncFlowId('crm'), syncFlowId('crm', 0)] // ['sync.crm', 'sync.crm.0']
 */
export function syncFlowId(ruleId: string, membership?: number): string {
  return `${PREFIX}${ruleId}${membership === undefined ? '' : `.${membership}`}`;
}

/** The ids of a rule's flows for memberships, and of no other flow: after the first, and before the second. */
export function membershipFlowIds(ruleId: string): readonly [string, string] {
  return [`${syncFlowId(ruleId)}.`, `${syncFlowId(ruleId)}/`];
}

/** The step of a rule's flow that writes. */
export const SYNC_STEP = 'write';

/**
 * The flows that a rule is made into: one that writes the fields, and one for each membership. Deliveries of theirs carry these ids, and no second engine is needed.
 *
 * @example syncFlows(rule).map(({ flowId }) => flowId) // ['sync.crm', 'sync.crm.0']
 */
export function syncFlows(rule: SyncRule): FlowDefinition[] {
  const { ruleId, version, name, purpose, connectionId, condition, fields, memberships } = rule;
  const shared = { version, purpose, acceptsHistorical: true };
  const who = condition === undefined ? {} : { condition };
  const mapping = Object.fromEntries(fields.map(({ field, to }) => [to, `{{${field}}}`]));
  return [
    {
      ...shared, flowId: syncFlowId(ruleId), name, trigger: { type: 'sync', fields: fields.map(({ field }) => field.slice('profile.'.length)), purpose, ...who },
      steps: [{ id: SYNC_STEP, type: 'deliver', connectionId, action: rule.action, mapping }],
    },
    ...memberships.map(({ segmentId, action, values }, index): FlowDefinition => ({
      ...shared, flowId: syncFlowId(ruleId, index), name: `${name}: ${segmentId}`, trigger: { type: 'segment', segmentId, on: 'both' },
      steps: [{ id: SYNC_STEP, type: 'deliver', connectionId, action, sync: 'mirror', mapping: Object.fromEntries(Object.entries(values).map(([to, value]) => [to, { $const: value }])) }],
    })),
  ];
}

/** The id of the rule that a flow was made of; undefined for a flow that people made. */
export function ruleIdOf(flowId: string | null): string | undefined {
  return flowId?.startsWith(PREFIX) === true ? flowId.slice(PREFIX.length).split('.', 1)[0] : undefined;
}
