export * from './mapping.js';
export * from './mapping-helper.js';
export * from './mapping-helpers.js';
export * from './compile-mapping.js';
export { parseTemplate, type TemplateMistake } from './parse-template.js';
