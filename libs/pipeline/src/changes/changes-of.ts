import { fieldOf, identityKey, parseIdentityKey, stableId } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import { consentCauses, fieldCauses, identityCauses, type TransactionCause } from './causes-of.js';
import type { ChangeCause } from './change-cause.js';
import type { ChangeBlock, ChangeKeeping, FieldChange, PersonChange, StandingChange } from './person-change.js';

const DAY_MS = 86_400_000;
const NONE = { added: [], released: [] };

/**
 * What a transaction has changed of its people, as those read it who follow changes. Called when it is all done and each profile has its new version; people of whom nothing
 * changed but counters are left out. Undefined where nothing is left.
 *
 * @example const block = changeBlockOf(workspaceId, touched, { consentRecords: [] }, configuration.changes, now); if (block !== undefined) await tx.insertChangeBlock(block);
 */
export function changeBlockOf(workspaceId: string, people: readonly PersonWork[], told: TransactionCause, keeping: ChangeKeeping, now: number): ChangeBlock | undefined {
  const changes = people.flatMap((person) => changesOf(person, told));
  const [first] = changes;
  if (first === undefined) return undefined;
  // The id says nothing of anybody: a block outlives those who are erased from it.
  return { blockId: `${workspaceId}|${stableId(workspaceId, 'changes', first.profileId, first.version)}`, workspaceId, at: now, keptUntil: keptUntil(keeping, now), changes };
}

/** That people were erased: all that is told of them from then on. */
export function removedBlock(workspaceId: string, erasureId: string, profileIds: readonly string[], from: readonly ChangeCause[], keeping: ChangeKeeping, now: number): ChangeBlock {
  const changes = profileIds.map((profileId): PersonChange => ({ profileId, version: 0, from: [...from], kind: 'identity', act: 'removed' }));
  return { blockId: `${workspaceId}|${stableId(workspaceId, 'removed', erasureId)}`, workspaceId, at: now, keptUntil: keptUntil(keeping, now), changes };
}

function keptUntil({ keptForDays }: ChangeKeeping, now: number): number {
  return now + keptForDays * DAY_MS;
}

function changesOf(person: PersonWork, told: TransactionCause): PersonChange[] {
  const { profile: { profileId, version }, joins, membershipChanges } = person;
  const changes: PersonChange[] = joins.map(({ act, other, cause }) => ({ profileId, version, from: [cause], kind: 'identity', act, other }));
  const { added, released } = identityChanges(person);
  for (const [act, keys] of [['added', added], ['released', released]] as const) {
    if (keys.length > 0) changes.push({ profileId, version, from: identityCauses(person, keys, told), kind: 'identity', act, namespaces: [...new Set(keys.map((key) => parseIdentityKey(key).namespace))] });
  }
  const fields = fieldChanges(person);
  if (fields.length > 0) changes.push({ profileId, version, from: fieldCauses(person, fields.map(({ name }) => name), told), kind: 'profile', fields });
  for (const purpose of person.changedPurposes) changes.push({ profileId, version, from: consentCauses(person, purpose, told), kind: 'consent', purpose, standings: standingsOf(person, purpose) });
  // What came with another, and has not moved since.
  const brought = new Map(joins.flatMap(({ memberships, cause }) => memberships.map(({ segmentId, isMember }) => [segmentId, { isMember, cause }] as const)));
  for (const { segmentId } of membershipChanges) brought.delete(segmentId);
  for (const [segmentId, { isMember, cause }] of brought) changes.push({ profileId, version, from: [cause], kind: 'membership', segmentId, isMember });
  for (const { segmentId, isMember, from = [] } of membershipChanges) changes.push({ profileId, version, from: [...from], kind: 'membership', segmentId, isMember });
  return changes;
}

/** By key. */
function identityChanges({ profile: { identities }, knownIdentities }: PersonWork): { added: readonly string[]; released: readonly string[] } {
  // Nearly always.
  if (identities.length === knownIdentities.length && identities.every((one, index) => one === knownIdentities[index])) return NONE;
  const [before, after] = [new Set(knownIdentities.map(identityKey)), new Set(identities.map(identityKey))];
  return { added: [...after].filter((key) => !before.has(key)), released: [...before].filter((key) => !after.has(key)) };
}

function fieldChanges({ profile, changedFields, joins }: PersonWork): FieldChange[] {
  const names = new Set([...changedFields, ...joins.flatMap(({ fields }) => fields)]);
  return [...names].map((name) => {
    const field = fieldOf(profile, name);
    return field === undefined ? { name, source: null, at: null } : { name, source: field.source, at: field.at };
  });
}

/** What waits for a proof or a confirmation does not stand yet. */
function standingsOf({ consents, ledger }: PersonWork, purpose: string): StandingChange[] {
  const standings = Object.hasOwn(consents, purpose) ? consents[purpose] : undefined;
  const records = new Map(ledger?.records.map((record) => [record.recordId, record]));
  return Object.entries(standings ?? {}).flatMap(([recipient, standing]) => {
    if (standing === undefined || standing.waitsFor !== undefined) return [];
    const { sourceConnectionId = null, actor } = records.get(standing.recordId) ?? {};
    return [{ recipient, decision: standing.decision, method: standing.method, source: sourceConnectionId, actor: actor?.kind ?? null, at: standing.effectiveAt }];
  });
}
