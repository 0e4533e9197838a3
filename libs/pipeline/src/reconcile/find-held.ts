import { partedKeys, ruleIdOf } from '@firsthand/domain';
import { findErasedKeys } from '../erasure/find-erased-keys.js';
import { loadPeople } from '../person/load-people.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import { ownIdsOfDestination } from '../own-ids.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoreTransaction } from '../ports/store.js';
import type { ListedCopy } from './read-copies.js';
import type { ReconcilePlace } from './reconcile-place.js';

/** Whom the copies of a page are of. */
export interface CopyOwners {
  /** By the copy's key; who is not here is not known. */
  personOf: ReadonlyMap<string, PersonWork>;
  /** Keys of the copies of somebody who was erased. */
  erased: ReadonlySet<string>;
  /** Profile ids of those to whom a write of the rule is on its way. */
  pending: ReadonlySet<string>;
}

/** Finds whom copies are of: by the strongest identity that is known, as a record that comes in is resolved. */
export async function findOwners(
  tx: StoreTransaction, copies: readonly ListedCopy[], place: ReconcilePlace, configuration: WorkspaceConfiguration, { now, digest }: { now: number; digest(key: string): string },
): Promise<CopyOwners> {
  const { workspaceId } = configuration;
  const keys = [...new Set(copies.flatMap(({ identityKeys }) => identityKeys))];
  const owners = await tx.findIdentities(workspaceId, keys);
  const people = await loadPeople(tx, configuration, [...new Set(owners.values())], now);
  const erasedKeys = await findErasedKeys(tx, workspaceId, keys, digest);
  // A copy that the system holds of two who were told apart here is of the one whose it is.
  const isOwnId = ownIdsOfDestination(place.connection, configuration.identityRules) ?? (() => false);
  const isAnothers = ({ profile }: PersonWork, key: string): boolean => partedKeys(profile, isOwnId).has(key);
  const personOf = new Map<string, PersonWork>();
  for (const { key, identityKeys } of copies) {
    const person = identityKeys.map((one) => ({ one, of: people.get(owners.get(one) ?? '') })).find(({ one, of }) => of !== undefined && !isAnothers(of, one))?.of;
    if (person !== undefined) personOf.set(key, person);
  }
  const erased = new Set(copies.filter(({ identityKeys }) => identityKeys.some((key) => erasedKeys.has(key))).map(({ key }) => key));
  return { personOf, erased, pending: await findPending(tx, [...new Set(personOf.values())], place, configuration) };
}

/** Those of these people to whom a write of the rule is on its way, by profile id. */
export async function findPending(tx: StoreTransaction, people: readonly PersonWork[], { rule }: ReconcilePlace, { workspaceId }: WorkspaceConfiguration): Promise<Set<string>> {
  const rows = people.length === 0 ? [] : await tx.findPendingData(workspaceId, people.flatMap(idsOf), rule.connectionId);
  const ids = new Set(rows.filter(({ flowId }) => ruleIdOf(flowId) === rule.ruleId).map(({ profileId }) => profileId));
  return new Set(people.filter((person) => idsOf(person).some((id) => ids.has(id))).map(({ profile }) => profile.profileId));
}
