export * from './reconcile-rows.js';
export * from './reconcile-store.js';
export * from './reconcile-place.js';
export * from './create-reconcile-worker.js';
export * from './start-nightly.js';
