export * from './create-template.js';
export * from './render-dictionary-html.js';
export * from './template-helpers.js';
