export * from './create-size-snapshots.js';
export * from './segment-size-store.js';
