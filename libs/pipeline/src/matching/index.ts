export { suggestionIdOf } from './compare-blocks.js';
export * from './create-match-worker.js';
export * from './decide-match.js';
export * from './match-rows.js';
export * from './match-store.js';
export { matchable, type MatchContext } from './may-match.js';
