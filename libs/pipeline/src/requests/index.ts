export * from './open-request.js';
export * from './create-request-alerts.js';
export * from './carry-out-act.js';
