export * from './create-quarantine-worker.js';
export * from './quarantine-group.js';
export * from './quarantine-job.js';
export * from './quarantine-kept-since.js';
export * from './quarantine-store.js';
export * from './quarantined-values.js';
export * from './try-release.js';
