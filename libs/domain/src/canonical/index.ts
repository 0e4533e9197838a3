export * from './canonical-record.js';
