export * from './opendsr-settings.js';
export * from './opendsr-status.js';
export * from './read-subject-identities.js';
