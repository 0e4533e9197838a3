export * from './create-template.js';
export type { DictionaryLineage, EventLineage, FieldLineage } from './dictionary-lineage.js';
export * from './render-dictionary-html.js';
export * from './template-helpers.js';
