import { mergeConsentStates, mergeProfiles, NAMESPACES, newProfile, resolveIdentities, stableId, type Profile } from '@firsthand/domain';
import type { MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { foldIntoPerson } from '../consent/fold-into-person.js';
import { newPersonWork, nextVersion, type PersonWork } from '../person/person-work.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';

export interface ResolvedPeople {
  /** Everybody this batch touches, once. */
  people: PersonWork[];
  /** The person of each candidate, by index. */
  personOf: PersonWork[];
}

/** Finds, creates and merges the people that the candidates belong to, and writes identities, aliases and the merge journal. */
export async function resolvePeople(tx: StoreTransaction, candidates: readonly Candidate[], context: ApplyContext): Promise<ResolvedPeople> {
  if (candidates.length === 0) return { people: [], personOf: [] };
  const { configuration: { workspaceId }, now, newId } = context;
  const keys = [...new Set(candidates.flatMap(identityKeysOf))];
  const known = await tx.findIdentities(workspaceId, keys);
  const profiles = await tx.findProfiles(workspaceId, [...new Set(known.values())]);
  const states = await tx.findConsentStates(workspaceId, [...profiles.keys()]);
  const plan = resolveIdentities({
    records: candidates.map(({ record, item }) => ({ identities: record.identities, isVerified: item.record.isVerified })),
    known,
    profiles: new Map([...profiles].map(([id, profile]) => [id, { createdAt: profile.createdAt, isKnown: isKnown(profile) }])),
    newProfileId: newId,
  });

  const works = new Map<string, PersonWork>([...profiles].map(([id, profile]) => [id, newPersonWork(profile, states.get(id) ?? {}, false)]));
  for (const profileId of plan.newProfiles) {
    const seenAt = candidates[plan.assignment.indexOf(profileId)]?.record.occurredAt ?? now;
    works.set(profileId, newPersonWork(newProfile({ workspaceId, profileId, subjectKey: newId(), salt: newId(), seenAt, now }), {}, true));
  }
  await mergeAll(tx, works, plan.merges, candidates, context);
  await tx.insertIdentities(workspaceId, plan.newIdentities, now);
  const personOf = plan.assignment.map((profileId) => works.get(profileId) as PersonWork);
  await noteVerified(tx, candidates, personOf, workspaceId);
  return { people: [...new Set(personOf)], personOf };
}

function isKnown(profile: Profile): boolean {
  return profile.identities.some(({ namespace }) => !(NAMESPACES.get(namespace)?.isDevice ?? true));
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
    winning.consents = mergeConsentStates(winning.consents, losing.consents);
    winning.areConsentsChanged = true;
    winning.isTouched = true;
    works.delete(loser);
  }
  if (rows.length === 0) return;
  await tx.insertMerges(rows);
  await tx.writeProfiles({ inserted: [], updated: [], deleted: rows.map(({ loser }) => ({ workspaceId, profileId: loser })) });
}

/** A verified record proves its identities to be this person's: what their devices consented to counts from here on. */
async function noteVerified(tx: StoreTransaction, candidates: readonly Candidate[], personOf: readonly PersonWork[], workspaceId: string): Promise<void> {
  const proven = new Map<string, PersonWork>();
  for (const [index, candidate] of candidates.entries()) {
    const person = personOf[index] as PersonWork;
    if (!candidate.item.record.isVerified) continue;
    for (const key of identityKeysOf(candidate)) {
      if (person.profile.verifiedKeys.includes(key)) continue;
      person.profile.verifiedKeys.push(key);
      person.profile.version = nextVersion(person);
      if (!person.isNew) proven.set(key, person);
    }
  }
  if (proven.size === 0) return;
  const records = await tx.findConsentRecords(workspaceId, [...proven.keys()]);
  for (const record of records) if (!record.isVerified) foldIntoPerson(proven.get(record.identityKey) as PersonWork, record);
}
