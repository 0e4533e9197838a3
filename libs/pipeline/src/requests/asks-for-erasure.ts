import type { CanonicalRecord } from '@firsthand/domain';

/**
 * Whether a record says that the person asked to be erased: a `delete` with the reason `privacy-request`. A system may tell of the same as of any deletion besides.
 *
 * @example asksForErasure({ ...record, type: 'delete', properties: { reason: 'privacy-request' } }) // true
 */
export function asksForErasure({ type, properties }: Pick<CanonicalRecord, 'type' | 'properties'>): boolean {
  return type === 'delete' && properties.reason === 'privacy-request';
}
