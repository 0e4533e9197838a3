export * from './person-export-store.js';
export * from './order-person-export.js';
export * from './create-person-export-worker.js';
export * from './serve-access-requests.js';
