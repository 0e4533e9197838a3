export * from './expectation.js';
export { EXPECTATION_DEFAULTS, EXPECTATION_SHAPE, expectationSchema, MAX_EXPECTATIONS } from './expectation-schema.js';
export { checkExpectation, type ExpectationSurroundings } from './check-expectation.js';
export { compileExpectations, type CompiledExpectation, type CompiledExpectations, type ReferenceSet } from './compile-expectations.js';
export type { Observation } from './observe-rule.js';
export { mappedType } from './read-field.js';
export { addBuckets, hourOf, stepOf, sumBuckets, type QualityBucket } from './quality-bucket.js';
export { hoursOfWindow, judgeWindow, scoreOf, type WindowFacts, type WindowVerdict } from './judge-window.js';
export { moveStanding, newStanding, type QualityStanding, type QualityTidings } from './move-standing.js';
