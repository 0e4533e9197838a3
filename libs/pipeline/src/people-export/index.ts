export * from './export-people.js';
