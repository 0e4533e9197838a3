import { mergeProfiles, NAMESPACES, newProfile, resolveIdentities, stableId, type ConsentState, type Profile, type RefusedLink } from '@firsthand/domain';
import type { MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { isClaim, isProven, moveClaims } from '../consent/move-claims.js';
import { EMPTY_LEDGER, readLedgers, refold } from '../consent/person-ledger.js';
import { proveIdentities } from '../consent/prove-identities.js';
import { newPersonWork, type PersonWork } from '../person/person-work.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

export interface ResolvedPeople {
  /** Everybody this batch touches, once. */
  people: PersonWork[];
  /** The person of each candidate, by index. */
  personOf: PersonWork[];
  /** Keys that each candidate only claimed and that are another person's, by index. */
  foreignKeysOf: ReadonlyMap<number, ReadonlySet<string>>;
}

/** Finds, creates and merges the people that the candidates belong to, and writes identities, aliases and the merge journal. */
export async function resolvePeople(tx: StoreTransaction, candidates: readonly Candidate[], known: KnownPeople, context: ApplyContext): Promise<ResolvedPeople> {
  if (candidates.length === 0) return { people: [], personOf: [], foreignKeysOf: new Map() };
  const { configuration: { workspaceId }, now, newId } = context;
  const plan = resolveIdentities({
    records: candidates.map(({ record, item }) => ({ identities: record.identities, isVerified: item.record.isVerified })),
    known: known.owners,
    claims: claimsOf(known),
    profiles: new Map([...known.works].map(([id, { profile }]) => [id, { createdAt: profile.createdAt, isKnown: isKnown(profile), isProven: isProven(profile) }])),
    newProfileId: newId,
  });

  const works = new Map(known.works);
  for (const profileId of plan.newProfiles) {
    const seenAt = candidates[plan.assignment.indexOf(profileId)]?.record.occurredAt ?? now;
    works.set(profileId, { ...newPersonWork(newProfile({ workspaceId, profileId, subjectKey: newId(), seenAt, now }), {}, true), ...newLedger(profileId, plan.assignment, candidates, known) });
  }
  await mergeAll(tx, works, plan.merges, candidates, context);
  await tx.insertIdentities(workspaceId, plan.newIdentities, now);
  const personOf = plan.assignment.map((profileId) => works.get(profileId) as PersonWork);
  const moves = plan.movedIdentities.map(({ identityKey, from, to, causeRecord }) => (
    { key: identityKey, from: works.get(from) as PersonWork, to: works.get(to) as PersonWork, causeEventId: candidates[causeRecord]?.eventId ?? null }));
  await moveClaims(tx, workspaceId, moves, now);
  for (const { to } of moves) delete to.ledger;
  const verified = candidates.flatMap((candidate, index) => (candidate.item.record.isVerified
    ? identityKeysOf(candidate).map((key) => ({ person: personOf[index] as PersonWork, key })) : []));
  await proveIdentities(tx, workspaceId, verified, now);
  await refoldMerged(tx, workspaceId, personOf);
  return { people: [...new Set([...personOf, ...moves.map(({ from }) => from)])], personOf, foreignKeysOf: foreignKeys(plan.refusedLinks) };
}

function claimsOf({ owners, works }: KnownPeople): Set<string> {
  return new Set([...owners].flatMap(([key, profileId]) => {
    const owner = works.get(profileId);
    return owner !== undefined && isClaim(owner.profile, key) ? [key] : [];
  }));
}

function foreignKeys(links: readonly RefusedLink[]): Map<number, Set<string>> {
  const foreign = new Map<number, Set<string>>();
  for (const { record, identityKey, reason } of links) {
    if (reason === 'public-key-claim') foreign.set(record, (foreign.get(record) ?? new Set()).add(identityKey));
  }
  return foreign;
}

function isKnown(profile: Profile): boolean {
  return profile.identities.some(({ namespace }) => !(NAMESPACES.get(namespace)?.isDevice ?? true));
}

/** What can have been recorded of somebody new: nothing, unless they share a device with another. */
function newLedger(profileId: string, assignment: readonly string[], candidates: readonly Candidate[], { owners }: KnownPeople): Pick<PersonWork, 'ledger'> {
  const isShared = candidates.some((candidate, index) => assignment[index] === profileId && identityKeysOf(candidate).some((key) => owners.has(key)));
  return isShared ? {} : { ledger: EMPTY_LEDGER };
}

/** What one had agreed to and the other refused was given to recipients, and is taken back. */
async function refoldMerged(tx: StoreTransaction, workspaceId: string, people: readonly PersonWork[]): Promise<void> {
  const merged = [...new Set(people)].filter(({ mergedConsents }) => mergedConsents !== undefined);
  await readLedgers(tx, workspaceId, merged);
  for (const person of merged) refold(person);
}

async function mergeAll(
  tx: StoreTransaction, works: Map<string, PersonWork>, merges: readonly { winner: string; loser: string; causeRecord: number }[],
  candidates: readonly Candidate[], { configuration, now }: ApplyContext,
): Promise<void> {
  const rows: MergeRow[] = [];
  const { workspaceId } = configuration;
  for (const { winner, loser, causeRecord } of merges) {
    const winning = works.get(winner);
    const losing = works.get(loser);
    if (winning === undefined || losing === undefined) continue;
    rows.push({
      mergeId: `${workspaceId}|${stableId(workspaceId, 'merge', winner, loser, losing.profile.version)}`, workspaceId, winner, loser, at: now,
      causeEventId: candidates[causeRecord]?.eventId ?? null, before: { winner: winning.profile, loser: losing.profile },
    });
    // What was sent of one who had not decided is taken back if the other had refused: on an interest of the brand it went without a yes. Of whom nothing was sent there is nothing.
    const statesOf = ({ mergedConsents, consents, profile: { seq } }: PersonWork): ConsentState[] => (mergedConsents ?? [consents]).filter((state) => seq > 0 || Object.keys(state).length > 0);
    const states = [...statesOf(winning), ...statesOf(losing)];
    const version = Math.max(winning.storedVersion, losing.storedVersion) + 1;
    winning.profile = mergeProfiles(winning.profile, losing.profile, { now, version, ownerRank: configuration.ownerRank });
    winning.storedVersion = version - 1;
    if (states.some((state) => Object.keys(state).length > 0)) winning.mergedConsents = states;
    delete winning.ledger;
    winning.isTouched = true;
    works.delete(loser);
  }
  if (rows.length === 0) return;
  await tx.insertMerges(rows);
  await tx.writeProfiles({ inserted: [], updated: [], deleted: rows.map(({ loser }) => ({ workspaceId, profileId: loser })) });
}
