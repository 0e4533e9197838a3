import { EVERY_PURPOSE, type ConsentScope, type ConsentStanding, type ConsentState, type LawfulBasis, type Purpose, type RecipientKind, type SeparateConsent } from './consent.js';
import { isChild, type DataSubject } from './data-subject.js';

/** Where data would go. Collection and segments are for the brand itself: `OWN_USE`. */
export interface ConsentTarget {
  recipient: RecipientKind;
  /** The destination connection; null for the brand's own use. */
  connectionId: string | null;
  /** Where the recipient is, ISO 3166; null where nobody said. */
  country: string | null;
  /** The channel on which the person would notice it; null for none. */
  channel: string | null;
}

/** Where in a state a decision stands: purpose and scope. */
export type ConsentPlace = readonly [purpose: string, scope: ConsentScope];

/** GDPR art. 18(2) and 21: what goes on although a person has restricted everything. */
export const BEYOND_RESTRICTION: readonly LawfulBasis[] = ['legal', 'vital'];

/** The decision in force at a place; null for none. */
export function standingAt(state: ConsentState | undefined, [purpose, scope]: ConsentPlace): ConsentStanding | null {
  const ofPurpose = state !== undefined && Object.hasOwn(state, purpose) ? state[purpose] : undefined;
  return ofPurpose !== undefined && Object.hasOwn(ofPurpose, scope) ? (ofPurpose[scope] ?? null) : null;
}

/** Where a refusal of everything, or of the channel, holds against a use on this basis. */
export function placesForAll(purpose: string, basis: LawfulBasis, { recipient, channel }: Pick<ConsentTarget, 'recipient' | 'channel'>): ConsentPlace[] {
  if (BEYOND_RESTRICTION.includes(basis)) return [];
  const hasSay = basis === 'consent' || basis === 'legitimate';
  const ofChannel: ConsentPlace[] = channel === null ? [] : [[purpose, channel], ...(hasSay ? [[EVERY_PURPOSE, channel] as const] : [])];
  return [[EVERY_PURPOSE, recipient], ...ofChannel];
}

/** Whether a use by this kind of recipient needs a grant. */
export function needsGrant({ separateConsent }: Pick<Purpose, 'separateConsent'>, basis: LawfulBasis, recipient: ConsentTarget['recipient']): boolean {
  return basis === 'consent' || (recipient === 'third-party' && separateConsent.includes('third-party'));
}

/** The separate consents that a use calls for, beside the one for its kind of recipient. */
export function separateScopes({ separateConsent }: Pick<Purpose, 'separateConsent'>, about: { target: ConsentTarget; subject: DataSubject; now: number }): SeparateConsent[] {
  return separateConsent.flatMap((scope) => (scope !== 'third-party' && concerns(scope, about) ? [scope] : []));
}

/** Whether a separate consent is called for. A recipient or a person of no known country may be abroad. */
function concerns(scope: SeparateConsent, { target, subject, now }: { target: ConsentTarget; subject: DataSubject; now: number }): boolean {
  if (scope === 'sensitive') return true;
  if (scope === 'minor') return isChild(subject, now);
  if (target.recipient === 'own' && target.country === null) return false;
  return target.country === null || subject.country !== target.country;
}
