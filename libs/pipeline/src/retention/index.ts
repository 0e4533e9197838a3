export * from './create-retention-sweep.js';
export * from './retention-of.js';
export * from './retention-store.js';
