import { FirsthandError, forgetProfile, identityKey, redecideFields, type ConsentState, type Identity, type PersonRetention, type Profile } from '@firsthand/domain';
import { profileOf, storeKey } from '@firsthand/persistence';
import { isNamedBy, readConsents, retentionOf } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';

/** A person with what may be kept of them at this moment, and their consent state. */
export interface FoundPerson {
  profile: Profile;
  consents: ConsentState;
  /** The person's own id and those of the profiles merged into them. */
  profileIds: string[];
  /** Until when data of the person is kept: events are given by it. */
  retention: PersonRetention;
}

/** The id of the profile that an identity was given to, be it as a mere claim; it may have been merged away since. Undefined where nobody has it. */
export async function findProfileId({ collections }: Pick<AdminContext, 'collections'>, workspaceId: string, identity: Identity): Promise<string | undefined> {
  const owner = await collections.identities.findOne({ _id: storeKey(workspaceId, identityKey(identity)) }, { projection: { profileId: 1 } });
  return owner?.profileId;
}

/** Follows a merge to the profile that is there now. What has ended is not in it, whether or not it was removed already, and each field is won by the rules of now: the one door through which the admin and customer planes read people. */
export async function findPerson({ collections, store, configuration, clock }: Pick<AdminContext, 'collections' | 'store' | 'configuration' | 'clock'>, workspaceId: string, profileId: string): Promise<FoundPerson | undefined> {
  const _id = storeKey(workspaceId, profileId);
  const [stored, state] = await Promise.all([collections.profiles.findOne({ _id }), collections.consentStates.findOne({ _id })]);
  if (stored === null) {
    // Read after the profile: what is merged away in between has its alias by then.
    const alias = await collections.aliases.findOne({ _id }, { projection: { to: 1 } });
    return alias === null ? undefined : findPerson({ collections, store, configuration, clock }, workspaceId, alias.to);
  }
  const held = profileOf(stored);
  const rules = configuration.workspace(workspaceId);
  // Only of who shares an identity, or is marked, may something be refused that is not written of them yet.
  const consents = (held.mustRefold === true || held.sharedKeys !== undefined ? await readConsents(store, rules, profileId, clock()) : undefined) ?? state?.state ?? {};
  const retention = retentionOf(rules, { profile: held, consents });
  const { profile } = redecideFields(forgetProfile(held, retention, clock()).profile, rules.ownerRank);
  return { profile, consents, profileIds: [profile.profileId, ...profile.mergedFrom], retention };
}

/** The person whom an identity names to whoever shows that it is theirs: not who only claimed it. Undefined for nobody. */
export async function findPersonOf(admin: Parameters<typeof findPerson>[0], workspaceId: string, identity: Identity): Promise<FoundPerson | undefined> {
  const holder = await findHolder(admin, workspaceId, identity);
  return holder !== undefined && isNamedBy(holder.profile, identityKey(identity)) ? holder : undefined;
}

/** For staff: who has an identity, be it as a mere claim, as which it is marked. @throws FirsthandError `NOT_FOUND` */
export async function getHolderOf(admin: AdminContext, workspaceId: string, identity: Identity): Promise<FoundPerson> {
  const person = await findHolder(admin, workspaceId, identity);
  if (person === undefined) throw new FirsthandError('NOT_FOUND', 'Nobody is known by this identity.');
  return person;
}

async function findHolder(admin: Parameters<typeof findPerson>[0], workspaceId: string, identity: Identity): Promise<FoundPerson | undefined> {
  const profileId = await findProfileId(admin, workspaceId, identity);
  return profileId === undefined ? undefined : findPerson(admin, workspaceId, profileId);
}
