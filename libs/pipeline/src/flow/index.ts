export { runSchedules, type RunSchedulesOptions } from './run-schedules.js';
export { triggerFlow, type FlowCall, type TriggerFlowOptions } from './trigger-flow.js';
