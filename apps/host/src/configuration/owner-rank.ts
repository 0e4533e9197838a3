import type { Dictionary } from '@firsthand/domain';

const OWNER = 0;
const OTHER = 1;

/**
 * How much each connection owns a profile field: the channel that the dictionary names as its owner comes before all others, and these are equal.
 *
 * @param channels of every source connection, also of those that cannot be used now: their fields keep their rank
 * @example ownerRank(dictionary, new Map([['con_pos', 'store']]))('preferredStoreId', 'con_pos') // 0
 */
export function ownerRank(dictionary: Dictionary, channels: ReadonlyMap<string, string>): (field: string, connectionId: string) => number {
  const owners = new Map<string, string>();
  return (field, connectionId) => {
    let owner = owners.get(field);
    if (owner === undefined) owners.set(field, (owner = dictionary.field(`profile.${field}`)?.owner ?? 'any'));
    return channels.get(connectionId) === owner ? OWNER : OTHER;
  };
}
