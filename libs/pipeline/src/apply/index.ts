export * from './apply-batch.js';
export * from './apply-context.js';
export * from './create-apply.js';
