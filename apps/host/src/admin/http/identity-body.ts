import { FirsthandError, NAMESPACES, type Identity } from '@firsthand/domain';
import { z } from 'zod';

const namespaces = [...NAMESPACES.keys()] as [string, ...string[]];

/** How a person is named in a request. */
export const identitySchema = z.strictObject({ namespace: z.enum(namespaces), value: z.string().min(1).max(256) }).meta({ id: 'IdentityBody', examples: [{ namespace: 'email', value: 'ana@example.com' }] });

/** The same in a query. */
export const identityQuerySchema = z.object({ namespace: z.enum(namespaces), value: z.string().min(1).max(256) });
export type IdentityQuery = z.infer<typeof identityQuerySchema>;

/**
 * The canonical spelling of an identity: the one under which it is stored.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a value that names nobody
 */
export function normaliseIdentity({ namespace, value }: IdentityQuery): Identity {
  const normal = NAMESPACES.get(namespace)?.normalise(value, {}) ?? null;
  if (normal === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/value', message: `names nobody as ${namespace}` }]);
  return { namespace, value: normal };
}
