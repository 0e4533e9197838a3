export * from './create-deliver.js';
export * from './decide-delivery.js';
export * from './lane-run.js';
export * from './evidence-chain.js';
export * from './lane-tick.js';
export * from './lane-visit.js';
export * from './retry-delay.js';
