import type { AgreementVersion, ConsentStanding, ConsentState, Purpose, RecipientKind } from './consent.js';

/** Why data may or may not be used. Every way to be unsure has its own code, and all of them deny. */
export type ConsentReason =
  | 'consent-granted' | 'basis-contract' | 'basis-legal' | 'basis-vital' | 'basis-public' | 'basis-legitimate'
  | 'purpose-unknown' | 'no-consent' | 'consent-denied' | 'consent-withdrawn' | 'consent-objected' | 'consent-expired'
  | 'agreement-missing' | 'agreement-unknown' | 'agreement-not-covering' | 'agreement-superseded' | 'decided-in-future';

export interface ConsentQuestion {
  /** The person's state; undefined when it could not be read: denied as `no-consent` unless the basis is not consent. */
  state: ConsentState | undefined;
  /** The configured purpose; undefined when there is none of that key. */
  purpose: Purpose | undefined;
  recipient: RecipientKind;
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
}

const DAY_MS = 86_400_000;

/**
 * Decides whether data of one person may be used for a purpose by a kind of recipient, now. Pure, and denies whenever it is unsure.
 * Objection beats legitimate interest (GDPR art. 21); sharing with a third party needs its own consent where the purpose says so
 * (PIPL art. 23); contract, legal, vital and public bases do not rest on consent (GDPR art. 6(1)(b) to (e)).
 *
 * @example decideConsent({ state, purpose, recipient: 'processor', agreements, now }).isAllowed
 */
export function decideConsent({ state, purpose, recipient, agreements, now }: ConsentQuestion): ConsentAnswer {
  if (purpose === undefined) return deny('purpose-unknown', null);
  const standing = state !== undefined && Object.hasOwn(state, purpose.key) ? (state[purpose.key]?.[recipient] ?? null) : null;
  const needsOwnConsent = recipient === 'third-party' && purpose.needsSeparateThirdPartyConsent;
  if (purpose.lawfulBasis !== 'consent' && !needsOwnConsent) return decideOtherBasis(purpose, standing);
  if (standing === null) return deny('no-consent', null);
  if (standing.decision !== 'granted') return deny(`consent-${standing.decision}`, standing);
  if (standing.effectiveAt > now) return { ...deny('decided-in-future', standing), validUntil: standing.effectiveAt };
  return decideGrant(standing, purpose, agreements, now);
}

function decideOtherBasis(purpose: Purpose, standing: ConsentStanding | null): ConsentAnswer {
  const basis = purpose.lawfulBasis as Exclude<Purpose['lawfulBasis'], 'consent'>;
  if (basis === 'legitimate' && standing !== null && standing.decision !== 'granted') return deny(`consent-${standing.decision}`, standing);
  return { isAllowed: true, reason: `basis-${basis}`, standing, validUntil: null };
}

function decideGrant(standing: ConsentStanding, purpose: Purpose, agreements: ConsentQuestion['agreements'], now: number): ConsentAnswer {
  if (standing.agreementId === null || standing.agreementVersion === null) return deny('agreement-missing', standing);
  const versions = agreements.get(standing.agreementId);
  const agreed = versions?.find(({ version }) => version === standing.agreementVersion);
  if (versions === undefined || agreed === undefined) return deny('agreement-unknown', standing);
  if (!agreed.purposes.includes(purpose.key)) return deny('agreement-not-covering', standing);
  if (versions.some(({ version, isMaterial }) => isMaterial && version > agreed.version)) return deny('agreement-superseded', standing);
  const validUntil = purpose.expiresAfterDays === null ? null : standing.effectiveAt + purpose.expiresAfterDays * DAY_MS;
  if (validUntil !== null && now >= validUntil) return deny('consent-expired', standing);
  return { isAllowed: true, reason: 'consent-granted', standing, validUntil };
}

function deny(reason: ConsentReason, standing: ConsentStanding | null): ConsentAnswer {
  return { isAllowed: false, reason, standing, validUntil: null };
}
