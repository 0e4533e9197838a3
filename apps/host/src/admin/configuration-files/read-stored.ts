import { FirsthandError, type JsonObject, type JsonValue } from '@firsthand/domain';
import type { ConfigurationKind, Configured } from '@firsthand/persistence';
import type { z } from 'zod';
import type { AdminContext } from '../admin-context.js';

/** The row of a document; undefined where there is none. */
export async function findRow(admin: AdminContext, kind: ConfigurationKind, workspaceId: string, id: string): Promise<Configured<JsonObject> | undefined> {
  return admin.repository.get<JsonObject>(kind, workspaceId, id).catch((error: unknown) => {
    if (error instanceof FirsthandError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
}

/** Reads a content as the REST API reads its body. @throws FirsthandError `INVALID_REQUEST` with each place */
export function readContent<T>(schema: z.ZodType<T>, content: JsonValue): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw new FirsthandError('INVALID_REQUEST', undefined, result.error.issues.map(({ path, message }) => ({ path: `/${path.map(String).join('/')}`, message })));
}
