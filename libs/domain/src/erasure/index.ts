export * from './held-record.js';
