export * from './read-environment.js';
export * from './create-logger.js';
export * from './create-metrics.js';
export * from './nest-logger.js';
export * from './stop-gracefully.js';
export * from './notify/create-notifier.js';
