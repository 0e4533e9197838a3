export { subjectOf } from './move-segments.js';
export { LedgerCounts, minuteOf, newPersonWork, type PersonWork } from './person-work.js';
export { operationOf } from './plan-delivery.js';
