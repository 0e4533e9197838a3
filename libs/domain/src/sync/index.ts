export * from './comparable-form.js';
export * from './compare-copy.js';
export * from './copy-finding.js';
export * from './reconcile-settings.js';
export * from './sync-directory.js';
export * from './sync-flows.js';
export * from './sync-rule.js';
