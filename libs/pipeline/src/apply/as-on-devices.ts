import { foldLedger, newProfile, type ResolvePlan } from '@firsthand/domain';
import { provenAtOf, readLedgers } from '../consent/person-ledger.js';
import { newPersonWork, type PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import type { ApplyContext } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/**
 * The people of a batch as they are once those of its plan have come to devices that are others' already: known on them, and with what stands of what was decided there. Changes nobody; reads only where
 * somebody comes to a device, and their ledgers only where something was decided on it.
 *
 * @example (await asOnDevices(tx, plan, known, context)).works.get(profileId)?.consents
 */
export async function asOnDevices(tx: StoreTransaction, { assignment, refusedLinks }: Pick<ResolvePlan, 'assignment' | 'refusedLinks'>, known: KnownPeople, { configuration: { workspaceId }, now }: Pick<ApplyContext, 'configuration' | 'now'>): Promise<KnownPeople> {
  const arrivals = new Map<string, Set<string>>();
  for (const { record, identityKey, reason } of refusedLinks) {
    const profileId = assignment[record] as string;
    if (reason !== 'device-shared' || known.works.get(profileId)?.profile.sharedKeys?.includes(identityKey) === true) continue;
    arrivals.set(profileId, (arrivals.get(profileId) ?? new Set()).add(identityKey));
  }
  if (arrivals.size === 0) return known;
  const arrived = new Map([...arrivals].map(([profileId, keys]) => [profileId, arrive(known.works.get(profileId) ?? stranger(workspaceId, profileId, now), keys)]));
  const decided = new Set((await tx.findConsentRecords(workspaceId, [...new Set([...arrivals.values()].flatMap((keys) => [...keys]))])).map(({ identityKey }) => identityKey));
  const concerned = [...arrived.values()].filter(({ profile }) => [...arrivals.get(profile.profileId) ?? []].some((key) => decided.has(key)));
  await readLedgers(tx, workspaceId, concerned);
  for (const person of concerned) if (person.ledger !== undefined) person.consents = foldLedger({ ...person.ledger, provenAt: provenAtOf(person.profile) }, person.profile.profileId);
  return { ...known, works: new Map([...known.works, ...arrived]) };
}

function arrive({ ledger: _, ...person }: PersonWork, keys: ReadonlySet<string>): PersonWork {
  return { ...person, profile: { ...person.profile, sharedKeys: [...person.profile.sharedKeys ?? [], ...keys] } };
}

function stranger(workspaceId: string, profileId: string, now: number): PersonWork {
  return newPersonWork(newProfile({ workspaceId, profileId, subjectKey: '', seenAt: now, now }), {}, true);
}
