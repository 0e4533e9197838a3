export * from './retention-of.js';
