import { SYNC_MODES, type SyncMode } from '@firsthand/domain';
import type { DestinationDefinition } from './destination.js';

/**
 * The sync modes that an action can do: all, as far as it can take people out; none where it keeps no members.
 *
 * @example syncModesOf(destination).includes('mirror')
 */
export function syncModesOf({ accepts, removeMembers }: Pick<DestinationDefinition, 'accepts' | 'removeMembers'>): readonly SyncMode[] {
  if (accepts !== 'membership') return [];
  return removeMembers === undefined ? SYNC_MODES.filter((mode) => mode !== 'mirror' && mode !== 'delete') : SYNC_MODES;
}
