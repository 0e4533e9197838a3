export * from './privacy-request.js';
export * from './request-due.js';
export * from './request-transition.js';
