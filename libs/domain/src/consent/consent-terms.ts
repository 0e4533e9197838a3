import { RECIPIENT_KINDS, SEPARATE_CONSENTS, waitingScope, type AgreementVersion, type ConsentDecision, type ConsentMethod, type ConsentRecord, type ConsentScope, type ConsentStanding, type ConsentState } from './consent.js';

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

/** Whether a material version has ended the effect of a consent to this one. */
export function isSuperseded(version: number, versions: readonly Pick<AgreementVersion, 'version' | 'isMaterial'>[]): boolean {
  return versions.some((newer) => newer.isMaterial && newer.version > version);
}

/**
 * Whether a record is a yes of a consent tool of which nothing says when it was given, or on which text: no notice came with it, and no time of its own as a TC string has. The tool remembers it and
 * tells it with each event, so it may be any yes that the person gave before (GDPR art. 7(1): the controller shall be able to demonstrate).
 */
export function isUndated(record: Pick<ConsentRecord, 'decision' | 'method' | 'textHash' | 'isUnproven' | 'isUnconfirmed'>): boolean {
  return isRemembered(record) && record.method !== 'tcf';
}

/** Whether a record is a yes that a tool tells, without a notice. What is to be confirmed is no yes until a text was shown to whoever confirms it; what a file tells proves its text or permits nothing. */
function isRemembered(record: Pick<ConsentRecord, 'decision' | 'method' | 'textHash' | 'isUnproven' | 'isUnconfirmed'>): boolean {
  return !isRefusal(record.decision) && !isWaiting(record) && record.textHash === null && isRepeatedByEvents(record.method) && record.method !== 'import';
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
    if (standing === undefined || isRefusal(standing.decision) !== isRefusal(record.decision) || isOnOtherText(standing, record)) return false;
    return !isRefusal(record.decision) || isRepeatedByEvents(record.method) || !isRepeatedByEvents(standing.method);
  });
}

/** Whether a decision is about another text than the one that stands. A yes that a tool remembers is so only where it is known to be of a newer version: it neither lifts the yes to an older one nor takes the place of a newer one's. */
function isOnOtherText({ agreementId, agreementVersion }: ConsentStanding, record: ConsentRecord): boolean {
  if (!isRemembered(record) || agreementId !== record.agreementId) return agreementVersion !== record.agreementVersion;
  return !isUndated(record) && (record.agreementVersion ?? 0) > (agreementVersion ?? 0);
}
