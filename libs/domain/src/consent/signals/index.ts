export * from './compile-signals.js';
export * from './consent-signal.js';
export { firstMomentOf } from './last-moment-of.js';
