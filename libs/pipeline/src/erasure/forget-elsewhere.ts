import { disownedMask, forgetIdentity, isSameJson, parseIdentityKey, type JsonObject, type JsonValue, type Profile } from '@firsthand/domain';
import { areOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DisclosureRow, JournalCopy } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { Tombstones } from './erasure.js';

/** Who is erased, as found. */
export interface Forgotten {
  people: readonly PersonWork[];
  profileIds: readonly string[];
  /** `namespace|value`. */
  identityKeys: readonly string[];
}

/**
 * Names who is erased in nothing that stays of others: of whoever disowns an identity of theirs, had one before it came to them, or was one with them for a time. What these disown, and what the journal says has moved, stands there by a keyed digest from now on. What a recipient
 * got by such an identity alone is taken over by who is erased, so that it is told of the erasure; where it names the other as well, that is what is left. Which fields of the other went, for what and when, is told as before.
 *
 * To run before recipients are looked for.
 *
 * @returns what is taken over
 */
export async function forgetElsewhere(tx: StoreTransaction, forgotten: Forgotten, configuration: WorkspaceConfiguration, tombstones: Tombstones): Promise<DisclosureRow[]> {
  const { workspaceId } = configuration;
  const { profileIds, identityKeys } = forgotten;
  const masks = new Map(identityKeys.map((key) => [key, disownedMask(tombstones.digest(workspaceId, key))]));
  const others = await findOthers(tx, workspaceId, profileIds, await tx.maskDisowned(workspaceId, masks), masks);
  if (others.length === 0) return [];
  await maskCopies(tx, workspaceId, others, masks);
  await tx.stripAsked(workspaceId, others, identityKeys);
  await tx.endPersonExports(workspaceId, others);
  await meetSends(tx, workspaceId, others);
  return partDisclosed(tx, forgotten, others, configuration);
}

/** Everybody else whom the journal leads to: by merges, standing or taken back, and by moves of these identities, which may have gone from one to the next. */
async function findOthers(tx: StoreTransaction, workspaceId: string, profileIds: readonly string[], disowning: readonly string[], keys: ReadonlyMap<string, unknown>): Promise<string[]> {
  const known = new Set([...profileIds, ...disowning]);
  for (let asked = [...known]; asked.length > 0;) {
    const { joins, moves } = await tx.findJournal(workspaceId, asked);
    const met = [...joins.flatMap(({ winner, loser }) => [winner, loser]), ...moves.flatMap(({ key, from, to }) => (keys.has(key) ? [from, to] : []))];
    asked = [...new Set(met)].filter((id) => !known.has(id));
    for (const id of asked) known.add(id);
  }
  return [...known].filter((id) => !profileIds.includes(id));
}

async function maskCopies(tx: StoreTransaction, workspaceId: string, profileIds: readonly string[], masks: ReadonlyMap<string, string>): Promise<void> {
  const masked = (profile: Profile): Profile => {
    const copy = structuredClone(profile);
    for (const key of masks.keys()) forgetIdentity(copy, key);
    return copy.disowned === undefined ? copy : { ...copy, disowned: copy.disowned.map((key) => masks.get(key) ?? key) };
  };
  const copies = await tx.findCopies(workspaceId, profileIds);
  const changed = copies.map(({ before: { winner, loser }, movedKey, ...copy }): JournalCopy => ({
    ...copy, ...(movedKey === undefined ? {} : { movedKey: masks.get(movedKey) ?? movedKey }), before: { ...(winner === undefined ? {} : { winner: masked(winner) }), loser: masked(loser) },
  }));
  await tx.writeCopies(workspaceId, changed.filter((copy, index) => !isSameJson(copy as unknown as JsonObject, copies[index] as unknown as JsonObject)));
}

/** What is just being decided may know of an identity that has gone since, and would note it after this as told: it meets this at what is noted of its recipient, so that one of the two runs again and sees the other. */
async function meetSends(tx: StoreTransaction, workspaceId: string, others: readonly string[]): Promise<void> {
  const pending = await tx.findPendingData(workspaceId, others);
  const people = await tx.findProfiles(workspaceId, pending.map(({ profileId }) => profileId));
  await tx.meetDisclosures(pending.flatMap(({ connectionId, action, profileId: id }) => {
    const profileId = people.get(id)?.profileId;
    return profileId === undefined ? [] : [{ workspaceId, connectionId, action, profileId }];
  }));
}

/** What recipients got, and have of members, by identities of who is erased. */
async function partDisclosed(tx: StoreTransaction, { people, identityKeys }: Forgotten, others: readonly string[], { workspaceId, destinations }: WorkspaceConfiguration): Promise<DisclosureRow[]> {
  const profiles = await tx.findProfiles(workspaceId, others);
  const erased = new Set<JsonValue>(identityKeys.map((key) => parseIdentityKey(key).value));
  /** Without what names who is erased; the same where nothing does, null where nothing names the other. */
  const leftOf = (set: JsonObject, { connectionId, action, profileId }: { connectionId: string; action: string; profileId: string }): JsonObject | null => {
    const profile = profiles.get(profileId);
    if (profile === undefined) return set;
    // A list is nobody, and what either has is the other's too.
    const kept = new Set<JsonValue>([...profile.identities.map(({ value }) => value), ...(destinations.get(connectionId)?.destinations[action]?.audience ?? []).map((name) => set[name] ?? null)]);
    const left = Object.fromEntries(Object.entries(set).filter(([, value]) => kept.has(value) || !erased.has(value)));
    if (Object.keys(left).length === Object.keys(set).length) return set;
    return areOf(left, { profile }) ? left : null;
  };
  const takenOver: DisclosureRow[] = [];
  for (const row of await tx.findDisclosures(workspaceId, others)) {
    const gone = row.identifiers.filter((set) => leftOf(set, row) !== set);
    if (gone.length === 0) continue;
    await tx.removeDisclosed(row, gone);
    for (const set of gone) {
      const left = leftOf(set, row);
      const taker = people.find((person) => areOf(set, person)) ?? people[0];
      if (left !== null) await tx.addDisclosures([{ ...row, identifiers: [left] }]);
      else if (taker !== undefined) takenOver.push({ ...row, profileId: taker.profile.profileId, identifiers: [set] });
    }
  }
  await tx.addDisclosures(takenOver);
  const members = await tx.findAudienceMembers(workspaceId, others);
  await tx.writeAudienceMembers(members.filter((row) => row.sets.some(({ identifiers }) => leftOf(identifiers, row) !== identifiers)).map((row) => ({
    ...row, sets: row.sets.flatMap((set) => {
      const identifiers = leftOf(set.identifiers, row);
      return identifiers === null ? [] : [{ ...set, identifiers }];
    }),
  })));
  return takenOver;
}
