export { newBackfill, type Backfill } from './backfill.js';
export * from './backfill-store.js';
export * from './create-backfill-worker.js';
// Counting from stored events leaves the platform's own out.
export { INTERNAL_CONNECTION } from '../person/move-segments.js';
