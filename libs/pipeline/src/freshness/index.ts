export * from './change-origin.js';
export * from './create-freshness-compaction.js';
export * from './freshness-counts.js';
export * from './freshness-store.js';
