import { countWithin } from '../dry-run/count-within.js';
import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import type { AgreementView } from './agreements.js';

/** Which sources collect under the agreement; of a material version, the grants to older ones whose effect would end. */
export const agreementEffects: DescribeEffects = async ({ collections, configuration }, { workspaceId }, { id, answer }) => [
  namedEffect('used-by-sources', [...configuration.workspace(workspaceId).sources.values()].filter(({ agreementId }) => agreementId === id).map(({ connectionId }) => connectionId)),
  ...((answer as AgreementView).versions.at(-1)?.isMaterial === true ? [{ effect: 'grants-to-older-versions', count: await countWithin(collections.consents, { workspaceId, agreementId: id, decision: 'granted' }) }] : []),
];
