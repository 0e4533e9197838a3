export * from './count-stopped.js';
export * from './create-sync-alerts.js';
export * from './decide-sync.js';
export * from './read-sync-ground.js';
export * from './sync-digest.js';
