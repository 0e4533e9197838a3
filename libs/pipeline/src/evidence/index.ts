export * from './thin-anchors.js';
export * from './walk-chain.js';
