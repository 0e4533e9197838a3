import { parseIdentityKey } from '../identity/identity-key.js';
import { NAMESPACES } from '../identity/namespaces.js';
import { RECIPIENT_KINDS, type ConsentDecision, type ConsentRecord, type ConsentStanding, type ConsentState, type RecipientKind } from './consent.js';

/** Whether a decision stops processing. */
export function isRefusal(decision: ConsentDecision): boolean {
  return decision !== 'granted';
}

/**
 * Folds one record into a state, in place. Gives whether the state changed.
 * - The newer `effectiveAt` wins, whenever it arrives; on a tie the refusal wins.
 * - A refusal is for the recipients that it names; one that names none is for all.
 * - An unverified grant counts only when it is of a device on which the person has been verified: emails and account ids can be guessed, and
 *   anyone can send them with a public key. A refusal always counts.
 * - A grant that an event merely repeats never lifts a refusal made by a clearer act (the privacy page, REST): a stale cookie is not
 *   a change of mind (GDPR art. 4(11): a clear affirmative action).
 *
 * @example foldConsent(state, record, profile.verifiedKeys)
 */
export function foldConsent(state: ConsentState, record: ConsentRecord, verifiedKeys: readonly string[]): boolean {
  if (record.decision === 'granted' && !record.isVerified && !(isDeviceKey(record.identityKey) && verifiedKeys.includes(record.identityKey))) return false;
  let isChanged = false;
  for (const recipient of recipientsOf(record)) {
    const ofPurpose = Object.hasOwn(state, record.purpose) ? (state[record.purpose] ??= {}) : (state[record.purpose] = {});
    const standing = ofPurpose[recipient];
    if (standing !== undefined && !beats(record, standing)) continue;
    ofPurpose[recipient] = standingOf(record);
    isChanged = true;
  }
  return isChanged;
}

function isDeviceKey(key: string): boolean {
  return NAMESPACES.get(parseIdentityKey(key).namespace)?.isDevice ?? false;
}

function recipientsOf({ decision, recipients }: ConsentRecord): readonly RecipientKind[] {
  return isRefusal(decision) && recipients.length === 0 ? RECIPIENT_KINDS : recipients;
}

/**
 * The state after a merge: per purpose and recipient the most restrictive explicit decision; no record is not a decision.
 * Records that come later fold on top as always.
 */
export function mergeConsentStates(one: ConsentState, other: ConsentState): ConsentState {
  const merged: ConsentState = structuredClone(one);
  for (const [purpose, standings] of Object.entries(other)) {
    const ofPurpose = (merged[purpose] ??= {});
    for (const recipient of RECIPIENT_KINDS) {
      const theirs = standings[recipient];
      const ours = ofPurpose[recipient];
      if (theirs === undefined) continue;
      if (ours === undefined || isMoreRestrictive(theirs, ours)) ofPurpose[recipient] = theirs;
    }
  }
  return merged;
}

function isMoreRestrictive(candidate: ConsentStanding, current: ConsentStanding): boolean {
  if (isRefusal(candidate.decision) !== isRefusal(current.decision)) return isRefusal(candidate.decision);
  return candidate.effectiveAt > current.effectiveAt;
}

function beats(record: ConsentRecord, standing: ConsentStanding): boolean {
  const isWeakGrant = record.decision === 'granted' && record.method === 'event';
  if (isWeakGrant && isRefusal(standing.decision) && standing.method !== 'event') return false;
  if (record.effectiveAt !== standing.effectiveAt) return record.effectiveAt > standing.effectiveAt;
  if (isRefusal(record.decision) !== isRefusal(standing.decision)) return isRefusal(record.decision);
  return record.recordId > standing.recordId;
}

function standingOf(record: ConsentRecord): ConsentStanding {
  const { decision, recordId, agreementId, agreementVersion, textHash, method, effectiveAt, recordedAt } = record;
  return { decision, recordId, agreementId, agreementVersion, textHash, method, effectiveAt, recordedAt };
}
