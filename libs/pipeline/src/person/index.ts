export { INTERNAL_CONNECTION, moveSegments, subjectOf } from './move-segments.js';
export { LedgerCounts, minuteOf, newPersonWork, noteFold, type PersonWork } from './person-work.js';
export { decideIdentityLink, type DecideLinkOptions, type LinkDecision } from './decide-identity-link.js';
export { reviewIdentityLink, settleIdentityLinks, type LinkReview } from './settle-identity-links.js';
export { unmergePerson, type Unmerged, type UnmergeOptions } from './unmerge-person.js';
export { operationOf } from './plan-delivery.js';
export { owedRemovals, type Ground, type OwedRemovals } from './owed-removals.js';
export { findAsking, isNamedBy, namingIdentities, type AskingPerson } from './named-person.js';
export { readChannelView, type ChannelView, type ChannelViewOptions } from './read-channel-view.js';
