export * from './audience.js';
export { compareIdOf, newCompare, runCompares } from './run-compares.js';
