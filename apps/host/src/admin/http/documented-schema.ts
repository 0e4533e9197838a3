import type { z } from 'zod';

/** A schema that accepts by one and is documented by another. */
export type DocumentedSchema<T> = z.ZodType<T>;

/**
 * Checks with `accepts` and shows `shows` in the OpenAPI document: for bodies whose inner tree has a checker of its own, which names every place
 * that is wrong where a union only says that nothing fits.
 *
 * @example @Body({ schema: documentedSchema(z.strictObject({ condition: z.unknown() }), z.strictObject({ condition: conditionSchema })) })
 */
export function documentedSchema<T>(accepts: z.ZodType<T>, shows: z.ZodType): DocumentedSchema<T> {
  const standard = { ...shows['~standard'], validate: accepts['~standard'].validate };
  return { '~standard': standard } as unknown as DocumentedSchema<T>;
}
