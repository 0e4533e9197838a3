import { disownIdentity, identityKey, isRefusal, newProfile, type ConsentActor, type ConsentHistory, type ConsentRecord, type Identity } from '@firsthand/domain';
import type { ChangeCause } from '../changes/change-cause.js';
import { moveClaims } from '../consent/move-claims.js';
import { EMPTY_LEDGER, readLedgers, refold, withRecord } from '../consent/person-ledger.js';
import { sealed } from '../consent/sealed.js';
import type { StoreTransaction } from '../ports/store.js';
import { findShared } from './find-shared.js';
import { idsOf, newPersonWork, type PersonWork } from './person-work.js';

/** What identities are taken by, and when. */
export interface Release {
  /** `namespace|value` of each. */
  gone: readonly string[];
  /** What the person is about to get in their place. */
  added?: readonly Identity[];
  actor: ConsentActor;
  cause: ChangeCause;
  causeEventId: string | null;
  now: number;
  newId(): string;
}

/** Who an identity is of, once it was taken from somebody whose alone it was. */
export interface Stranger {
  key: string;
  to: PersonWork;
}

/**
 * Takes identities from a person, each to a profile of its own: whose it is nobody knows; what others are known by as well is theirs. What was agreed to under it counts for the person no more; what was refused counts for both, and is recorded for the person once more under an
 * identity of theirs, so that it stays when the other is erased. What comes with it from now on is not the person's.
 *
 * @returns the others, and the records to be written
 */
export async function releaseIdentities(tx: StoreTransaction, person: PersonWork, release: Release): Promise<{ strangers: Stranger[]; refusals: ConsentRecord[] }> {
  const { gone, added = [], cause, causeEventId, now, newId } = release;
  if (gone.length === 0) return { strangers: [], refusals: [] };
  const { workspaceId } = person.profile;
  const before = person.consents;
  const shared = await findShared(tx, workspaceId, gone, idsOf(person));
  await tx.shareIdentities(workspaceId, shared);
  const moves = gone.filter((key) => !shared.has(key)).map((key) => ({ key, from: person, to: newPersonWork(newProfile({ workspaceId, profileId: newId(), subjectKey: newId(), seenAt: now, now }), {}, true), causeEventId, cause }));
  await moveClaims(tx, workspaceId, moves, now);
  const fields = gone.flatMap((key) => disownIdentity(person.profile, key));
  for (const field of fields) person.changedFields.add(field);
  person.causes.push({ cause, fields, identities: gone });
  delete person.profile.evaluated;
  person.areIdentitiesChanged = true;
  person.isTouched = true;
  person.mergedConsents = [before];
  delete person.ledger;
  await readLedgers(tx, workspaceId, [person, ...moves.map(({ to }) => to)]);
  const ofOthers = shared.size === 0 ? [] : await tx.findConsentRecords(workspaceId, [...shared.keys()]);
  const refusals = ownRefusals(person, ofOthers, [...person.profile.identities, ...added].map(identityKey), release);
  for (const record of refusals) person.ledger = withRecord(person, record);
  for (const one of [person, ...moves.map(({ to }) => to)]) refold(one, true);
  return { strangers: moves.map(({ key, to }) => ({ key, to })), refusals };
}

/**
 * What was refused under identities that are gone, as the person's own: the records of these go with whoever has them, once that one is erased. Under the identity next to the gone one, so that it stays with whom it was told of when a merge is taken back; where that was another's until both became one, as of
 * then: it came to be theirs by that, also where they had agreed since it was said.
 *
 * @param person with their ledger, without these identities
 * @param shared records under those of them that others are known by as well
 * @param left identities of theirs
 */
export function ownRefusals({ ledger = EMPTY_LEDGER, profile: { profileId } }: PersonWork, shared: readonly ConsentRecord[], left: readonly string[], { gone, now, newId, actor }: Pick<Release, 'gone' | 'now' | 'newId' | 'actor'>): ConsentRecord[] {
  const places = new Map(gone.map((key) => [key, nextTo(ledger.moves.find((move) => move.key === key && move.at === now)?.from ?? profileId, left, ledger, profileId) ?? { key: left[0], since: now }]));
  const known = new Map([...shared, ...ledger.records].map((record) => [record.recordId, record]));
  return [...known.values()].flatMap((record) => {
    const { key, since = 0 } = (isRefusal(record.decision) ? places.get(record.identityKey) : undefined) ?? {};
    return key === undefined ? [] : [sealed({ ...record, recordId: newId(), identityKey: key, effectiveAt: Math.max(record.effectiveAt, since), recordedAt: now, actor })];
  });
}

/** An identity of the profile, or of the one that it was merged with the earliest, and since when both are one: the latest merge is taken back first. What is only being added is the person's. */
function nextTo(owner: string, left: readonly string[], { joins, owners }: ConsentHistory, profileId: string): { key: string; since: number } | undefined {
  const parts = new Map<string, string[]>();
  const partOf = (id: string): string[] => parts.get(id) ?? [id];
  let since = -Infinity;
  const find = (): { key: string; since: number } | undefined => {
    const key = left.find((one) => partOf(owner).includes(owners.get(one) ?? profileId));
    return key === undefined ? undefined : { key, since };
  };
  for (const { winner, loser, at } of joins.filter(({ undoneAt }) => undoneAt === null).sort((a, b) => a.at - b.at)) {
    const found = find();
    if (found !== undefined) return found;
    const both = [...partOf(winner), ...partOf(loser)];
    for (const id of both) parts.set(id, both);
    since = at;
  }
  return find();
}
