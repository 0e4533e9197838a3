import { dataSubjectOf, decideConsent, isRefusal, isRepeat, isRepeatedByEvents, isWaiting, OWN_USE, type CanonicalRecord, type ConsentAnswer, type ConsentRecord, type ConsentStanding, type ConsentState, type DataSubject, type Purpose, type ResolvePlan } from '@firsthand/domain';
import { asRemembered } from '../consent/as-remembered.js';
import { comesTooLate } from '../consent/fold-event-consents.js';
import { EMPTY_LEDGER, readLedgers, stateOfLedger, withRecord } from '../consent/person-ledger.js';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import type { ApplyContext, Candidate } from './apply-context.js';
import { asOnDevices, stranger } from './as-on-devices.js';
import type { KnownPeople } from './known-people.js';
import { toldTo, type PlannedRecords } from './told-to.js';

/** Says why a purpose may keep nothing of a record; null where it may. */
export type CollectionBasis = (candidate: Candidate, purpose: Purpose | undefined) => string | null;

/** Who a record will be of, by the plan of its batch. */
interface Whose {
  /** Those who are one person then. */
  homes: readonly PersonWork[];
  /** Those who only claim an identity that goes to that person: what they refused goes along with it. */
  claimants: readonly PersonWork[];
}

/**
 * Decides for the records of one batch before any of it is folded: as if what is stored of their people, what records of the same batch said of them until then, and what the record itself says had
 * been. A refusal that is told at a device is of all who are known on it. One of the record holds for it in any case; a yes that it carries covers it where the person has not said otherwise by a
 * clearer act. A yes over a public key counts for the record that carries it alone. Ledgers are read only of those whom something new is told of.
 *
 * @example (await createCollectionBasis(tx, planned, known, context))(candidate, purpose) // 'no-consent'
 */
export async function createCollectionBasis(tx: StoreTransaction, planned: PlannedRecords, known: KnownPeople, context: Pick<ApplyContext, 'configuration' | 'now'>): Promise<CollectionBasis> {
  const { candidates, plan, carried } = planned;
  const { configuration: { agreements, workspaceId }, now } = context;
  const personOf = new Map(candidates.map((candidate, index) => [candidate, plan.assignment[index] as string]));
  const people = await asOnDevices(tx, plan, known, context);
  const heardBy = toldTo(personOf, planned, people);
  const nobody: PersonWork = { ...stranger(workspaceId, '', now), ledger: EMPTY_LEDGER };
  const whoseOf = remembered((profileId: string | undefined) => whoseIs(profileId, plan, people, nobody));
  await readLedgers(tx, workspaceId, [...heardBy].flatMap(([profileId, told]) => {
    const { homes, claimants } = whoseOf(profileId);
    return [...homes, ...claimants].filter((person) => told.some((record) => !isRepeat(person.consents, asRemembered(person, record))));
  }));

  /** What stands of somebody at a moment, by what the batch says of a person whom they are, or claim an identity of. */
  const courses = remembered((profileId: string | undefined) => remembered((person: PersonWork) => {
    const { homes } = whoseOf(profileId);
    const ones = homes.includes(person) ? homes : [person];
    const others = new Set(ones.flatMap((one) => (one === person ? [] : [one.profile.profileId])));
    const sideOf = (key: string): string => known.owners.get(key) ?? plan.newIdentities.get(key) ?? '';
    return hearing(person, Math.max(...ones.map(({ profile: { lastSeenAt } }) => lastSeenAt)), (heardBy.get(profileId) ?? []).filter(({ identityKey }) => !others.has(sideOf(identityKey))));
  }));
  const stateAt = ({ record: { occurredAt } }: Candidate, profileId: string | undefined, person: PersonWork): ConsentState => (heardBy.has(profileId) ? courses(profileId)(person)(Math.min(occurredAt, now)) : person.consents);
  const answers = remembered((_: ConsentState) => remembered((__: PersonWork) => new Map<Purpose, ConsentAnswer>()));

  function answerOf(candidate: Candidate, person: PersonWork, purpose: Purpose): ConsentAnswer {
    const state = stateAt(candidate, personOf.get(candidate), person);
    const subject = subjectOf(person, candidate.record);
    const decide = (own: ConsentStanding | undefined): ConsentAnswer => {
      const told = own === undefined ? state : { ...state, [purpose.key]: { ...(Object.hasOwn(state, purpose.key) ? state[purpose.key] : {}), own } };
      return decideConsent({ state: told, subject, purpose, target: OWN_USE, agreements, now });
    };
    const own = carried.get(candidate)?.filter(({ purpose: key, recipients }) => key === purpose.key && recipients.includes('own')) ?? [];
    const refusal = own.find(({ decision }) => isRefusal(decision));
    if (own.length === 0 && !tellsAge(candidate.record)) {
      const made = answers(state)(person);
      const answer = made.get(purpose) ?? decide(undefined);
      made.set(purpose, answer);
      return answer;
    }
    const answer = decide(refusal);
    const yes = own.find((one) => !isRefusal(one.decision) && !isWaiting(one));
    return answer.isAllowed || yes === undefined || refusal !== undefined || !(answer.standing === null || isRepeatedByEvents(answer.standing.method)) ? answer : decide(yes);
  }

  return (candidate, purpose) => {
    if (purpose === undefined) return 'purpose-unknown';
    const { homes, claimants } = whoseOf(personOf.get(candidate));
    const all = homes.map((person) => answerOf(candidate, person, purpose));
    const isRefused = ({ isAllowed, standing }: ConsentAnswer): boolean => !isAllowed && standing !== null && isRefusal(standing.decision);
    // Of several who turn out to be one, what any may not is refused, and what one was not asked another may have answered.
    const against = all.find(({ isAllowed, reason }) => !isAllowed && reason !== 'no-consent') ?? claimants.map((person) => answerOf(candidate, person, purpose)).find(isRefused);
    if (against !== undefined) return against.reason;
    return all.some(({ isAllowed }) => isAllowed) ? null : 'no-consent';
  };
}

/** Each answer is made once. */
function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as V;
  };
}

/** What stands of a person at each moment, as it will be folded, by what they have said until then too: what says nothing new renews nothing. `lastSeenAt`: of all with whom they are one then, for by that a yes comes too late. */
function hearing(person: PersonWork, lastSeenAt: number, said: readonly ConsentRecord[]): (until: number) => ConsentState {
  const inOrder = said.toSorted((a, b) => a.effectiveAt - b.effectiveAt || Number(isRefusal(a.decision)) - Number(isRefusal(b.decision)));
  const states = [person.consents];
  const hears = { ...person, profile: { ...person.profile, lastSeenAt } };
  return (until) => {
    const heard = inOrder.findLastIndex(({ effectiveAt }) => effectiveAt <= until) + 1;
    for (const told of inOrder.slice(states.length - 1, heard)) {
      const record = asRemembered(hears, told);
      if (!isRepeat(hears.consents, record) && !comesTooLate(hears, record)) {
        hears.ledger = withRecord(hears, record);
        hears.consents = stateOfLedger(hears);
      }
      states.push(hears.consents);
    }
    return states[heard] as ConsentState;
  };
}

function whoseIs(profileId: string | undefined, { merges, movedIdentities }: ResolvePlan, { works }: KnownPeople, nobody: PersonWork): Whose {
  const workOf = (id: string | undefined): PersonWork[] => { const work = works.get(id ?? ''); return work === undefined ? [] : [work]; };
  const homes = [profileId, ...merges.flatMap(({ winner, loser }) => (winner === profileId ? [loser] : []))].flatMap(workOf);
  return { homes: homes.length === 0 ? [nobody] : homes, claimants: movedIdentities.flatMap(({ from, to }) => (to === profileId ? workOf(from) : [])) };
}

/** A child of whom the record itself tells is one; a country that it tells makes the law no milder. */
function subjectOf(person: PersonWork, { profile: { birthday, age } }: CanonicalRecord): DataSubject {
  const subject = dataSubjectOf(person.profile);
  if (subject.birthday !== null || subject.age !== null) return subject;
  return { ...subject, birthday: typeof birthday === 'string' ? birthday : null, age: typeof age === 'number' ? age : null };
}

function tellsAge({ profile }: CanonicalRecord): boolean {
  return Object.hasOwn(profile, 'birthday') || Object.hasOwn(profile, 'age');
}
