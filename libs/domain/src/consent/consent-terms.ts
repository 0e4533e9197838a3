import { RECIPIENT_KINDS, SEPARATE_CONSENTS, waitingScope, type ConsentDecision, type ConsentMethod, type ConsentRecord, type ConsentScope, type ConsentState } from './consent.js';

/** Whether a decision stops processing. */
export function isRefusal(decision: ConsentDecision): boolean {
  return decision !== 'granted';
}

/**
 * Whether what events and files carry is a tool's memory of a choice, repeated with each of them. A Global Privacy Control is a choice in itself (CCPA Regulations § 7025): it stands
 * until a clearer act.
 */
export function isRepeatedByEvents(method: ConsentMethod): boolean {
  return method === 'event' || method === 'import' || method === 'tcf' || method === 'gpp' || method === 'consent-mode';
}

const OF_EVERYTHING: readonly ConsentScope[] = [...RECIPIENT_KINDS, ...SEPARATE_CONSENTS];

/** Everything that a record decides on. */
export function scopesOf({ decision, recipients }: Pick<ConsentRecord, 'decision' | 'recipients'>): readonly ConsentScope[] {
  if (!isRefusal(decision) || !RECIPIENT_KINDS.every((kind) => recipients.length === 0 || recipients.includes(kind))) return recipients;
  return [...new Set([...OF_EVERYTHING, ...recipients])];
}

/** Whether a grant permits nothing as it is: it came without proof, or is to be confirmed first. */
export function isWaiting({ decision, isUnproven, isUnconfirmed }: Pick<ConsentRecord, 'decision' | 'isUnproven' | 'isUnconfirmed'>): boolean {
  return !isRefusal(decision) && (isUnproven === true || isUnconfirmed === true);
}

/** Whether a refusal ends a grant that waits to be confirmed: it is news then, whatever stands. */
export function refusesWaiting(state: ConsentState, record: ConsentRecord): boolean {
  if (!isRefusal(record.decision) || !Object.hasOwn(state, record.purpose)) return false;
  const ofPurpose = state[record.purpose];
  return scopesOf(record).some((scope) => {
    const waiting = ofPurpose?.[waitingScope(scope)];
    return waiting?.waitsFor === 'confirmation' && record.effectiveAt >= waiting.effectiveAt;
  });
}

/** Whether a record says nothing that does not stand already, of all that it decides on. */
export function isRepeat(state: ConsentState, record: ConsentRecord): boolean {
  if (refusesWaiting(state, record)) return false;
  const ofPurpose = Object.hasOwn(state, record.purpose) ? state[record.purpose] : undefined;
  return scopesOf(record).every((scope) => {
    const standing = ofPurpose?.[isWaiting(record) ? waitingScope(scope) : scope];
    if (standing === undefined || isRefusal(standing.decision) !== isRefusal(record.decision) || standing.agreementVersion !== record.agreementVersion) return false;
    return !isRefusal(record.decision) || isRepeatedByEvents(record.method) || !isRepeatedByEvents(standing.method);
  });
}
