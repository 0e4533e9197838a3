export * from './create-removal-alerts.js';
export * from './removal-status.js';
export * from './removal-store.js';
