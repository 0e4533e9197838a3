import type { ResolvePlan } from '@firsthand/domain';
import type { EventRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { LedgerCounts } from '../person/person-work.js';
import type { ApplyContext, Candidate } from './apply-context.js';
import { carriedConsents } from './carried-consents.js';
import { collect, type Collected } from './collect.js';
import { createCollectionBasis } from './collection-basis.js';
import { keepOut } from './keep-out.js';
import type { KnownPeople } from './known-people.js';
import { planPeople } from './resolve-people.js';

/** What goes on: with a person, and as nobody's. */
export interface Judged {
  welcome: Candidate[];
  anonymous: EventRow[];
  /** Who those that go on are of, and then those that were heard. */
  plan: ResolvePlan;
}

/**
 * Judges what needs the person: nobody who was erased comes back, and nothing is kept without a basis. What is refused is counted and not kept. What the record itself decides goes on without its data,
 * so that the person's decision is recorded.
 *
 * @param heard what is put aside and refuses something: it counts for what comes with it
 */
export async function judgePeople(tx: StoreTransaction, candidates: readonly Candidate[], heard: readonly Candidate[], known: KnownPeople, context: ApplyContext, counts: LedgerCounts): Promise<Judged> {
  const erased = await keepOut(tx, candidates, known, context);
  const welcome = candidates.filter((candidate) => !erased.has(candidate));
  const carried = await carriedConsents(tx, [...welcome, ...heard], known, context);
  const { collected, left, plan } = await collectAll(tx, welcome, heard, carried, known, context);
  const judged: Judged = { welcome: [], anonymous: [], plan };
  for (const candidate of candidates) {
    const { connectionId, receivedAt } = candidate.item.record;
    const result = collected.get(candidate) ?? { as: 'refused', reason: 'erased' };
    if (result.as === 'kept') judged.welcome.push(result.candidate);
    else counts.add(connectionId, receivedAt, result.as === 'anonymous' ? 'anonymous' : `refused.${result.reason}`);
    if (result.as === 'anonymous') judged.anonymous.push(result.event);
    if (result.as !== 'kept' && carried.has(candidate)) judged.welcome.push({ ...candidate, isRefused: true });
  }
  // A record keeps its identities, whatever is taken out of it: where none is gone, who is who stands.
  return judged.welcome.length === left.length ? judged : { ...judged, plan: await planPeople(tx, [...judged.welcome, ...heard], known, context) };
}

interface AllCollected {
  collected: Map<Candidate, Collected>;
  /** By which of them, and those that were heard, who is who was planned last. */
  left: readonly Candidate[];
  plan: ResolvePlan;
}

/** Whom a record is of others of its batch may say: what was kept by one that is not kept itself is judged again without it. */
async function collectAll(tx: StoreTransaction, candidates: readonly Candidate[], heard: readonly Candidate[], carried: Awaited<ReturnType<typeof carriedConsents>>, known: KnownPeople, context: ApplyContext): Promise<AllCollected> {
  const collected = new Map<Candidate, Collected>();
  for (let left = candidates; ;) {
    const naming = [...left, ...heard];
    const plan = await planPeople(tx, naming, known, context);
    const basis = await createCollectionBasis(tx, { candidates: naming, plan, carried }, known, context);
    for (const candidate of left) collected.set(candidate, collect(candidate, basis, known, context));
    const isKept = (candidate: Candidate): boolean => collected.get(candidate)?.as === 'kept' || carried.has(candidate);
    if (left.every((candidate) => isKept(candidate) || candidate.record.identities.length < 2)) return { collected, left, plan };
    left = left.filter(isKept);
  }
}
