import type { ConsentState, PersonRetention, Profile } from '@firsthand/domain';
import { retentionOf } from '@firsthand/pipeline';
import { storeKey } from '../store/store-key.js';
import type { RetentionScope } from './retention-part.js';

/** A person as far as it is asked until when they are kept. */
export interface KeptPerson {
  retention: PersonRetention;
  consents: ConsentState;
  /** The person's own id and those of the profiles merged into them. */
  profileIds: string[];
}

/**
 * The people behind profile ids, merges followed; who is not here any more is kept by the rules of somebody who has refused nothing.
 *
 * @returns a look-up by the ids that were asked for
 */
export async function keptPeople({ collections: { aliases, profiles, consentStates }, session, row: { workspaceId }, configuration }: RetentionScope, profileIds: readonly string[]): Promise<(profileId: string) => KeptPerson> {
  const ids = [...new Set(profileIds)];
  const moved = await aliases.find({ _id: { $in: ids.map((id) => storeKey(workspaceId, id)) } }, { session, projection: { to: 1 } }).toArray();
  const roots = new Map(moved.map(({ _id, to }) => [_id.slice(workspaceId.length + 1), to]));
  const keys = [...new Set(ids.map((id) => storeKey(workspaceId, roots.get(id) ?? id)))];
  // By what of a profile the law asks about: see `dataSubjectOf`.
  const found = await profiles.find({ _id: { $in: keys } }, { session, projection: { profileId: 1, mergedFrom: 1, 'fields.country': 1, 'fields.birthday': 1, 'fields.age': 1 } }).toArray();
  const states = new Map((await consentStates.find({ _id: { $in: keys } }, { session }).toArray()).map(({ profileId, state }) => [profileId, state]));
  const personOf = (profileId: string, { fields, mergedFrom }: Pick<Profile, 'fields' | 'mergedFrom'>): KeptPerson => {
    const consents = states.get(profileId) ?? {};
    return { consents, profileIds: [profileId, ...mergedFrom], retention: retentionOf(configuration, { profile: { fields }, consents }) };
  };
  const people = new Map(found.map((profile) => [profile.profileId, personOf(profile.profileId, { fields: profile.fields ?? {}, mergedFrom: profile.mergedFrom })]));
  return (profileId) => people.get(roots.get(profileId) ?? profileId) ?? personOf(profileId, { fields: {}, mergedFrom: [] });
}
