export * from './open-request.js';
export * from './open-machine-request.js';
export * from './create-request-alerts.js';
export * from './carry-out-act.js';
export * from './request-callback-store.js';
export * from './create-request-callbacks.js';
