export * from './comparable-form.js';
export * from './hear-said.js';
export * from './sync-copy.js';
export * from './sync-directory.js';
export * from './sync-flows.js';
export * from './sync-rule.js';
export * from './sync-state.js';
export * from './sync-rule-places.js';
