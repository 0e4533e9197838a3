export * from './confirm-membership.js';
export * from './decide-addition.js';
export { decideRemoval, isLoose, type Removal, type RemovalDecision } from './decide-removal.js';
export { isSameHolder, isSameMember, memberKey, type AudienceHolder, type MemberSet, type MembershipState } from './member-set.js';
export * from './sync-mode.js';
export * from './weigh-listing.js';
