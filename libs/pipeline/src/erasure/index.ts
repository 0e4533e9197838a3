export * from './create-eraser.js';
export * from './erasure.js';
export * from './erasure-store.js';
export * from './start-erasure.js';
