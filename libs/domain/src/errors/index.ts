export * from './error-table.js';
export * from './firsthand-error.js';
