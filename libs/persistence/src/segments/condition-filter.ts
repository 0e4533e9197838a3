import { CHANNEL_NAMESPACES, expandOrders, type Condition } from '@firsthand/domain';
import { activityFilter, sequenceFilter } from './activity-filter.js';
import { consentFilter, readsConsents, type ConsentRules } from './consent-filter.js';
import { allOf, anyOf, NOBODY, notOf, type Filter } from './filter.js';
import { traitFilter } from './trait-filter.js';

/** Ids that lie in a stored path as they are; no segment has another one. */
const SEGMENT_ID = /^[A-Za-z0-9_:-]+$/;

/**
 * The second back end of conditions: a parsed tree as a filter of stored profiles at one time, joined with their consents where
 * {@link needsConsents} says so. It finds exactly the people for whom the compiled closure answers yes; a property test holds the two equal.
 *
 * @example profiles.aggregate([{ $match: { _id: range, ...conditionFilter({ trait: 'city', op: 'eq', value: 'Lima' }, configuration, now) } }])
 */
export function conditionFilter(condition: Condition, rules: ConsentRules, now: number): Filter {
  if ('all' in condition) return allOf(condition.all.map((child) => conditionFilter(child, rules, now)));
  if ('any' in condition) return anyOf(condition.any.map((child) => conditionFilter(child, rules, now)));
  if ('not' in condition) return notOf(conditionFilter(condition.not, rules, now));
  if ('trait' in condition) return traitFilter(condition, now);
  if ('event' in condition) return activityFilter(condition, now);
  if ('sequence' in condition) return sequenceFilter(condition, now);
  if ('orders' in condition) return conditionFilter(expandOrders(condition), rules, now);
  if ('segment' in condition) return SEGMENT_ID.test(condition.segment) ? { [`memberships.${condition.segment}.isMember`]: true } : NOBODY;
  if ('list' in condition) return { 'lists.segmentId': { $eq: condition.list } };
  if ('reachable' in condition) return allOf([{ identities: { $elemMatch: { namespace: { $in: CHANNEL_NAMESPACES[condition.reachable] } } } }, consentFilter(condition.purpose, rules, now)]);
  // Only a run of a flow has answers, and of that alone it is asked.
  if ('answer' in condition) return NOBODY;
  return consentFilter(condition.consent, rules, now);
}

/** Whether a condition cannot be answered without a person's consents. */
export function needsConsents(condition: Condition, rules: ConsentRules): boolean {
  if ('all' in condition) return condition.all.some((child) => needsConsents(child, rules));
  if ('any' in condition) return condition.any.some((child) => needsConsents(child, rules));
  if ('not' in condition) return needsConsents(condition.not, rules);
  if ('consent' in condition) return readsConsents(condition.consent, rules);
  return 'reachable' in condition && readsConsents(condition.purpose, rules);
}
