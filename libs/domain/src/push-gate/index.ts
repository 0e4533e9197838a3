export * from './admit-push.js';
export * from './judge-push.js';
export * from './push-baseline.js';
export * from './push-limits.js';
