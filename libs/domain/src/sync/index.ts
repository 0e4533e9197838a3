export * from './sync-directory.js';
export * from './sync-flows.js';
export * from './sync-rule.js';
