import { maskPeople, type PeopleMask } from '@firsthand/access';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

/** What the caller may see of customers, by the workspace's dictionary. */
export interface CallersMask extends PeopleMask {
  /** Whether what cannot be taken apart by fields, such as a raw record, may be shown: only to who may read every class that the dictionary has. */
  showsRaw: boolean;
}

/** @example peopleMask(admin, caller).identity(identity) */
export function peopleMask({ configuration }: Pick<AdminContext, 'configuration'>, { workspaceId, ability }: Pick<Caller, 'workspaceId' | 'ability'>): CallersMask {
  const { dictionary } = configuration.workspace(workspaceId);
  const mask = maskPeople(ability, dictionary);
  // What is in no dictionary counts as personal.
  const classes = new Set([...dictionary.fields.map(({ pii }) => pii), 'personal' as const]);
  return { ...mask, showsRaw: [...classes].every((pii) => mask.showsFully(pii)) };
}
