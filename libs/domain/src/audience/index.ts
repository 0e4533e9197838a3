export * from './confirm-membership.js';
export * from './decide-addition.js';
export * from './decide-removal.js';
export { isSameHolder, isSameMember, type AudienceHolder, type MemberSet, type MembershipState } from './member-set.js';
export * from './sync-mode.js';
