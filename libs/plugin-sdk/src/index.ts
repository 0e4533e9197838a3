export * from './errors.js';
export * from './http-client.js';
export * from './fields.js';
export * from './source.js';
export * from './destination.js';
export * from './plugin.js';
export type { JsonObject, JsonValue, Mapping, RecipientKind } from '@firsthand/domain';
