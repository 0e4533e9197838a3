import { fieldOf, forgetProfile, type Identity, type Profile } from '@firsthand/domain';
import { profileOf, storeKey } from '@firsthand/persistence';
import { retentionOf, type PersonChange } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { peopleMask, type CallersMask } from '../profiles/people-mask.js';
import type { ChangeView } from './change-bodies.js';

/** A change with its place. */
export interface PlacedChange {
  cursor: string;
  /** Epoch ms. */
  at: number;
  change: PersonChange;
}

type Viewer = Pick<AdminContext, 'collections' | 'configuration' | 'clock'>;

/**
 * Shows changes to a caller, with the values that the people have now, as far as the caller may see them: of whom something was erased or may be kept no longer there is none. What the role does not
 * show at all is left out.
 */
export async function viewChanges(admin: Viewer, caller: Caller, placed: readonly PlacedChange[]): Promise<ChangeView[]> {
  const profiles = await readProfiles(admin, caller.workspaceId, placed.flatMap(({ change }) => (change.kind === 'profile' || (change.kind === 'identity' && change.act === 'added') ? [change.profileId] : [])));
  const mask = peopleMask(admin, caller);
  return placed.flatMap((one) => viewChange(one, caller, mask, profiles.get(one.change.profileId)) ?? []);
}

function viewChange({ cursor, at, change }: PlacedChange, { ability }: Caller, mask: CallersMask, profile: Profile | undefined): ChangeView | undefined {
  const { profileId, version, from = [] } = change;
  const common = { cursor, at: time(at), profileId, version, from };
  const shows = (field: string): boolean => ability.can('read', 'profile', field);
  if (change.kind === 'profile') {
    const fields = change.fields.filter(({ name }) => shows(`traits.${name}`)).map(({ name, source, at: from }) => ({ name, source, at: from === null ? null : time(from), ...valueOf(profile, name, mask) }));
    return fields.length === 0 ? undefined : { ...common, kind: 'profile', fields };
  }
  if (change.kind === 'consent') return shows('consents') ? { ...common, kind: 'consent', purpose: change.purpose, standings: change.standings.map((standing) => ({ source: null, actor: null, ...standing, at: time(standing.at) })) } : undefined;
  if (change.kind === 'membership') return shows('memberships') ? { ...common, kind: 'membership', segmentId: change.segmentId, isMember: change.isMember } : undefined;
  // That somebody is gone has to reach whoever has a copy of anything.
  if (change.act === 'removed') return { ...common, kind: 'identity', act: 'removed' };
  if ('other' in change) return shows('mergedFrom') ? { ...common, kind: 'identity', act: change.act, other: change.other } : undefined;
  const namespaces = change.namespaces.filter((namespace) => shows(`identities.${namespace}`));
  if (namespaces.length === 0) return undefined;
  return { ...common, kind: 'identity', act: change.act, namespaces, ...(change.act === 'added' && profile !== undefined ? { identities: identitiesIn(profile, namespaces, mask) } : {}) };
}

function valueOf(profile: Profile | undefined, name: string, mask: CallersMask): { value?: unknown } {
  const value = profile === undefined ? null : fieldOf(profile, name)?.value ?? null;
  return value === null ? {} : { value: mask.value(`profile.${name}`, value) };
}

function identitiesIn({ identities }: Profile, namespaces: readonly string[], mask: CallersMask): Identity[] {
  return identities.filter(({ namespace }) => namespaces.includes(namespace)).map((identity) => ({ namespace: identity.namespace, value: mask.identity(identity) }));
}

/** People as they may be shown at this moment: what has ended is not there, whether or not it was removed already. Who was merged away has nothing of their own any more. */
async function readProfiles({ collections, configuration, clock }: Viewer, workspaceId: string, profileIds: readonly string[]): Promise<Map<string, Profile>> {
  const ids = { $in: [...new Set(profileIds)].map((id) => storeKey(workspaceId, id)) };
  if (ids.$in.length === 0) return new Map();
  const [profiles, states] = await Promise.all([collections.profiles.find({ _id: ids }).toArray(), collections.consentStates.find({ _id: ids }).toArray()]);
  const consents = new Map(states.map(({ profileId, state }) => [profileId, state]));
  return new Map(profiles.map((stored) => {
    const held = profileOf(stored);
    const retention = retentionOf(configuration.workspace(workspaceId), { profile: held, consents: consents.get(held.profileId) ?? {} });
    return [held.profileId, forgetProfile(held, retention, clock()).profile];
  }));
}

function time(at: number): string {
  return new Date(at).toISOString();
}
