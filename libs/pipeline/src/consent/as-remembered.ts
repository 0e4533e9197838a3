import { isRefusal, isUndated, scopesOf, standingAt, type ConsentRecord } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';

/**
 * A yes that a tool remembers, on the version that its person agreed to before where that is an older one: it may be that yes. What stands says so by itself; otherwise it is the last yes of the ledger,
 * as far as that was read. Not where who tells it has told a no since then: they have decided anew. Any other record is given as it is.
 *
 * @example asRemembered(person, draft).agreementVersion // 1, though version 2 was there when the event happened
 */
export function asRemembered({ consents, ledger }: Pick<PersonWork, 'consents' | 'ledger'>, told: ConsentRecord): ConsentRecord {
  if (!isUndated(told) || told.agreementVersion === null) return told;
  const isYes = ({ decision, agreementId }: Pick<ConsentRecord, 'decision' | 'agreementId'>): boolean => !isRefusal(decision) && agreementId === told.agreementId;
  const standing = told.recipients.flatMap((scope) => standingAt(consents, [told.purpose, scope]) ?? []);
  const before = standing.length === told.recipients.length && standing.every(isYes) ? standing : lastOf(ledger, told, isYes);
  return { ...told, agreementVersion: Math.min(told.agreementVersion, ...before.flatMap(({ agreementVersion }) => agreementVersion ?? [])) };
}

/** The last yes of the ledger that whoever tells this one may remember; of several of one moment all. */
function lastOf(ledger: PersonWork['ledger'], told: ConsentRecord, isYes: (record: ConsentRecord) => boolean): ConsentRecord[] {
  const before = ledger?.records.filter((record) => record.purpose === told.purpose && record.effectiveAt <= told.effectiveAt && scopesOf(record).some((scope) => told.recipients.includes(scope))) ?? [];
  const refusedAt = Math.max(...before.map(({ decision, identityKey, effectiveAt }) => (isRefusal(decision) && identityKey === told.identityKey ? effectiveAt : -Infinity)));
  const yeses = before.filter((record) => isYes(record) && record.effectiveAt > refusedAt && ledger?.owners.has(record.identityKey) === true);
  const lastAt = Math.max(...yeses.map(({ effectiveAt }) => effectiveAt));
  return yeses.filter(({ effectiveAt }) => effectiveAt === lastAt);
}
