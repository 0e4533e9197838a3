export * from './create-sealer.js';
export * from './event-consents.js';
export * from './notice-ids.js';
export * from './read-history.js';
export * from './record-consents.js';
export * from './sealed.js';
export * from './data-subject-acts.js';
