export type { Change, ChangeCause, ChangedField, ChangedStanding, ChangeEvent } from './change.js';
export { ChangesClientError } from './changes-client-error.js';
export { followChanges, type FollowOptions } from './follow-changes.js';
