export * from './fake-http.js';
export * from './fake-log.js';
export * from './sample-delivery-context.js';
export * from './map-record.js';
export * from './map-payload.js';
export { testSource } from './test-source.js';
export type { ExpectedRecord, SourceFixture, TestSourceOptions } from './test-source-options.js';
export { testDestination } from './test-destination.js';
export type { TestDestinationOptions } from './test-destination-options.js';
