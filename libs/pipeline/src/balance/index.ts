export * from './balance-report-store.js';
export * from './create-balance-reports.js';
