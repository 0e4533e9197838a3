import { isRefusal, isRepeat, isRepeatedByEvents, isWaiting, refusesWaiting, scopesOf, type ConsentRecord } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import { asRemembered } from './as-remembered.js';
import { foldIntoPerson } from './fold-into-person.js';
import { findKnownBy, isNewsToCrowd, shareRefusals, tellCrowd, type KnownBy, type KnownByContext } from './known-by.js';
import { readLedgers, stateOfKey } from './person-ledger.js';
import { sealed } from './sealed.js';

/** What one event carries, for the person it is of. */
export interface EventConsents {
  person: PersonWork;
  records: readonly ConsentRecord[];
}

/** What events have come to. */
export interface FoldedConsents {
  /** What is to be recorded. */
  records: ConsentRecord[];
  /** Who was not among the people of the batch, and is concerned by a refusal at a device of theirs. */
  others: PersonWork[];
}

/**
 * Folds what events carry into their people, in the order given, and a refusal into all who are known by what it is told of. Recorded is only what says something new to any of them, for each event of a page repeats the same
 * categories and signals. An unverified grant changes nothing yet, but must be there when the person is verified. The ledger is read of those only for whom there is news.
 * A grant that comes late lifts no refusal: events that happened after it may have repeated that one, and what is repeated is not recorded.
 */
export async function foldEventConsents(tx: StoreTransaction, events: readonly EventConsents[], context: Omit<KnownByContext, 'agreeing'>): Promise<FoldedConsents> {
  const { workspaceId } = context.configuration;
  const agreeing = new Set(events.flatMap(({ person, records }) => (records.some(({ decision }) => !isRefusal(decision)) ? [person] : [])));
  const knownBy = await findKnownBy(tx, events.flatMap(({ records }) => records), { ...context, agreeing });
  const concernedBy = (person: PersonWork, record: ConsentRecord): PersonWork[] => [...new Set([person, ...(isRefusal(record.decision) ? knownBy.people.get(record.identityKey) ?? [] : [])])];
  await readLedgers(tx, workspaceId, events.flatMap(({ person, records }) => records.flatMap((record) => (knownBy.people.has(record.identityKey) || !isRepeat(person.consents, record) ? concernedBy(person, record) : []))));
  const records = events.flatMap(({ person, records: drafts }) => drafts.flatMap((draft) => foldOne(person, concernedBy(person, draft), draft, knownBy) ?? []));
  await shareRefusals(tx, workspaceId, records, knownBy);
  return { records, others: [...new Set([...knownBy.people.values()].flat())].filter((person) => !context.people.includes(person)) };
}

function foldOne(person: PersonWork, concerned: readonly PersonWork[], told: ConsentRecord, knownBy: KnownBy): ConsentRecord | undefined {
  const draft = asRemembered(person, told);
  const isForCrowd = isNewsToCrowd(knownBy, draft);
  if ((!isForCrowd && concerned.every(({ consents }) => isRepeat(consents, draft))) || comesTooLate(person, draft)) return undefined;
  const before = concerned.map((one) => ({ one, ledger: one.ledger }));
  const isNews = isForCrowd || concerned.some(({ consents }) => refusesWaiting(consents, draft)) || (isClaim(person, draft) && !isRepeat(stateOfKey(person.ledger?.records ?? [], draft.identityKey), draft));
  const record = sealed(draft);
  if (concerned.map((one) => foldIntoPerson(one, record)).includes(true) || isNews) {
    tellCrowd(knownBy, record);
    return record;
  }
  for (const { one, ledger } of before) {
    if (ledger === undefined) delete one.ledger;
    else one.ledger = ledger;
  }
  return undefined;
}

/** Whether a grant would lift a refusal although events of the person are known that happened after it. */
export function comesTooLate({ consents, isNew, profile: { lastSeenAt } }: Pick<PersonWork, 'consents' | 'isNew' | 'profile'>, record: ConsentRecord): boolean {
  if (isNew || isRefusal(record.decision) || !isRepeatedByEvents(record.method) || record.effectiveAt >= lastSeenAt) return false;
  const standings = Object.hasOwn(consents, record.purpose) ? consents[record.purpose] : undefined;
  return scopesOf(record).some((scope) => standings?.[scope] !== undefined && isRefusal(standings[scope].decision));
}

/** Whether a grant waits for its person to be verified on the device. */
function isClaim({ profile }: PersonWork, record: ConsentRecord): boolean {
  return !isRefusal(record.decision) && !record.isVerified && !isWaiting(record) && !profile.verifiedKeys.includes(record.identityKey);
}
