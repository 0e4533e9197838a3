export * from './open-request.js';
