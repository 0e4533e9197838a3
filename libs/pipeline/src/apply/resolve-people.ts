import { BUILT_IN_IDENTITY_RULES, namedPairs, newProfile, noteLinks, pairKey, type IdentityRules, type NamedLink, type Profile, type ResolvePlan } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';
import { recordCause, type ChangeCause } from '../changes/change-cause.js';
import { isClaim, isProven, moveClaims } from '../consent/move-claims.js';
import { noteAgreed } from '../consent/note-agreed.js';
import { EMPTY_LEDGER, readLedgers, refold } from '../consent/person-ledger.js';
import { proveIdentities } from '../consent/prove-identities.js';
import { noteUnexplained } from '../person/link-set.js';
import { mergePeople, refoldMerged } from '../person/merge-people.js';
import { newPersonWork, type PersonWork } from '../person/person-work.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import { holdLinks } from './hold-links.js';
import type { KnownPeople } from './known-people.js';
import { planWithinLimits } from './plan-within-limits.js';

export interface ResolvedPeople {
  /** Everybody this batch touches, once. */
  people: PersonWork[];
  /** The person of each candidate, by index. */
  personOf: PersonWork[];
  /** Keys that each candidate only claimed and that are another person's, or that a limit keeps from the person, by index. */
  foreignKeysOf: ReadonlyMap<number, ReadonlySet<string>>;
  /** What the records are flagged with, by index. */
  flagsOf: ReadonlyMap<number, readonly string[]>;
}

/** Creates and merges the people that the candidates belong to by their plan, and writes identities, aliases and the merge journal. */
export async function resolvePeople(tx: StoreTransaction, candidates: readonly Candidate[], plan: ResolvePlan, known: KnownPeople, context: ApplyContext): Promise<ResolvedPeople> {
  if (candidates.length === 0) return { people: [], personOf: [], foreignKeysOf: new Map(), flagsOf: new Map() };
  const { configuration: { workspaceId }, now, newId } = context;
  const works = new Map(known.works);
  const causeAt = (index: number): { causeEventId: string; cause: ChangeCause } => {
    const { eventId, item } = candidates[index] as Candidate;
    return { causeEventId: eventId, cause: recordCause(item.record.connectionId) };
  };
  for (const profileId of plan.newProfiles) {
    const seenAt = candidates[plan.assignment.indexOf(profileId)]?.record.occurredAt ?? now;
    works.set(profileId, { ...newPersonWork(newProfile({ workspaceId, profileId, subjectKey: newId(), seenAt, now }), {}, true), ...newLedger(profileId, plan.assignment, candidates, known) });
  }
  const foreignKeysOf = foreignKeys(plan);
  const named = namedBy(candidates, foreignKeysOf, context.configuration);
  noteEarlier(named, known, context.configuration);
  await mergePeople(tx, works, plan.merges.map(({ winner, loser, causeRecord }) => ({ winner, loser, ...causeAt(causeRecord) })), context);
  await tx.insertIdentities(workspaceId, plan.newIdentities, now);
  const personOf = plan.assignment.map((profileId) => works.get(profileId) as PersonWork);
  const moves = plan.movedIdentities.map(({ identityKey, from, to, causeRecord }) => (
    { key: identityKey, from: works.get(from) as PersonWork, to: works.get(to) as PersonWork, ...causeAt(causeRecord) }));
  await moveClaims(tx, workspaceId, moves, now);
  for (const { to } of moves) delete to.ledger;
  await noteShared(tx, workspaceId, plan, personOf);
  const verified = candidates.flatMap((candidate, index) => (candidate.item.record.isVerified
    ? identityKeysOf(candidate).filter((key) => foreignKeysOf.get(index)?.has(key) !== true).map((key) => ({ person: personOf[index] as PersonWork, key })) : []));
  await proveIdentities(tx, workspaceId, verified, now);
  await refoldMerged(tx, workspaceId, personOf);
  for (const [index, links] of named) {
    const person = personOf[index] as PersonWork;
    if (noteLinks(person.profile, links)) person.isTouched = true;
  }
  const flagsOf = await holdLinks(tx, plan, candidates, { workspaceId, now, newId });
  return { people: [...new Set([...personOf, ...moves.map(({ from }) => from)])], personOf, foreignKeysOf, flagsOf };
}

/** Says whom the candidates belong to, and who is one person by them. Writes nothing. */
export function planPeople(tx: Pick<StoreTransaction, 'findJournal'>, candidates: readonly Candidate[], known: KnownPeople, { configuration: { workspaceId, identityRules: rules = BUILT_IN_IDENTITY_RULES }, now, newId }: ApplyContext): Promise<ResolvePlan> {
  return planWithinLimits(tx, {
    records: candidates.map(({ record, item, eventId }) => ({ identities: record.identities, isVerified: item.record.isVerified, at: record.occurredAt, id: eventId })),
    known: known.owners,
    claims: claimsOf(known),
    profiles: new Map([...known.works].map(([id, { profile }]) => [id, { createdAt: profile.createdAt, isKnown: isKnown(profile, rules), isProven: isProven(profile) }])),
    rules,
    newProfileId: newId,
  }, { workspaceId, rules, works: known.works, now });
}

function claimsOf({ owners, works }: KnownPeople): Set<string> {
  return new Set([...owners].flatMap(([key, profileId]) => {
    const owner = works.get(profileId);
    return owner !== undefined && isClaim(owner.profile, key) ? [key] : [];
  }));
}

function foreignKeys({ refusedLinks }: Pick<ResolvePlan, 'refusedLinks'>): Map<number, Set<string>> {
  const foreign = new Map<number, Set<string>>();
  for (const { record, identityKey, reason } of refusedLinks) {
    // Whoever is known on a shared device has its decisions too.
    if (reason !== 'device-shared') foreign.set(record, (foreign.get(record) ?? new Set()).add(identityKey));
  }
  return foreign;
}

/** By which verified records people are one: the links that were joined, by the index of the candidate. Those that were held wait elsewhere. */
function namedBy(candidates: readonly Candidate[], foreignKeysOf: ReadonlyMap<number, ReadonlySet<string>>, { identityRules: rules = BUILT_IN_IDENTITY_RULES }: Pick<ApplyContext['configuration'], 'identityRules'>): Map<number, NamedLink[]> {
  const named = new Map<number, NamedLink[]>();
  candidates.forEach(({ eventId, record: { identities, occurredAt: at }, item: { record: { isVerified, connectionId } } }, index) => {
    if (!isVerified || identities.length < 2) return;
    const foreign = foreignKeysOf.get(index);
    const joined = namedPairs(identities, rules).filter((keys) => !keys.some((key) => foreign?.has(key)));
    named.set(index, joined.map((keys) => ({ keys, at, eventId, connectionId })));
  });
  return named;
}

/** Notes on those of whom something new is said what nobody knows how it came to be one, while they are as they were before that. */
function noteEarlier(named: ReadonlyMap<number, readonly NamedLink[]>, { owners, works }: KnownPeople, { identityRules }: Pick<ApplyContext['configuration'], 'identityRules'>): void {
  for (const { keys } of [...named.values()].flat()) {
    const pair = pairKey(keys);
    for (const key of keys) {
      const profile = works.get(owners.get(key) ?? '')?.profile;
      if (profile !== undefined && profile.links?.some((link) => pairKey(link.keys) === pair) !== true) noteUnexplained(profile, identityRules);
    }
  }
}

/** Notes on people what they are known by and was somebody else's first; what was refused there is theirs from now on. An erasure of any of them, and a refusal under it, meets this at the identity's row. */
async function noteShared(tx: StoreTransaction, workspaceId: string, { refusedLinks }: Pick<ResolvePlan, 'refusedLinks'>, personOf: readonly PersonWork[]): Promise<void> {
  const noted = new Map<string, PersonWork[]>();
  for (const { record, identityKey, reason } of refusedLinks) {
    const person = personOf[record] as PersonWork;
    if (reason !== 'device-shared' || person.profile.sharedKeys?.includes(identityKey) === true) continue;
    person.profile.sharedKeys = [...(person.profile.sharedKeys ?? []), identityKey].sort();
    person.isTouched = true;
    noted.set(identityKey, [...(noted.get(identityKey) ?? []), person]);
  }
  if (noted.size === 0) return;
  await tx.shareIdentities(workspaceId, new Map([...noted.keys()].map((key) => [key, null])));
  const decided = await tx.findConsentRecords(workspaceId, [...noted.keys()]);
  const people = [...new Set(decided.flatMap(({ identityKey }) => noted.get(identityKey) ?? []))];
  // What was read of them before is without that.
  for (const person of people) delete person.ledger;
  await readLedgers(tx, workspaceId, people);
  for (const person of people) refold(person);
  await noteAgreed(tx, workspaceId, [...new Set([...noted.values()].flat())]);
}

function isKnown(profile: Profile, { isShared }: Pick<IdentityRules, 'isShared'>): boolean {
  return profile.identities.some(({ namespace }) => !isShared(namespace));
}

/** What can have been recorded of somebody new: nothing, unless they share a device with another. */
function newLedger(profileId: string, assignment: readonly string[], candidates: readonly Candidate[], { owners }: KnownPeople): Pick<PersonWork, 'ledger'> {
  const isShared = candidates.some((candidate, index) => assignment[index] === profileId && identityKeysOf(candidate).some((key) => owners.has(key)));
  return isShared ? {} : { ledger: EMPTY_LEDGER };
}
