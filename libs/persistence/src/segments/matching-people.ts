import type { Condition } from '@firsthand/domain';
import type { mongo } from 'mongoose';
import { storeKey } from '../store/store-key.js';
import { conditionFilter, needsConsents } from './condition-filter.js';
import { CONSENT_JOIN, type ConsentRules } from './consent-filter.js';

const CONSENT_LOOKUP = { $lookup: { from: 'consentStates', localField: '_id', foreignField: '_id', as: CONSENT_JOIN } };

/** Whom a pipeline is to find. */
export interface MatchingPeople {
  workspaceId: string;
  /** All must hold. Those that need no consents are asked first, so that consents are joined of few. */
  conditions: readonly Condition[];
  rules: ConsentRules;
  /** Epoch ms. */
  now: number;
  /** Only profile ids after this one, and up to the other. */
  from?: string;
  to?: string;
}

/**
 * The stages that leave the profiles of a workspace for which all conditions hold. Begin an aggregation of `profiles` with them.
 *
 * @example profiles.aggregate([...matchingPeople({ workspaceId, conditions: [condition, { consent: purpose }], rules, now }), { $count: 'members' }])
 */
export function matchingPeople({ workspaceId, conditions, rules, now, from = '', to }: MatchingPeople): mongo.Document[] {
  const conjuncts = conditions.flatMap(conjunctsOf);
  const plain = conjuncts.filter((condition) => !needsConsents(condition, rules));
  const joined = conjuncts.filter((condition) => needsConsents(condition, rules));
  const filters = (own: readonly Condition[]) => own.map((condition) => conditionFilter(condition, rules, now));
  const range = { _id: { $gt: storeKey(workspaceId, from), ...(to === undefined ? { $lt: `${workspaceId}}` } : { $lte: storeKey(workspaceId, to) }) } };
  return [
    { $match: { $and: [range, ...filters(plain)] } },
    ...(joined.length === 0 ? [] : [CONSENT_LOOKUP, { $match: { $and: filters(joined) } }]),
  ];
}

/**
 * The pipeline that counts, in one pass, for whom a condition holds and who of them consented to a purpose: `{ matching, members }`, or nothing where it
 * holds for nobody.
 *
 * @example const [count] = await profiles.aggregate(countMatching({ workspaceId, condition, purpose, rules, now })).toArray();
 */
export function countMatching({ condition, purpose, ...people }: Omit<MatchingPeople, 'conditions'> & { condition: Condition; purpose: string }): mongo.Document[] {
  const { rules, now } = people;
  const stages = matchingPeople({ ...people, conditions: [condition] });
  const isJoined = stages.some((stage) => '$lookup' in stage);
  const consent = conditionFilter({ consent: purpose }, rules, now);
  const members = [...(isJoined || !needsConsents({ consent: purpose }, rules) ? [] : [CONSENT_LOOKUP]), { $match: consent }, { $count: 'count' }];
  return [
    ...stages, { $project: { [CONSENT_JOIN]: 1 } },
    { $facet: { matching: [{ $count: 'count' }], members } },
    { $project: { matching: { $ifNull: [{ $first: '$matching.count' }, 0] }, members: { $ifNull: [{ $first: '$members.count' }, 0] } } },
  ];
}

function conjunctsOf(condition: Condition): readonly Condition[] {
  return 'all' in condition ? condition.all.flatMap(conjunctsOf) : [condition];
}
