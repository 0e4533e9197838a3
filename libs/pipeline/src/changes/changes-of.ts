import { fieldOf, identityKey, stableId } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { ChangeBlock, ChangeKeeping, FieldChange, PersonChange, StandingChange } from './person-change.js';

const DAY_MS = 86_400_000;
const NONE = { added: [], released: [] };

/**
 * What a transaction has changed of its people, as those read it who follow changes. Called when it is all done and each profile has its new version; people of whom nothing
 * changed but counters are left out. Undefined where nothing is left.
 *
 * @example const block = changeBlockOf(workspaceId, touched, configuration.changes, now); if (block !== undefined) await tx.insertChangeBlock(block);
 */
export function changeBlockOf(workspaceId: string, people: readonly PersonWork[], keeping: ChangeKeeping, now: number): ChangeBlock | undefined {
  const changes = people.flatMap(changesOf);
  const [first] = changes;
  if (first === undefined) return undefined;
  // The id says nothing of anybody: a block outlives those who are erased from it.
  return { blockId: `${workspaceId}|${stableId(workspaceId, 'changes', first.profileId, first.version)}`, workspaceId, at: now, keptUntil: keptUntil(keeping, now), changes };
}

/** That people were erased: all that is told of them from then on. */
export function removedBlock(workspaceId: string, erasureId: string, profileIds: readonly string[], keeping: ChangeKeeping, now: number): ChangeBlock {
  const changes = profileIds.map((profileId): PersonChange => ({ profileId, version: 0, kind: 'identity', act: 'removed' }));
  return { blockId: `${workspaceId}|${stableId(workspaceId, 'removed', erasureId)}`, workspaceId, at: now, keptUntil: keptUntil(keeping, now), changes };
}

function keptUntil({ keptForDays }: ChangeKeeping, now: number): number {
  return now + keptForDays * DAY_MS;
}

function changesOf(person: PersonWork): PersonChange[] {
  const { profile: { profileId, version }, joins, membershipChanges } = person;
  const changes: PersonChange[] = joins.map(({ act, other }) => ({ profileId, version, kind: 'identity', act, other }));
  const { added, released } = identityChanges(person);
  if (added.length > 0) changes.push({ profileId, version, kind: 'identity', act: 'added', namespaces: [...added] });
  if (released.length > 0) changes.push({ profileId, version, kind: 'identity', act: 'released', namespaces: [...released] });
  const fields = fieldChanges(person);
  if (fields.length > 0) changes.push({ profileId, version, kind: 'profile', fields });
  for (const purpose of person.changedPurposes) changes.push({ profileId, version, kind: 'consent', purpose, standings: standingsOf(person, purpose) });
  for (const { segmentId, isMember } of membershipChanges) changes.push({ profileId, version, kind: 'membership', segmentId, isMember });
  return changes;
}

function identityChanges({ profile: { identities }, knownIdentities }: PersonWork): { added: readonly string[]; released: readonly string[] } {
  // Nearly always.
  if (identities.length === knownIdentities.length && identities.every((one, index) => one === knownIdentities[index])) return NONE;
  const [before, after] = [new Set(knownIdentities.map(identityKey)), new Set(identities.map(identityKey))];
  const namespaces = (list: PersonWork['knownIdentities'], without: ReadonlySet<string>): string[] => [...new Set(list.filter((one) => !without.has(identityKey(one))).map(({ namespace }) => namespace))];
  return { added: namespaces(identities, before), released: namespaces(knownIdentities, after) };
}

function fieldChanges({ profile, changedFields, joins }: PersonWork): FieldChange[] {
  const names = new Set([...changedFields, ...joins.flatMap(({ fields }) => fields)]);
  return [...names].map((name) => {
    const field = fieldOf(profile, name);
    return field === undefined ? { name, source: null, at: null } : { name, source: field.source, at: field.at };
  });
}

/** What waits for a proof or a confirmation does not stand yet. */
function standingsOf({ consents }: PersonWork, purpose: string): StandingChange[] {
  const standings = Object.hasOwn(consents, purpose) ? consents[purpose] : undefined;
  return Object.entries(standings ?? {}).flatMap(([recipient, standing]) => (standing === undefined || standing.waitsFor !== undefined ? []
    : [{ recipient, decision: standing.decision, method: standing.method, at: standing.effectiveAt }]));
}
