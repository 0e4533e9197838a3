import { foldConsent, isRefusal, scopesOf, type ConsentRecord } from '@firsthand/domain';
import { nextVersion, type PersonWork } from '../person/person-work.js';
import { noteRefusal } from './note-refusal.js';

/** Folds a record into a person's state, and notes a refusal so that what was disclosed is taken back. Gives whether it changed anything. */
export function foldIntoPerson(person: PersonWork, record: ConsentRecord): boolean {
  if (!foldConsent(person.consents, record, person.profile.verifiedKeys)) return false;
  person.areConsentsChanged = true;
  person.changedPurposes.add(record.purpose);
  person.isTouched = true;
  person.profile.version = nextVersion(person);
  for (const scope of scopesOf(record)) {
    if (person.consents[record.purpose]?.[scope]?.recordId !== record.recordId) continue;
    if (scope === 'own') person.consentChanges.push({ purpose: record.purpose, on: isRefusal(record.decision) ? 'refused' : 'granted', recordId: record.recordId });
    if (isRefusal(record.decision)) noteRefusal(person, record.purpose, scope);
    else person.refused.get(record.purpose)?.delete(scope);
  }
  return true;
}
