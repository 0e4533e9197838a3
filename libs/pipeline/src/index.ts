export * from './ports/index.js';
export * from './ingest/index.js';
export * from './apply/index.js';
export * from './deliver/index.js';
export * from './sweep/index.js';
export * from './poll/index.js';
export * from './consent/index.js';
export * from './person/index.js';
