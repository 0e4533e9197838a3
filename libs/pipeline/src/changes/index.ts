export { CHANGE_KINDS, type ChangeBlock, type ChangeContent, type ChangeFeed, type ChangeKeeping, type ChangeKind, type FieldChange, type PersonChange, type StandingChange } from './person-change.js';
export type { ChangeLog, NumberedChanges, OpenChangeBlock } from './change-log.js';
export { createChangeNumbering, type ChangeNumberingOptions } from './create-change-numbering.js';
export { createChangeFeeds, FEED_TIMEOUT_MS, feedLane, type ChangeFeedOptions, type ChangeNotice, type FeedMessage, type FeedPlace } from './create-change-feeds.js';
export { CHANGE_CAUSES, type ChangeCause } from './change-cause.js';
export { changeBlockOf } from './changes-of.js';
