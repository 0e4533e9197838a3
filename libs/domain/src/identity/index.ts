export * from './namespaces.js';
export * from './identity-key.js';
export * from './mask-identity.js';
export * from './normalise-email.js';
export * from './normalise-phone.js';
export * from './resolve-identities.js';
export * from './identities-in.js';
