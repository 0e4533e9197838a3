export * from './create-ingest.js';
export * from './group-commit.js';
export * from './intake.js';
export * from './judge-raw.js';
export * from './partition-of.js';
