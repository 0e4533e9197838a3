import { isRefusal, type ConsentStanding, type ConsentState } from '@firsthand/domain';
import { nextVersion, type PersonWork } from '../person/person-work.js';
import { noteRefusal } from './note-refusal.js';

/**
 * Gives a person a state that was folded anew, and notes what it changes: purposes whose segments are evaluated again, decisions that start flows, and refusals so that what was
 * disclosed is taken back. Gives whether it changed anything.
 *
 * @param isParting what is somebody else's is taken from the person: what stands by that was decided before, and starts no flow again
 */
export function takeState(person: PersonWork, next: ConsentState, isParting = false): boolean {
  const before = [...(person.mergedConsents ?? []), person.consents];
  let isChanged = false;
  for (const [purpose, scope] of placesOf([...before, next])) {
    const standing = at(next, purpose, scope);
    const ofBefore = before.map((state) => at(state, purpose, scope));
    if (standing !== undefined && isRefusal(standing.decision) && (person.mergedConsents ?? []).some((state) => at(state, purpose, scope) === undefined)) noteRefusal(person, purpose, scope);
    if (standing?.recordId === at(person.consents, purpose, scope)?.recordId && ofBefore.every((one) => one === undefined || one.recordId === standing?.recordId)) continue;
    isChanged = true;
    person.changedPurposes.add(purpose);
    noteScope(person, { purpose, scope, standing, ofBefore, isParting });
  }
  delete person.mergedConsents;
  if (!isChanged) return false;
  person.consents = next;
  person.areConsentsChanged = true;
  person.isTouched = true;
  person.profile.version = nextVersion(person);
  return true;
}

function noteScope(person: PersonWork, { purpose, scope, standing, ofBefore, isParting }: { purpose: string; scope: string; standing: ConsentStanding | undefined; ofBefore: readonly (ConsentStanding | undefined)[]; isParting: boolean }): void {
  if (standing === undefined) {
    // Only what a merge that was taken back had brought goes without another decision: what rested on it is taken back.
    if (ofBefore.some((one) => one?.decision === 'granted' && one.waitsFor === undefined)) noteRefusal(person, purpose, scope);
    return;
  }
  if (standing.waitsFor !== undefined) return;
  const isKnown = ofBefore.some((one) => one?.recordId === standing.recordId);
  if (scope === 'own' && !isKnown) person.consentChanges.push({ purpose, on: isRefusal(standing.decision) ? 'refused' : 'granted', recordId: standing.recordId, ...(isParting ? { isFoundAgain: true } : {}) });
  if (!isRefusal(standing.decision)) person.refused.get(purpose)?.delete(scope);
  else if (!isKnown || ofBefore.some((one) => one?.decision === 'granted')) noteRefusal(person, purpose, scope);
}

function at(state: ConsentState, purpose: string, scope: string): ConsentStanding | undefined {
  const ofPurpose = Object.hasOwn(state, purpose) ? state[purpose] : undefined;
  return ofPurpose !== undefined && Object.hasOwn(ofPurpose, scope) ? ofPurpose[scope] : undefined;
}

function placesOf(states: readonly ConsentState[]): [string, string][] {
  const places = new Map<string, [string, string]>();
  for (const state of states) for (const [purpose, standings] of Object.entries(state)) for (const scope of Object.keys(standings)) places.set(`${purpose}|${scope}`, [purpose, scope]);
  return [...places.values()];
}
