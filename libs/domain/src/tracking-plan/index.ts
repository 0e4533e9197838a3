export * from './tracking-plan.js';
export { MAX_PLAN_EVENTS, MAX_PLAN_FIELDS, trackingPlanSchema } from './plan-schema.js';
export { fieldsToSchema } from './fields-to-schema.js';
export { plannedPaths } from './planned-paths.js';
export { judgePattern } from './judge-pattern.js';
export { checkTrackingPlan } from './check-tracking-plan.js';
export { compileTrackingPlan, missingTrackingPlan, type CompiledTrackingPlan, type PlanJudgement } from './compile-tracking-plan.js';
export { createPlanObserver, type ObservedPlan, type PlanObserver } from './observe-plan.js';
