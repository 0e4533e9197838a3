export * from './consent.js';
export * from './consent-receipt.js';
export * from './data-subject.js';
export * from './decide-consent.js';
export * from './field-cover.js';
export * from './fold-consent.js';
export * from './seal-consent.js';
export * from './signals/index.js';
