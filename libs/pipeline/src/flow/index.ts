export { createStepCountCompaction, type StepCountCompactionOptions } from './compact-step-counts.js';
export { fillingOf, runSchedules, type RunSchedulesOptions } from './run-schedules.js';
export { StepCounts } from './step-counts.js';
export { startSync, type SyncCall } from './start-sync.js';
export { triggerFlow, type FlowCall, type TriggerFlowOptions } from './trigger-flow.js';
