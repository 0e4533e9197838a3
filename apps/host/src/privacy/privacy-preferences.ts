import { decideConsent, type ConsentState, type Purpose, type RecipientKind } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { bestLanguage, type PageLanguage } from './privacy-texts.js';

/** The text that a switch stands for, as the person reads it. */
export interface ShownAgreement {
  agreementId: string;
  version: number;
  language: string;
  text: string;
}

/** One switch of the page. `own` covers the brand and its processors, `third-party` sharing with others. */
export interface PreferenceSwitch {
  /** Name of the form field. */
  id: string;
  purpose: Purpose;
  part: 'own' | 'third-party';
  isOn: boolean;
  /** Whether it can be turned on: there is a text to agree to. */
  canGrant: boolean;
  /** Epoch ms; null never. */
  validUntil: number | null;
  agreement: ShownAgreement | undefined;
}

/** Whether a purpose is for the person to decide: it rests on consent, or on an interest that they may object to. */
export function isChoice({ lawfulBasis }: Purpose): boolean {
  return lawfulBasis === 'consent' || lawfulBasis === 'legitimate';
}

/** The switches of a person, each with what stands now: the page shows them, and a saved form is compared with them. */
export function preferenceSwitches(configuration: WorkspaceConfiguration, state: ConsentState | undefined, language: PageLanguage, now: number): PreferenceSwitch[] {
  return [...configuration.purposes.values()].flatMap((purpose, index): PreferenceSwitch[] => {
    const agreement = agreementFor(configuration, purpose.key, language);
    const of = (part: PreferenceSwitch['part'], recipient: RecipientKind): PreferenceSwitch => {
      const { isAllowed, validUntil } = decideConsent({ state, purpose, recipient, agreements: configuration.agreements, now });
      return { id: `p${index}-${part}`, purpose, part, isOn: isAllowed, canGrant: agreement !== undefined, validUntil, agreement };
    };
    return [...(isChoice(purpose) ? [of('own', 'processor')] : []), ...(purpose.needsSeparateThirdPartyConsent ? [of('third-party', 'third-party')] : [])];
  });
}

/** The newest version, of the agreement that covers the purpose, in the best language that it has. */
function agreementFor({ agreements }: WorkspaceConfiguration, purpose: string, language: PageLanguage): ShownAgreement | undefined {
  const covering = [...agreements.values()].flatMap((versions) => versions.at(-1) ?? []).filter(({ purposes }) => purposes.includes(purpose));
  const newest = covering.sort((one, other) => other.publishedAt - one.publishedAt)[0];
  const shown = newest === undefined ? undefined : bestLanguage(newest.texts, language);
  return newest === undefined || shown === undefined ? undefined : { agreementId: newest.agreementId, version: newest.version, language: shown, text: newest.texts[shown] ?? '' };
}
