export * from './compile-signals.js';
export * from './consent-signal.js';
