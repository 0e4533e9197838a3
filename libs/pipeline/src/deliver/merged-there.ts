import { identityKey, isGoneId, parseIdentityKey, partedKeys, type IdentityRules, type JsonObject, type Profile } from '@firsthand/domain';
import { ownIdsOfDestination } from '../own-ids.js';
import type { DestinationConnection } from '../ports/configuration.js';

/** The reason of what is not sent since the system would take it for somebody else's. */
export const MERGED_THERE = 'merged-there';

type Recipient = Pick<DestinationConnection, 'connectionId' | 'destinations' | 'settings'>;

/** How a recipient whose account has merged its record of a person into that of another takes them. */
export interface TakenThere {
  /** The person without identities by which the account finds the other's record. */
  withoutAnothers(profile: Profile): Profile;
  /** Whether what has these identifiers would reach the other's record, or may: where the account has no record of the person's own, nobody can say what it makes of their addresses. */
  isAnothers(identifiers: JsonObject): boolean;
  /** Whether these identifiers themselves are such as lead to the other's record. */
  names(identifiers: JsonObject): boolean;
}

/** Null for a person of whom the account holds no record together with somebody from whom they were told apart here. */
export function takenThere(person: Profile, connection: Recipient, rules: Pick<IdentityRules, 'scopeOf'> | undefined): TakenThere | null {
  const isOwnId = person.parted === undefined ? undefined : ownIdsOfDestination(connection, rules);
  if (isOwnId === undefined) return null;
  const keys = partedKeys(person, isOwnId);
  if (keys.size === 0) return null;
  const isOther = (one: Profile['identities'][number]): boolean => keys.has(identityKey(one));
  const hasOwn = person.identities.some((one) => isOwnId(one) && !isOther(one) && !isGoneId(person, identityKey(one)));
  const values = new Set([...keys].map((key) => parseIdentityKey(key).value.toLowerCase()));
  const names = (identifiers: JsonObject): boolean => Object.values(identifiers).some((value) => typeof value === 'string' && values.has(value.trim().toLowerCase()));
  return { withoutAnothers: (profile) => ({ ...profile, identities: profile.identities.filter((one) => !isOther(one)) }), isAnothers: (identifiers) => !hasOwn || names(identifiers), names };
}
