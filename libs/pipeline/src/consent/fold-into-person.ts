import type { ConsentRecord } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import { refold, withRecord } from './person-ledger.js';

/** Adds a record to the ledger of a person, read before unless they are new, and folds it. Gives whether their state changed. */
export function foldIntoPerson(person: PersonWork, record: ConsentRecord): boolean {
  person.ledger = withRecord(person, record);
  return refold(person);
}
