export * from './create-deliver.js';
export * from './decide-delivery.js';
export * from './drain-lane.js';
export * from './evidence-chain.js';
export * from './lane-tick.js';
export * from './retry-delay.js';
