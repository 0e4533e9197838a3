import type { JsonObject } from '@firsthand/domain';
import { z } from 'zod';
import type { Fields } from './fields.js';
import { fieldsSchema } from './fields-schema.js';

/**
 * The JSON Schema (2020-12) of a set of fields, in their order: what a form is drawn from. Secrets are `writeOnly` with format `password`;
 * a field with a default is not required.
 *
 * @throws FirsthandError `INVALID_PLUGIN` when a field is not well defined.
 * @example settingsJsonSchema(plugin.settings).properties
 */
export function settingsJsonSchema(fields: Fields): JsonObject {
  return z.toJSONSchema(fieldsSchema(fields), { target: 'draft-2020-12', io: 'input' }) as JsonObject;
}
