export * from './compile-ownership.js';
export * from './explain-field.js';
export * from './ownership-settings.js';
export * from './ownership-text.js';
