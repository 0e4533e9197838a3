export * from './advance-run.js';
export * from './compile-flow.js';
export { flowContentSchema, flowDefinitionSchema, MAX_FLOW_STEPS } from './flow-schema.js';
export * from './flow.js';
export * from './is-historical.js';
export * from './run-ids.js';
export * from './validate-flow.js';
