export * from './write-key.js';
