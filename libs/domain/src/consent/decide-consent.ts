import { EVERY_PURPOSE, RECIPIENT_KINDS, waitingScope, type AgreementVersion, type ConsentScope, type ConsentStanding, type ConsentState, type LawfulBasis, type Purpose, type RecipientKind, type SeparateConsent } from './consent.js';
import { needsGrant, placesForAll, separateScopes, standingAt, type ConsentTarget } from './consent-places.js';
import { isSuperseded } from './consent-terms.js';
import { childUntil, lawfulBasisFor, type DataSubject } from './data-subject.js';

/** Why data may or may not be used. Every way to be unsure has its own code, and all of them deny. */
export type ConsentReason =
  | 'consent-granted' | 'basis-contract' | 'basis-legal' | 'basis-vital' | 'basis-public' | 'basis-legitimate'
  | 'purpose-unknown' | 'no-consent' | 'consent-unproven' | 'consent-unconfirmed' | 'consent-denied' | 'consent-withdrawn' | 'consent-objected' | 'consent-expired'
  | 'agreement-missing' | 'agreement-unknown' | 'agreement-not-covering' | 'agreement-superseded' | 'decided-in-future'
  | 'recipient-not-listed' | 'channel-not-covered' | 'channel-refused' | 'processing-restricted' | 'no-consent-minor' | 'no-consent-cross-border';

/** Use by the brand itself, where the data lies. */
export const OWN_USE: ConsentTarget = { recipient: 'own', connectionId: null, country: null, channel: null };

export interface ConsentQuestion {
  /** The person's state; undefined where nobody is known. One that could not be read asks nothing: whoever reads it fails with UNAVAILABLE, and nothing is decided. */
  state: ConsentState | undefined;
  /** What of the person the law asks about. */
  subject: DataSubject;
  /** The configured purpose; undefined when there is none of that key. */
  purpose: Purpose | undefined;
  target: ConsentTarget;
  /** Published versions by agreement id, oldest first. */
  agreements: ReadonlyMap<string, readonly AgreementVersion[]>;
  /** Epoch ms. */
  now: number;
}

export interface ConsentAnswer {
  isAllowed: boolean;
  reason: ConsentReason;
  /** The record that decides, where one does. */
  standing: ConsentStanding | null;
  /** When the answer ends by time alone, epoch ms; null never. */
  validUntil: number | null;
  /** Whether fields of the class `sensitive` may go along; what the purpose does not cover never may. */
  coversSensitive: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Decides whether data of one person may be used for a purpose by a recipient, now. Pure, and denies whenever it is unsure. The hardest rule wins:
 * - what the purpose does not name, as recipient or channel, gets nothing;
 * - a restriction of everything (GDPR art. 18) and a channel that was refused for the purpose hold on every basis but a legal duty and vital interests; a channel that was
 *   refused altogether holds where the person has a say, so that a receipt still comes by email;
 * - objection beats legitimate interest (GDPR art. 21); contract, legal, vital and public bases do not rest on consent (GDPR art. 6(1)(b) to (e));
 * - what the purpose lists as `separateConsent` needs a grant of its own, on any basis.
 *
 * @example decideConsent({ state, subject: { country: 'CN', birthday: null, age: null }, purpose, target: OWN_USE, agreements, now }).isAllowed
 */
export function decideConsent(question: ConsentQuestion): ConsentAnswer {
  const { purpose, target, subject } = question;
  if (purpose === undefined) return deny('purpose-unknown', null);
  if (target.connectionId !== null && purpose.recipients !== null && !purpose.recipients.includes(target.connectionId)) return deny('recipient-not-listed', null);
  if (target.channel !== null && !purpose.channels.includes(target.channel)) return deny('channel-not-covered', null);
  const basis = lawfulBasisFor(purpose, subject);
  const refused = refusedForAll(question, purpose, basis);
  if (refused !== null) return refused;
  const answer = decideUse(question, purpose, basis);
  return answer.isAllowed ? withSeparateConsents(answer, question, purpose) : answer;
}

/**
 * Whether one thing is agreed to by itself, whatever else is needed: what a switch shows that stands for it.
 *
 * @example decideScope({ state, subject, purpose, agreements, now }, 'sensitive').isAllowed
 */
export function decideScope(question: Omit<ConsentQuestion, 'target' | 'purpose'> & { purpose: Purpose }, scope: ConsentScope): ConsentAnswer {
  const { purpose } = question;
  const asked: ConsentQuestion = { ...question, target: OWN_USE };
  const kind = RECIPIENT_KINDS.find((one) => one === scope);
  if (kind === undefined) return decideGranted(scope, 'no-consent', asked, purpose);
  return decideUse({ ...asked, target: { ...OWN_USE, recipient: kind } }, purpose, lawfulBasisFor(purpose, question.subject));
}

/** What is decided of one purpose for a kind of recipient, or for something that it wants a consent of its own for. */
export interface ScopeAnswer extends ConsentAnswer {
  purpose: string;
  scope: RecipientKind | SeparateConsent;
}

/**
 * What is agreed to of each purpose, thing by thing, in the order in which they are given: every kind of recipient, and what the purpose wants a consent of its own for.
 *
 * @example decideScopes({ state, subject, agreements, now }, configuration.purposes.values()).filter(({ isAllowed }) => isAllowed)
 */
export function decideScopes(question: Omit<ConsentQuestion, 'target' | 'purpose'>, purposes: Iterable<Purpose>): ScopeAnswer[] {
  return [...purposes].flatMap((purpose) => [...new Set([...RECIPIENT_KINDS, ...purpose.separateConsent])].map((scope) => ({ ...decideScope({ ...question, purpose }, scope), purpose: purpose.key, scope })));
}

function refusedForAll({ state, target }: ConsentQuestion, { key }: Purpose, basis: LawfulBasis): ConsentAnswer | null {
  for (const place of placesForAll(key, basis, target)) {
    const standing = standingAt(state, place);
    if (standing !== null && standing.decision !== 'granted') return deny(place[0] === EVERY_PURPOSE && place[1] === target.recipient ? 'processing-restricted' : 'channel-refused', standing);
  }
  return null;
}

function decideUse(question: ConsentQuestion, purpose: Purpose, basis: LawfulBasis): ConsentAnswer {
  const { recipient } = question.target;
  const standing = standingAt(question.state, [purpose.key, recipient]);
  if (basis === 'consent' || needsGrant(purpose, basis, recipient)) return decideGranted(recipient, 'no-consent', question, purpose);
  if (basis === 'legitimate' && standing !== null && standing.decision !== 'granted') return deny(`consent-${standing.decision}`, standing);
  return { isAllowed: true, reason: `basis-${basis}`, standing, validUntil: null, coversSensitive: true };
}

/** What the purpose wants a consent of its own for: without it a child's data and data abroad are not used at all, and sensitive fields stay behind. */
function withSeparateConsents(answer: ConsentAnswer, question: ConsentQuestion, purpose: Purpose): ConsentAnswer {
  let { validUntil, coversSensitive } = answer;
  for (const scope of separateScopes(purpose, question)) {
    const separate = decideGranted(scope, scope === 'sensitive' ? 'no-consent' : `no-consent-${scope}`, question, purpose);
    if (separate.isAllowed) validUntil = earlier(validUntil, separate.validUntil);
    else if (scope === 'sensitive') coversSensitive = false;
    else return scope === 'minor' && separate.validUntil === null ? { ...separate, validUntil: childUntil(question.subject) } : separate;
  }
  return { ...answer, validUntil, coversSensitive };
}

/** What needs a grant: without any decision the reason is `missing`, or why one that came does not count. */
function decideGranted(scope: ConsentScope, missing: ConsentReason, question: ConsentQuestion, purpose: Purpose): ConsentAnswer {
  const { agreements, now } = question;
  const standing = standingAt(question.state, [purpose.key, scope]);
  const waiting = standing === null ? standingAt(question.state, [purpose.key, waitingScope(scope)]) : null;
  if (waiting !== null) return deny(waiting.waitsFor === 'confirmation' ? 'consent-unconfirmed' : 'consent-unproven', waiting);
  if (standing === null) return deny(missing, null);
  if (standing.decision !== 'granted') return deny(`consent-${standing.decision}`, standing);
  if (standing.effectiveAt > now) return { ...deny('decided-in-future', standing), validUntil: standing.effectiveAt };
  return decideGrant(standing, purpose, agreements, now);
}

function decideGrant(standing: ConsentStanding, purpose: Purpose, agreements: ConsentQuestion['agreements'], now: number): ConsentAnswer {
  if (standing.agreementId === null || standing.agreementVersion === null) return deny('agreement-missing', standing);
  const versions = agreements.get(standing.agreementId);
  const agreed = versions?.find(({ version }) => version === standing.agreementVersion);
  if (versions === undefined || agreed === undefined) return deny('agreement-unknown', standing);
  if (!agreed.purposes.includes(purpose.key)) return deny('agreement-not-covering', standing);
  if (isSuperseded(agreed.version, versions)) return deny('agreement-superseded', standing);
  const validUntil = purpose.expiresAfterDays === null ? null : standing.effectiveAt + purpose.expiresAfterDays * DAY_MS;
  if (validUntil !== null && now >= validUntil) return deny('consent-expired', standing);
  return { isAllowed: true, reason: 'consent-granted', standing, validUntil, coversSensitive: true };
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function deny(reason: ConsentReason, standing: ConsentStanding | null): ConsentAnswer {
  return { isAllowed: false, reason, standing, validUntil: null, coversSensitive: false };
}
