export * from './forget-profile.js';
export * from './forget-record.js';
export * from './kept-days.js';
export * from './kept-for.js';
export * from './person-retention.js';
export * from './retention-rules.js';
