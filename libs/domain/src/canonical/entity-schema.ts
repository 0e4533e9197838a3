import { z } from 'zod';
import { FIELD_TYPES, type ScalarType } from './field-types.js';
import type { FieldDefinition, FieldDefinitions } from './field-definition.js';

type ScalarValue<T extends ScalarType> = z.infer<(typeof FIELD_TYPES)[T]['schema']>;

type FieldValue<F> = F extends { type: 'object'; fields: infer C }
  ? EntityOf<C>
  : F extends { type: 'objects'; fields: infer C }
    ? EntityOf<C>[]
    : F extends { type: 'string'; values: readonly (infer V)[] }
      ? V
      : F extends { type: infer T extends ScalarType }
        ? ScalarValue<T>
        : never;

/** The TypeScript type of an entity, from its field definitions. Every field may be absent. */
export type EntityOf<F> = { -readonly [K in keyof F]?: FieldValue<F[K]> };

/**
 * The Zod schema of an entity, from its field definitions, with their metadata in it (`z.globalRegistry`), so that JSON Schema and OpenAPI carry it.
 *
 * @example entitySchema(STORE_FIELDS).parse({ storeId: 'hz-01' })
 */
export function entitySchema<F extends FieldDefinitions>(fields: F): z.ZodType<EntityOf<F>> {
  return z.strictObject(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field).optional()]))) as unknown as z.ZodType<EntityOf<F>>;
}

function fieldSchema(field: FieldDefinition): z.ZodType {
  const { description, owner, pii, retentionDays, purposes } = field;
  const metadata = { description, 'x-owner': owner, 'x-pii': pii, 'x-retention-days': retentionDays, 'x-purposes': [...purposes] };
  if ('fields' in field) {
    const entity = entitySchema(field.fields);
    return (field.type === 'objects' ? z.array(entity) : entity).meta(metadata);
  }
  const schema = field.values === undefined ? FIELD_TYPES[field.type].schema : z.enum(field.values as [string, ...string[]]);
  return schema.meta({ ...metadata, examples: [field.example] });
}
