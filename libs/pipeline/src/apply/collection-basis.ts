import { dataSubjectOf, decideConsent, isRefusal, isRepeat, isRepeatedByEvents, isWaiting, OWN_USE, standingAt, UNKNOWN_SUBJECT, type CanonicalRecord, type ConsentAnswer, type ConsentRecord, type ConsentStanding, type DataSubject, type Purpose, type ResolvePlan } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { ApplyContext, Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/** Says why a purpose may keep nothing of a record; null where it may. */
export type CollectionBasis = (candidate: Candidate, purpose: Purpose | undefined) => string | null;

/** Who a record will be of, by the plan of its batch. */
interface Whose {
  /** Those who are one person then; none where that is somebody new. */
  homes: readonly PersonWork[];
  /** Those who only claim an identity that goes to that person: what they refused goes along with it. */
  claimants: readonly PersonWork[];
}

/**
 * Decides for the records of one batch before any of it is folded: as if what is stored of their people, what records of the same batch said of them until then, and what the record itself says had
 * been. A refusal that is told at a device is of all who are known on it. One of the record holds for it in any case; a yes that it carries covers it where the person has not said otherwise by a
 * clearer act. A yes over a public key counts for the record that carries it alone.
 *
 * @param candidates those that the plan says the people of, in its order
 * @param carried the decisions of records, as `carriedConsents` gives them
 * @param known the people as they are by the plan on their devices, as `asOnDevices` gives them
 * @example createCollectionBasis(candidates, plan, carried, known, context)(candidate, purpose) // 'no-consent'
 */
export function createCollectionBasis(candidates: readonly Candidate[], plan: ResolvePlan, carried: ReadonlyMap<Candidate, readonly ConsentRecord[]>, known: KnownPeople, context: Pick<ApplyContext, 'configuration' | 'now'>): CollectionBasis {
  const { configuration: { agreements }, now } = context;
  const personOf = new Map(candidates.map((candidate, index) => [candidate, plan.assignment[index]]));
  const whoseOf = remembered((profileId: string | undefined) => whoseIs(profileId, plan, known));
  const heardBy = toldTo(personOf, plan, carried, known);
  /** What others of the batch said until a record that is of its person too, in the order in which it was decided. */
  const saidBefore = remembered((candidate: Candidate): ConsentRecord[] => {
    const said = (heardBy.get(personOf.get(candidate)) ?? []).flatMap(({ teller, record }) => (teller !== candidate && record.effectiveAt <= Math.min(candidate.record.occurredAt, now) && (record.isVerified || isRefusal(record.decision)) ? [record] : []));
    return said.sort((a, b) => a.effectiveAt - b.effectiveAt || Number(isRefusal(a.decision)) - Number(isRefusal(b.decision)));
  });
  const answers = remembered((_: PersonWork | undefined) => new Map<Purpose, ConsentAnswer>());

  function answerOf(candidate: Candidate, person: PersonWork | undefined, purpose: Purpose): ConsentAnswer {
    const state = person?.consents ?? {};
    const decide = (own: ConsentStanding | null, subject: DataSubject): ConsentAnswer => {
      const told = own === null ? state : { ...state, [purpose.key]: { ...(Object.hasOwn(state, purpose.key) ? state[purpose.key] : {}), own } };
      return decideConsent({ state: told, subject, purpose, target: OWN_USE, agreements, now });
    };
    const concerns = ({ purpose: key, recipients }: ConsentRecord): boolean => key === purpose.key && recipients.includes('own');
    const said = heardBy.size === 0 ? [] : saidBefore(candidate).filter(concerns);
    // Two who turn out to be one with the batch decided each for themselves until then: what the one agreed to lifts no refusal of the other.
    const isOne = whoseOf(personOf.get(candidate)).homes.length < 2;
    const before = said.filter((one) => isOne || isRefusal(one.decision) || said.every((other) => !isRefusal(other.decision) || other.identityKey === one.identityKey));
    const own = carried.get(candidate)?.filter(concerns) ?? [];
    const subject = subjectOf(person, candidate.record);
    if (before.length === 0 && own.length === 0 && !tellsAge(candidate.record)) {
      let answer = answers(person).get(purpose);
      if (answer === undefined) answers(person).set(purpose, (answer = decide(null, subject)));
      return answer;
    }
    const standing = before.reduce((one: ConsentStanding | null, said) => after(one, said, person), standingAt(state, [purpose.key, 'own']));
    const answer = decide(own.find(({ decision }) => isRefusal(decision)) ?? standing, subject);
    const yes = own.find((one) => !isRefusal(one.decision) && !isWaiting(one));
    return answer.isAllowed || yes === undefined || !(answer.standing === null || isRepeatedByEvents(answer.standing.method)) || own.some(({ decision }) => isRefusal(decision)) ? answer : decide(yes, subject);
  }

  return (candidate, purpose) => {
    if (purpose === undefined) return 'purpose-unknown';
    const { homes, claimants } = whoseOf(personOf.get(candidate));
    const all = (homes.length === 0 ? [undefined] : homes).map((person) => answerOf(candidate, person, purpose));
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

/** A decision and the record that tells of it. */
interface Told {
  teller: Candidate;
  record: ConsentRecord;
}

/** Whom what records of the batch decide is of: the record's own person, and of a refusal everybody who is known by what it is told of. */
function toldTo(personOf: ReadonlyMap<Candidate, string | undefined>, { merges, newIdentities }: ResolvePlan, carried: ReadonlyMap<Candidate, readonly ConsentRecord[]>, { owners, works }: KnownPeople): Map<string | undefined, Told[]> {
  const winnerOf = new Map(merges.map(({ winner, loser }) => [loser, winner]));
  const sharers = new Map<string, string[]>();
  for (const [id, { profile: { sharedKeys = [] } }] of works) for (const key of sharedKeys) push(sharers, key, id);
  const knownBy = (key: string): string[] => [owners.get(key) ?? newIdentities.get(key) ?? [], sharers.get(key) ?? []].flat().map((id) => winnerOf.get(id) ?? id);
  const heardBy = new Map<string | undefined, Told[]>();
  for (const [teller, records] of carried) {
    for (const record of records) {
      for (const id of new Set([personOf.get(teller), ...(isRefusal(record.decision) ? knownBy(record.identityKey) : [])])) push(heardBy, id, { teller, record });
    }
  }
  return heardBy;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function whoseIs(profileId: string | undefined, { merges, movedIdentities }: ResolvePlan, { works }: KnownPeople): Whose {
  const workOf = (id: string | undefined): PersonWork[] => { const work = works.get(id ?? ''); return work === undefined ? [] : [work]; };
  return {
    homes: [profileId, ...merges.flatMap(({ winner, loser }) => (winner === profileId ? [loser] : []))].flatMap(workOf),
    claimants: movedIdentities.flatMap(({ from, to }) => (to === profileId ? workOf(from) : [])),
  };
}

/** As the ledger folds it: the later counts, a tool's yes lifts no refusal by an act, and none of which newer events may have been a repeat. */
function after(standing: ConsentStanding | null, said: ConsentRecord, person: PersonWork | undefined): ConsentStanding | null {
  if (isWaiting(said) || (standing !== null && (said.effectiveAt < standing.effectiveAt || (said.effectiveAt === standing.effectiveAt && isRefusal(standing.decision) && !isRefusal(said.decision))))) return standing;
  // What says nothing new renews nothing.
  if (standing !== null && isRepeat({ [said.purpose]: { own: standing } }, { ...said, recipients: ['own'] })) return standing;
  if (standing === null || !isRefusal(standing.decision) || !isRepeatedByEvents(said.method)) return said;
  // What an act has refused stays refused by it, also where a tool has said no since.
  if (!isRepeatedByEvents(standing.method)) return standing;
  return !isRefusal(said.decision) && said.effectiveAt < (person?.isNew === false ? person.profile.lastSeenAt : -Infinity) ? standing : said;
}

/** A child of whom the record itself tells is one; a country that it tells makes the law no milder. */
function subjectOf(person: PersonWork | undefined, { profile: { birthday, age } }: CanonicalRecord): DataSubject {
  const subject = person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile);
  if (subject.birthday !== null || subject.age !== null) return subject;
  return { ...subject, birthday: typeof birthday === 'string' ? birthday : null, age: typeof age === 'number' ? age : null };
}

function tellsAge({ profile }: CanonicalRecord): boolean {
  return Object.hasOwn(profile, 'birthday') || Object.hasOwn(profile, 'age');
}
