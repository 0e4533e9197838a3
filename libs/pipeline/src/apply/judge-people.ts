import { dataSubjectOf, decideConsent, isRepeatedByEvents, OWN_USE, UNKNOWN_SUBJECT } from '@firsthand/domain';
import { carriedDecisions } from '../consent/carried-decisions.js';
import type { StoreTransaction } from '../ports/store.js';
import type { LedgerCounts } from '../person/person-work.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/**
 * Judges what needs the person: nobody who was erased comes back, and where collection stands on consent there must be one, in the
 * record itself or of the person. What is refused is counted and not kept. A refusal that the record itself carries goes on without its
 * data, so that the person's decision is recorded.
 */
export async function judgePeople(
  tx: StoreTransaction, candidates: readonly Candidate[], known: KnownPeople, context: ApplyContext, counts: LedgerCounts,
): Promise<Candidate[]> {
  const erased = await findErased(tx, candidates, context);
  return candidates.filter((candidate) => {
    const { record: inbox } = candidate.item;
    const refusal = erased.has(candidate) ? 'erased' : inbox.refusal ?? collectionRefusal(candidate, known, context);
    if (refusal === null) return true;
    counts.add(inbox.connectionId, inbox.receivedAt, `refused.${refusal}`);
    return inbox.refusal !== null && refusal !== 'erased';
  });
}

/** The candidates that name somebody who was erased. */
export async function findErased(tx: StoreTransaction, candidates: readonly Candidate[], { configuration, tombstoneDigest }: ApplyContext): Promise<Set<Candidate>> {
  const digestsOf = (candidate: Candidate): string[] => identityKeysOf(candidate).map((key) => tombstoneDigest(configuration.workspaceId, key));
  const stones = await tx.findTombstones(configuration.workspaceId, candidates.flatMap(digestsOf));
  if (stones.size === 0) return new Set();
  return new Set(candidates.filter((candidate) => digestsOf(candidate).some((digest) => stones.has(digest))));
}

function collectionRefusal(candidate: Candidate, { owners, works }: KnownPeople, { configuration, now }: ApplyContext): string | null {
  const collectionPurpose = configuration.sources.get(candidate.item.record.connectionId)?.collectionPurpose ?? null;
  if (collectionPurpose === null) return null;
  const person = identityKeysOf(candidate)
    .map((key) => works.get(owners.get(key) ?? ''))
    .find((work) => work !== undefined && Object.keys(work.consents).length > 0);
  const answer = decideConsent({
    state: person?.consents, subject: person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile), purpose: configuration.purposes.get(collectionPurpose),
    target: OWN_USE, agreements: configuration.agreements, now,
  });
  if (answer.isAllowed) return null;
  // The record's own consent covers it where the person has not said otherwise by a clearer act.
  const isCarried = configuration.purposes.has(collectionPurpose) && carriedDecisions(candidate.item.record).some(({ purpose, isGranted, recipients }) => purpose === collectionPurpose && isGranted && recipients.includes('own'));
  return isCarried && (answer.standing === null || isRepeatedByEvents(answer.standing.method)) ? null : answer.reason;
}
