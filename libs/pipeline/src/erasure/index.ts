export * from './carry-out-erasures.js';
export * from './create-eraser.js';
export * from './erasure-store.js';
export * from './erasure.js';
export * from './start-erasure.js';
