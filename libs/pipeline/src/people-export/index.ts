export * from './export-people.js';
export * from './list-export-action.js';
export * from './people-in-time.js';
