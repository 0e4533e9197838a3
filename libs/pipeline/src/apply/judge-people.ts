import { findErasedKeys } from '../erasure/find-erased-keys.js';
import type { EventRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { LedgerCounts } from '../person/person-work.js';
import { identityKeysOf, type ApplyContext, type Candidate } from './apply-context.js';
import { carriedConsents } from './carried-consents.js';
import { collect } from './collect.js';
import type { KnownPeople } from './known-people.js';

/** What goes on: with a person, and as nobody's. */
export interface Judged {
  welcome: Candidate[];
  anonymous: EventRow[];
}

/**
 * Judges what needs the person: nobody who was erased comes back, and nothing is kept without a basis. What is refused is counted and not kept. A refusal that the record
 * itself carries goes on without its data, so that the person's decision is recorded.
 */
export async function judgePeople(tx: StoreTransaction, candidates: readonly Candidate[], known: KnownPeople, context: ApplyContext, counts: LedgerCounts): Promise<Judged> {
  const erased = await findErased(tx, candidates, context);
  const carried = await carriedConsents(tx, candidates, known, context);
  const judged: Judged = { welcome: [], anonymous: [] };
  for (const candidate of candidates) {
    const { refusal, connectionId, receivedAt } = candidate.item.record;
    const collected = erased.has(candidate) ? { as: 'refused', reason: 'erased' } as const : collect(candidate, carried.get(candidate) ?? [], known, context);
    if (collected.as === 'kept') judged.welcome.push(collected.candidate);
    else counts.add(connectionId, receivedAt, collected.as === 'anonymous' ? 'anonymous' : `refused.${collected.reason}`);
    if (collected.as === 'anonymous') judged.anonymous.push(collected.event);
    if (collected.as !== 'kept' && refusal !== null && !erased.has(candidate)) judged.welcome.push({ ...candidate, isRefused: true });
  }
  return judged;
}

/** The candidates that name somebody who was erased. */
export async function findErased(tx: StoreTransaction, candidates: readonly Candidate[], { configuration, tombstoneDigest }: ApplyContext): Promise<Set<Candidate>> {
  const { workspaceId } = configuration;
  const erased = await findErasedKeys(tx, workspaceId, candidates.flatMap(identityKeysOf), (key) => tombstoneDigest(workspaceId, key));
  if (erased.size === 0) return new Set();
  return new Set(candidates.filter((candidate) => identityKeysOf(candidate).some((key) => erased.has(key))));
}
