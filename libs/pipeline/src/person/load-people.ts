import type { ConsentState } from '@firsthand/domain';
import { readLedgers, refold } from '../consent/person-ledger.js';
import type { Store, StoreReads } from '../ports/store.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { forgetPast } from '../retention/forget-person.js';
import { newPersonWork, type PersonWork } from './person-work.js';

/**
 * Reads people by profile id, aliases resolved, with what may be kept of them at this moment. Of who is marked, or known by an identity that is, what stands is folded from the ledger: a refusal that is not written into their state yet counts. The map is keyed by the ids asked for; ids that name nobody are left out.
 */
export async function loadPeople(tx: StoreReads, configuration: WorkspaceConfiguration, profileIds: readonly string[], now: number): Promise<Map<string, PersonWork>> {
  const { workspaceId } = configuration;
  const profiles = await tx.findProfiles(workspaceId, [...new Set(profileIds)]);
  const states = await tx.findConsentStates(workspaceId, [...new Set([...profiles.values()].map(({ profileId }) => profileId))]);
  const works = new Map<string, PersonWork>();
  for (const profile of profiles.values()) {
    if (works.has(profile.profileId)) continue;
    works.set(profile.profileId, newPersonWork(profile, states.get(profile.profileId) ?? {}, false));
  }
  const marked = await findBehind(tx, workspaceId, [...works.values()]);
  await readLedgers(tx, workspaceId, marked);
  for (const person of marked) refold(person);
  for (const person of works.values()) forgetPast(person, configuration, now);
  return new Map([...profiles].map(([asked, { profileId }]) => [asked, works.get(profileId) as PersonWork]));
}

/** What stands of a person at this moment, as {@link loadPeople} reads it; undefined for nobody. */
export async function readConsents(store: Pick<Store, 'snapshot'>, configuration: WorkspaceConfiguration, profileId: string, now: number): Promise<ConsentState | undefined> {
  return (await store.snapshot((reads) => loadPeople(reads, configuration, [profileId], now))).get(profileId)?.consents;
}

/** Those of whom something may have been refused that is not written into their state. */
async function findBehind(tx: Pick<StoreReads, 'findMarked'>, workspaceId: string, people: readonly PersonWork[]): Promise<PersonWork[]> {
  const marked = await tx.findMarked(workspaceId, [...new Set(people.flatMap(({ profile }) => profile.sharedKeys ?? []))]);
  return people.filter(({ profile }) => profile.mustRefold === true || profile.sharedKeys?.some((key) => marked.has(key)) === true);
}
