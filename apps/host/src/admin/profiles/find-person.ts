import { FirsthandError, identityKey, type ConsentState, type Identity, type Profile } from '@firsthand/domain';
import { profileOf, storeKey } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';

/** A person as stored, with their consent state. */
export interface FoundPerson {
  profile: Profile;
  consents: ConsentState;
  /** The person's own id and those of the profiles merged into them. */
  profileIds: string[];
}

/** The profile id at the root of an identity, aliases resolved; undefined for nobody. */
export async function findProfileId({ collections }: Pick<AdminContext, 'collections'>, workspaceId: string, identity: Identity): Promise<string | undefined> {
  const owner = await collections.identities.findOne({ _id: storeKey(workspaceId, identityKey(identity)) }, { projection: { profileId: 1 } });
  return owner?.profileId;
}

/** Follows a merge to the profile that is there now. */
export async function findPerson({ collections }: Pick<AdminContext, 'collections'>, workspaceId: string, profileId: string): Promise<FoundPerson | undefined> {
  const alias = await collections.aliases.findOne({ _id: storeKey(workspaceId, profileId) }, { projection: { to: 1 } });
  const _id = storeKey(workspaceId, alias?.to ?? profileId);
  const [stored, state] = await Promise.all([collections.profiles.findOne({ _id }), collections.consentStates.findOne({ _id })]);
  if (stored === null) return undefined;
  const profile = profileOf(stored);
  return { profile, consents: state?.state ?? {}, profileIds: [profile.profileId, ...profile.mergedFrom] };
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getPersonOf(admin: AdminContext, workspaceId: string, identity: Identity): Promise<FoundPerson> {
  const profileId = await findProfileId(admin, workspaceId, identity);
  const person = profileId === undefined ? undefined : await findPerson(admin, workspaceId, profileId);
  if (person === undefined) throw new FirsthandError('NOT_FOUND', 'Nobody is known by this identity.');
  return person;
}
