import { FirsthandError, type JsonValue } from '@firsthand/domain';
import type { z } from 'zod';

/** Reads a content as the REST API reads its body. @throws FirsthandError `INVALID_REQUEST` with each place */
export function readContent<T>(schema: z.ZodType<T>, content: JsonValue): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw new FirsthandError('INVALID_REQUEST', undefined, result.error.issues.map(({ path, message }) => ({ path: `/${path.map(String).join('/')}`, message })));
}
