import type { Identity } from '../canonical/canonical-record.js';

/**
 * Adds the identities that are new, in place, keeping the list in order of namespace and value. Gives those added.
 *
 * @example unionIdentities(profile.identities, record.identities)
 */
export function unionIdentities(into: Identity[], more: readonly Identity[]): Identity[] {
  const added: Identity[] = [];
  for (const identity of more) {
    const at = into.findIndex((known) => order(known, identity) >= 0);
    const neighbour = into[at];
    if (neighbour !== undefined && order(neighbour, identity) === 0) continue;
    const copy = { namespace: identity.namespace, value: identity.value };
    into.splice(at === -1 ? into.length : at, 0, copy);
    added.push(copy);
  }
  return added;
}

function order(one: Identity, other: Identity): number {
  if (one.namespace !== other.namespace) return one.namespace < other.namespace ? -1 : 1;
  if (one.value === other.value) return 0;
  return one.value < other.value ? -1 : 1;
}
