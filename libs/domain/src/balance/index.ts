export * from './balance-tally.js';
export * from './judge-balance.js';
