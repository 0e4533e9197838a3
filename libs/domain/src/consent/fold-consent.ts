import { parseIdentityKey } from '../identity/identity-key.js';
import { NAMESPACES } from '../identity/namespaces.js';
import { RECIPIENT_KINDS, SEPARATE_CONSENTS, type ConsentDecision, type ConsentMethod, type ConsentRecord, type ConsentScope, type ConsentStanding, type ConsentState } from './consent.js';

/** Whether a decision stops processing. */
export function isRefusal(decision: ConsentDecision): boolean {
  return decision !== 'granted';
}

/** Whether what events carry is a tool's memory of a choice, repeated with each of them. A Global Privacy Control is a choice in itself (CCPA Regulations § 7025): it stands until a clearer act. */
export function isRepeatedByEvents(method: ConsentMethod): boolean {
  return method === 'event' || method === 'tcf' || method === 'gpp' || method === 'consent-mode';
}

/** Whether a record says nothing that does not stand already, of all that it decides on. */
export function isRepeat(state: ConsentState, record: ConsentRecord): boolean {
  const ofPurpose = Object.hasOwn(state, record.purpose) ? state[record.purpose] : undefined;
  return scopesOf(record).every((scope) => {
    const standing = ofPurpose?.[scope];
    if (standing === undefined || isRefusal(standing.decision) !== isRefusal(record.decision) || standing.agreementVersion !== record.agreementVersion) return false;
    return !isRefusal(record.decision) || isRepeatedByEvents(record.method) || !isRepeatedByEvents(standing.method);
  });
}

/**
 * Folds one record into a state, in place. Gives whether the state changed.
 * - The newer `effectiveAt` wins, whenever it arrives; on a tie the refusal wins.
 * - A refusal is for what it names; one that names nothing is for every kind of recipient. Who refuses every kind takes back the separate consents too: a later yes
 *   to the purpose is no yes to sensitive data. A channel that was refused stays refused.
 * - An unverified grant counts only when it is of a device on which the person has been verified: emails and account ids can be guessed, and
 *   anyone can send them with a public key. A refusal always counts.
 * - What events merely repeat never lifts a refusal made by a clearer act (the privacy page, REST, a Global Privacy Control), nor takes its place: a stale cookie is
 *   not a change of mind (GDPR art. 4(11): a clear affirmative action).
 *
 * @example foldConsent(state, record, profile.verifiedKeys)
 */
export function foldConsent(state: ConsentState, record: ConsentRecord, verifiedKeys: readonly string[]): boolean {
  if (record.decision === 'granted' && !record.isVerified && !(isDeviceKey(record.identityKey) && verifiedKeys.includes(record.identityKey))) return false;
  let isChanged = false;
  for (const scope of scopesOf(record)) {
    const ofPurpose = Object.hasOwn(state, record.purpose) ? (state[record.purpose] ??= {}) : (state[record.purpose] = {});
    const standing = Object.hasOwn(ofPurpose, scope) ? ofPurpose[scope] : undefined;
    if (standing !== undefined && !beats(record, standing)) continue;
    ofPurpose[scope] = standingOf(record);
    isChanged = true;
  }
  return isChanged;
}

function isDeviceKey(key: string): boolean {
  return NAMESPACES.get(parseIdentityKey(key).namespace)?.isDevice ?? false;
}

const OF_EVERYTHING: readonly ConsentScope[] = [...RECIPIENT_KINDS, ...SEPARATE_CONSENTS];

/** Everything that a record decides on. */
export function scopesOf({ decision, recipients }: Pick<ConsentRecord, 'decision' | 'recipients'>): readonly ConsentScope[] {
  if (!isRefusal(decision) || !RECIPIENT_KINDS.every((kind) => recipients.length === 0 || recipients.includes(kind))) return recipients;
  return [...new Set([...OF_EVERYTHING, ...recipients])];
}

/**
 * The state after a merge: per purpose and scope the most restrictive explicit decision; no record is not a decision.
 * Records that come later fold on top as always.
 */
export function mergeConsentStates(one: ConsentState, other: ConsentState): ConsentState {
  const merged: ConsentState = structuredClone(one);
  for (const [purpose, standings] of Object.entries(other)) {
    const ofPurpose = (merged[purpose] ??= {});
    for (const [scope, theirs] of Object.entries(standings)) {
      const ours = Object.hasOwn(ofPurpose, scope) ? ofPurpose[scope] : undefined;
      if (theirs !== undefined && (ours === undefined || isMoreRestrictive(theirs, ours))) ofPurpose[scope] = theirs;
    }
  }
  return merged;
}

function isMoreRestrictive(candidate: ConsentStanding, current: ConsentStanding): boolean {
  if (isRefusal(candidate.decision) !== isRefusal(current.decision)) return isRefusal(candidate.decision);
  // A no that events repeat would be lifted by the next yes that they repeat: the one said by an act stays.
  if (isRefusal(candidate.decision) && isRepeatedByEvents(candidate.method) !== isRepeatedByEvents(current.method)) return isRepeatedByEvents(current.method);
  return candidate.effectiveAt > current.effectiveAt;
}

function beats(record: ConsentRecord, standing: ConsentStanding): boolean {
  const isWeak = isRepeatedByEvents(record.method);
  if (isWeak && isRefusal(standing.decision) && !isRepeatedByEvents(standing.method)) return false;
  if (record.effectiveAt !== standing.effectiveAt) return record.effectiveAt > standing.effectiveAt;
  if (isRefusal(record.decision) !== isRefusal(standing.decision)) return isRefusal(record.decision);
  if (isWeak !== isRepeatedByEvents(standing.method)) return !isWeak;
  return record.recordId > standing.recordId;
}

function standingOf(record: ConsentRecord): ConsentStanding {
  const { decision, recordId, agreementId, agreementVersion, textHash, method, effectiveAt, recordedAt, seal } = record;
  const sealed = seal === undefined ? {} : { sealed: { version: seal.version, hash: seal.hash } };
  return { decision, recordId, agreementId, agreementVersion, textHash, method, effectiveAt, recordedAt, ...sealed };
}
