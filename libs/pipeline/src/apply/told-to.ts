import { isRefusal, type ConsentRecord, type ResolvePlan } from '@firsthand/domain';
import type { Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/** What is decided by: records in the order of their plan, and what each of them carries, as `carriedConsents` gives it. */
export interface PlannedRecords {
  candidates: readonly Candidate[];
  plan: ResolvePlan;
  carried: ReadonlyMap<Candidate, readonly ConsentRecord[]>;
}

/**
 * Whom what records of a batch decide is of: the record's own person, and of a refusal everybody who is known by what it is told of.
 *
 * @param personOf candidate → the person by the plan
 * @param people as they are by the plan on their devices
 * @example toldTo(personOf, planned, people).get(profileId)
 */
export function toldTo(personOf: ReadonlyMap<Candidate, string>, { plan: { merges, movedIdentities, newIdentities }, carried }: PlannedRecords, { owners, works }: KnownPeople): Map<string | undefined, ConsentRecord[]> {
  if (carried.size === 0) return new Map();
  const winnerOf = new Map(merges.map(({ winner, loser }) => [loser, winner]));
  const knownBy = new Map<string, string[]>();
  const note = (key: string, id: string): void => push(knownBy, key, winnerOf.get(id) ?? id);
  for (const [key, id] of [...owners, ...newIdentities]) note(key, id);
  for (const { identityKey, to } of movedIdentities) note(identityKey, to);
  for (const [id, { profile: { sharedKeys = [] } }] of works) for (const key of sharedKeys) note(key, id);
  const heardBy = new Map<string | undefined, ConsentRecord[]>();
  for (const [teller, records] of carried) {
    for (const record of records) {
      for (const id of new Set([personOf.get(teller), ...(isRefusal(record.decision) ? knownBy.get(record.identityKey) ?? [] : [])])) push(heardBy, id, record);
    }
  }
  return heardBy;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
