import { isRefusal, mergeConsentStates, mergeProfiles, NAMESPACES, newProfile, resolveIdentities, stableId, type ConsentState, type Profile, type RecipientKind } from '@firsthand/domain';
import type { MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { proveIdentities } from '../consent/prove-identities.js';
import { newPersonWork, type PersonWork } from '../person/person-work.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

export interface ResolvedPeople {
  /** Everybody this batch touches, once. */
  people: PersonWork[];
  /** The person of each candidate, by index. */
  personOf: PersonWork[];
}

/** Finds, creates and merges the people that the candidates belong to, and writes identities, aliases and the merge journal. */
export async function resolvePeople(tx: StoreTransaction, candidates: readonly Candidate[], known: KnownPeople, context: ApplyContext): Promise<ResolvedPeople> {
  if (candidates.length === 0) return { people: [], personOf: [] };
  const { configuration: { workspaceId }, now, newId } = context;
  const plan = resolveIdentities({
    records: candidates.map(({ record, item }) => ({ identities: record.identities, isVerified: item.record.isVerified })),
    known: known.owners,
    profiles: new Map([...known.works].map(([id, { profile }]) => [id, { createdAt: profile.createdAt, isKnown: isKnown(profile) }])),
    newProfileId: newId,
  });

  const works = new Map(known.works);
  for (const profileId of plan.newProfiles) {
    const seenAt = candidates[plan.assignment.indexOf(profileId)]?.record.occurredAt ?? now;
    works.set(profileId, newPersonWork(newProfile({ workspaceId, profileId, subjectKey: newId(), salt: newId(), seenAt, now }), {}, true));
  }
  await mergeAll(tx, works, plan.merges, candidates, context);
  await tx.insertIdentities(workspaceId, plan.newIdentities, now);
  const personOf = plan.assignment.map((profileId) => works.get(profileId) as PersonWork);
  const verified = candidates.flatMap((candidate, index) => (candidate.item.record.isVerified ? identityKeysOf(candidate).map((key) => ({ person: personOf[index] as PersonWork, key })) : []));
  await proveIdentities(tx, workspaceId, verified);
  return { people: [...new Set(personOf)], personOf };
}

function isKnown(profile: Profile): boolean {
  return profile.identities.some(({ namespace }) => !(NAMESPACES.get(namespace)?.isDevice ?? true));
}

/** Whether a grant of before is a refusal now. */
function isTakenBack(now: ConsentState, before: ConsentState, purpose: string): boolean {
  return Object.entries(before[purpose] ?? {}).some(([recipient, standing]) => {
    const merged = now[purpose]?.[recipient as RecipientKind];
    return !isRefusal(standing.decision) && merged !== undefined && isRefusal(merged.decision);
  });
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
    const version = Math.max(winning.storedVersion, losing.storedVersion) + 1;
    winning.profile = mergeProfiles(winning.profile, losing.profile, { now, version, ownerRank: configuration.ownerRank });
    winning.storedVersion = version - 1;
    const consents = mergeConsentStates(winning.consents, losing.consents);
    // What one of the two had agreed to and the other refused was given to recipients, and is taken back.
    for (const purpose of Object.keys(consents)) if (isTakenBack(consents, winning.consents, purpose) || isTakenBack(consents, losing.consents, purpose)) winning.refusedPurposes.add(purpose);
    winning.consents = consents;
    winning.areConsentsChanged = true;
    winning.isTouched = true;
    works.delete(loser);
  }
  if (rows.length === 0) return;
  await tx.insertMerges(rows);
  await tx.writeProfiles({ inserted: [], updated: [], deleted: rows.map(({ loser }) => ({ workspaceId, profileId: loser })) });
}
