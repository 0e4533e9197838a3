import { stableId, type NamedLink } from '@firsthand/domain';
import type { IdentityLinkRow } from '../ports/rows.js';

/** The id of the row in which a link waits: by its two keys, the stronger one first. */
export function linkIdOf(workspaceId: string, keys: readonly [string, string]): string {
  return `${workspaceId}|${stableId(workspaceId, 'identity-link', ...keys)}`;
}

/** What a row says that names both its ends. */
export function saidOfRow({ keys, causeEventId, connectionId, at, occurredAt = at }: IdentityLinkRow): NamedLink {
  return { keys, at: occurredAt, eventId: causeEventId, connectionId };
}
