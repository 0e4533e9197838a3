export * from './audience.js';
export { listMembers, type ListMembersOptions } from './list-members.js';
export { compareIdOf, newCompare, runCompares } from './run-compares.js';
