import { isRefusal, isRepeat, isRepeatedByEvents, isWaiting, refusesWaiting, scopesOf, type ConsentRecord } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import { asRemembered } from './as-remembered.js';
import { foldIntoPerson } from './fold-into-person.js';
import { readLedgers, stateOfKey } from './person-ledger.js';
import { sealed } from './sealed.js';

/** What one event carries, for the person it is of. */
export interface EventConsents {
  person: PersonWork;
  records: readonly ConsentRecord[];
}

/**
 * Folds what events carry into their people, in the order given, and gives what is to be recorded: only what says something new, for each event of a page repeats the same
 * categories and signals. An unverified grant changes nothing yet, but must be there when the person is verified. The ledger is read of those only for whom there is news.
 * A grant that comes late lifts no refusal: events that happened after it may have repeated that one, and what is repeated is not recorded.
 */
export async function foldEventConsents(tx: StoreTransaction, workspaceId: string, events: readonly EventConsents[]): Promise<ConsentRecord[]> {
  await readLedgers(tx, workspaceId, events.flatMap(({ person, records }) => (records.some((record) => !isRepeat(person.consents, record)) ? [person] : [])));
  return events.flatMap(({ person, records }) => records.flatMap((draft) => foldOne(person, draft) ?? []));
}

function foldOne(person: PersonWork, told: ConsentRecord): ConsentRecord | undefined {
  const draft = asRemembered(person, told);
  if (isRepeat(person.consents, draft) || comesTooLate(person, draft)) return undefined;
  const before = person.ledger;
  const isNews = refusesWaiting(person.consents, draft) || (isClaim(person, draft) && !isRepeat(stateOfKey(before?.records ?? [], draft.identityKey), draft));
  const record = sealed(draft);
  if (foldIntoPerson(person, record) || isNews) return record;
  if (before === undefined) delete person.ledger;
  else person.ledger = before;
  return undefined;
}

/** Whether a grant would lift a refusal although events of the person are known that happened after it. */
function comesTooLate({ consents, isNew, profile: { lastSeenAt } }: PersonWork, record: ConsentRecord): boolean {
  if (isNew || isRefusal(record.decision) || !isRepeatedByEvents(record.method) || record.effectiveAt >= lastSeenAt) return false;
  const standings = Object.hasOwn(consents, record.purpose) ? consents[record.purpose] : undefined;
  return scopesOf(record).some((scope) => standings?.[scope] !== undefined && isRefusal(standings[scope].decision));
}

/** Whether a grant waits for its person to be verified on the device. */
function isClaim({ profile }: PersonWork, record: ConsentRecord): boolean {
  return !isRefusal(record.decision) && !record.isVerified && !isWaiting(record) && !profile.verifiedKeys.includes(record.identityKey);
}
