import { foldConsent, isRefusal, type ConsentRecord } from '@firsthand/domain';
import { nextVersion, type PersonWork } from '../person/person-work.js';

/** Folds a record into a person's state, and notes a refusal so that what was disclosed is taken back. Gives whether it changed anything. */
export function foldIntoPerson(person: PersonWork, record: ConsentRecord): boolean {
  if (!foldConsent(person.consents, record, person.profile.verifiedKeys)) return false;
  person.areConsentsChanged = true;
  person.isTouched = true;
  person.profile.version = nextVersion(person);
  if (isRefusal(record.decision)) person.refusedPurposes.add(record.purpose);
  else person.refusedPurposes.delete(record.purpose);
  return true;
}
