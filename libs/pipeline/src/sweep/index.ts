export * from './create-sweep.js';
