export * from './rows.js';
export * from './store.js';
export * from './doorbell.js';
export * from './configuration.js';
export * from './pipeline-log.js';
export * from './rate-limits.js';
export * from './delivery-observer.js';
export * from './notifier.js';
