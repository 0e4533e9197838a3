export { createGatekeeper, GATEKEEPER, type GatekeeperOptions } from './create-gatekeeper.js';
export { decidePush, type PushVerdict } from './decide-push.js';
export { lookAtGate, type LookAtGateOptions } from './look-at-gate.js';
export * from './push-gate-row.js';
export type { PushGateStore } from './push-gate-store.js';
export { pushLimitsOf, sentPaths } from './push-limits-of.js';
