export * from './create-sweep.js';
export * from './sweep-options.js';
