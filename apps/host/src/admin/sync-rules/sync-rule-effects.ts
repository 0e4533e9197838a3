import { ruleIdOf } from '@firsthand/domain';
import type { SyncRuleDocument } from '../../configuration/documents.js';
import { countWithin } from '../dry-run/count-within.js';
import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import { findConfigured } from '../find-configured.js';
import { deliveriesOfRule } from './sync-rule-status.js';

/** Where the rule writes, as it would be then, whom it would go through, and what waits of it. */
export const syncRuleEffects: DescribeEffects = async ({ collections, repository, configuration }, { workspaceId }, { id, answer }) => {
  const ruleId = id === '' && typeof answer === 'object' && answer !== null && 'id' in answer ? String(answer.id) : id;
  const [now, then] = [configuration.workspace(workspaceId), (await findConfigured<SyncRuleDocument>(repository, 'syncRules', workspaceId, ruleId))?.content];
  const before = now.flows.find(({ compiled }) => ruleIdOf(compiled.definition.flowId) === ruleId);
  const fills = then?.rule.isEnabled === true && then.fillsSince !== before?.fillsSince;
  return [
    namedEffect('writes-to', then === undefined ? [] : [then.rule.connectionId]),
    { effect: 'people-gone-through', count: fills ? await countWithin(collections.profiles, { _id: { $gt: `${workspaceId}|`, $lt: `${workspaceId}}` } }) : 0 },
    { effect: 'deliveries-waiting', count: await countWithin(collections.deliveries, { ...deliveriesOfRule(workspaceId, ruleId), state: 'pending' }) },
  ];
};
