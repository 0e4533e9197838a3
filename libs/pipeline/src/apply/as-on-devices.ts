import { newProfile, type ResolvePlan } from '@firsthand/domain';
import { readLedgers, stateOfLedger } from '../consent/person-ledger.js';
import { newPersonWork, type PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import type { ApplyContext } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/**
 * Copies of the people of a batch, as they are once those of its plan have come to devices that are others' already: known on them, and with what stands of what was decided there. Reads only where
 * somebody comes to a device, and their ledgers only where something was decided on it.
 *
 * @example (await asOnDevices(tx, plan, known, context)).works.get(profileId)?.consents
 */
export async function asOnDevices(tx: StoreTransaction, { assignment, refusedLinks }: Pick<ResolvePlan, 'assignment' | 'refusedLinks'>, { owners, works }: KnownPeople, { configuration: { workspaceId }, now }: Pick<ApplyContext, 'configuration' | 'now'>): Promise<KnownPeople> {
  const copies = new Map([...works].map(([profileId, work]) => [profileId, { ...work }]));
  const arrived = new Map<string, PersonWork[]>();
  for (const { record, identityKey, reason } of refusedLinks) {
    const profileId = assignment[record] as string;
    const person = copies.get(profileId) ?? stranger(workspaceId, profileId, now);
    if (reason !== 'device-shared' || person.profile.sharedKeys?.includes(identityKey) === true) continue;
    person.profile = { ...person.profile, sharedKeys: [...person.profile.sharedKeys ?? [], identityKey] };
    copies.set(profileId, person);
    arrived.set(identityKey, [...arrived.get(identityKey) ?? [], person]);
  }
  if (arrived.size === 0) return { owners, works: copies };
  const decided = await tx.findConsentRecords(workspaceId, [...arrived.keys()]);
  const concerned = [...new Set(decided.flatMap(({ identityKey }) => arrived.get(identityKey) ?? []))];
  await readLedgers(tx, workspaceId, concerned);
  for (const person of concerned) person.consents = stateOfLedger(person);
  return { owners, works: copies };
}

/** Somebody of whom nothing is stored. */
export function stranger(workspaceId: string, profileId: string, now: number): PersonWork {
  return newPersonWork(newProfile({ workspaceId, profileId, subjectKey: '', seenAt: now, now }), {}, true);
}
