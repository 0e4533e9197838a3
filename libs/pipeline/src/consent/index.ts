export * from './event-consents.js';
export * from './record-consents.js';
