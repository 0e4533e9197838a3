import { parseIdentityKey, type Identity } from '@firsthand/domain';
import { storeKey } from '../store/store-key.js';

/** A person by all that a stored row may name them by. */
export interface DataSubject {
  workspaceId: string;
  /** The person's own id and those of all profiles that were merged into them. */
  profileIds: readonly string[];
  /** `namespace|value`, normalised, of every identity that is theirs. */
  identityKeys: readonly string[];
}

/** The keys of the rows that there is one of per profile. */
export function profileKeys({ workspaceId, profileIds }: DataSubject): string[] {
  return profileIds.map((profileId) => storeKey(workspaceId, profileId));
}

/** The identities as records hold them. */
export function identitiesOf({ identityKeys }: Pick<DataSubject, 'identityKeys'>): Identity[] {
  return identityKeys.map(parseIdentityKey);
}
