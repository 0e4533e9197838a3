export * from './decide-sync.js';
export * from './sync-digest.js';
