import { EVERY_PURPOSE, isRefusal, isRepeatedByEvents, scopesOf, standingAt, type ConsentRecord } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';

/** Records that say something new, and what is told of all: in place of each that does not, the one that stands. */
export interface PartedRecords {
  records: ConsentRecord[];
  told: ConsentRecord[];
}

/**
 * Parts records that were made from those of them that say again what stands by an act of the person: the same refusal for all that it is about, or the lifting of a restriction that there is not.
 * Read within the transaction, so that of two at once one is a record; and by what stands, so that a second restriction after a lift is another one.
 *
 * @param person with the ledger read
 * @example const { records, told } = partStanding(person, made);
 */
export function partStanding({ consents, ledger }: Pick<PersonWork, 'consents' | 'ledger'>, made: readonly ConsentRecord[]): PartedRecords {
  const parted: PartedRecords = { records: [], told: [] };
  for (const record of made) {
    const standings = scopesOf(record).map((scope) => standingAt(consents, [record.purpose, scope]));
    if (!isRefusal(record.decision)) {
      if (record.purpose === EVERY_PURPOSE && standings.every((one) => one === null || !isRefusal(one.decision))) continue;
    } else if (standings.every((one) => one !== null && one.decision === record.decision && !isRepeatedByEvents(one.method))) {
      const ids = new Set(standings.map((one) => one?.recordId));
      parted.told.push(...(ledger?.records.filter(({ recordId }) => ids.has(recordId)) ?? []));
      continue;
    }
    parted.records.push(record);
    parted.told.push(record);
  }
  return parted;
}
