import { identityKey, keySpellings, type Identity, type Profile } from '@firsthand/domain';
import { isProven } from '../consent/move-claims.js';
import type { StoreReads } from '../ports/store.js';

type Named = Pick<Profile, 'verifiedKeys'>;

/**
 * Whether who shows that an identity is theirs is the person of a profile that has it. Of a profile that verified records have named, only by what these named: all else, devices too, came over a public key, by which anybody can
 * put a name of theirs to somebody else. One that nothing has proven goes along with any of its identities, as it does where records are resolved.
 *
 * @param key `namespace|value`, of the profile
 * @example isNamedBy(profile, 'email|ana@example.com')
 */
export function isNamedBy(profile: Named, key: string): boolean {
  return profile.verifiedKeys.includes(key) || !isProven(profile);
}

/** The identities by which somebody is the person of a profile: see {@link isNamedBy}. */
export function namingIdentities(profile: Named & Pick<Profile, 'identities'>): Identity[] {
  return profile.identities.filter((identity) => isNamedBy(profile, identityKey(identity)));
}

/** Who asks for something about themselves: by which identities, and as whom they were known when they asked. */
export interface AskingPerson {
  workspaceId: string;
  /** Normalised. */
  identities: readonly Identity[];
  /** Aliases are followed. Null for nobody. */
  profileId: string | null;
}

/**
 * Whom a request is about, as known by now: the person of when it was asked first, then those whom its identities name. The former not where an identity of the request has turned out to be another's, or only a claim of theirs, and
 * none of them names them; nor where nobody has any of them any more, since they may have been a claim.
 *
 * @example const [person] = await store.snapshot((reads) => findAsking(reads, request));
 */
export async function findAsking(reads: Pick<StoreReads, 'findIdentities' | 'findProfiles'>, { workspaceId, identities, profileId }: AskingPerson): Promise<Profile[]> {
  const keys = identities.map(identityKey);
  const owners = await reads.findIdentities(workspaceId, keys);
  const people = await reads.findProfiles(workspaceId, [...owners.values(), ...(profileId === null ? [] : [profileId])]);
  const holders = new Map(keys.flatMap((key): [string, Profile][] => {
    const holder = people.get(owners.get(key) ?? '');
    return holder === undefined ? [] : [[key, holder]];
  }));
  const named = [...holders].flatMap(([key, holder]) => (isNamedBy(holder, key) ? [holder] : []));
  const asked = people.get(profileId ?? '');
  const isAsked = (one: Profile): boolean => one.profileId === asked?.profileId;
  // What a correction has taken from them was theirs when they asked. A device that is another's since may have been a mere claim, which an erasure took off them.
  const isContested = ([key, holder]: [string, Profile]): boolean => isAsked(holder) || asked?.disowned?.some((one) => keySpellings(key).includes(one)) !== true || holder.sharedKeys?.includes(key) === true;
  const counts = asked !== undefined && (named.some(isAsked) || (holders.size > 0 && ![...holders].some(isContested)));
  return [...new Map([...(counts ? [asked] : []), ...named].map((one) => [one.profileId, one])).values()];
}
