import { z } from 'zod';
import { RECIPIENT_KINDS, type ConsentMethod, type RecipientKind } from '../consent.js';

/** Consent standards that a browser or a consent tool sends along with events. */
export const SIGNAL_METHODS = ['gpc', 'tcf', 'gpp', 'consent-mode'] as const satisfies readonly ConsentMethod[];
export type SignalMethod = (typeof SIGNAL_METHODS)[number];

/** What a GPP string of a US section may opt out of, and the section fields that say so (IAB Global Privacy Platform, US sections; CCPA string v1). */
export const GPP_OPT_OUTS = { sale: ['SaleOptOut', 'OptOutSale'], sharing: ['SharingOptOut'], 'targeted-advertising': ['TargetedAdvertisingOptOut'] } as const;

/** The fields of Google Consent Mode v2. */
export const CONSENT_MODE_FIELDS = ['ad_storage', 'ad_user_data', 'ad_personalization', 'analytics_storage', 'functionality_storage', 'personalization_storage', 'security_storage'] as const;

const target = {
  purpose: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_:-]{0,63}$/, 'must be 1 to 64 letters, digits, _, : or -').describe('The purpose that it decides on.'),
  recipients: z.array(z.enum(RECIPIENT_KINDS as [RecipientKind, ...RecipientKind[]])).min(1).max(3).describe('The kinds of recipients that it decides on.'),
};

/** One row of the table by which a source connection reads signals: what is said there, and the purpose and recipients that it decides on. */
export const consentSignalSchema = z.discriminatedUnion('signal', [
  z.strictObject({ signal: z.literal('gpc'), ...target }),
  z.strictObject({
    signal: z.literal('tcf'), purposes: z.array(z.int().min(1).max(24)).min(1).max(24).describe('TCF purposes; a consent to all of them is one to ours.'),
    vendor: z.int().min(1).max(65_535).nullable().describe('Of the Global Vendor List: must be consented to and, from TCF 2.3 on, disclosed. Null for the brand itself.'), ...target,
  }),
  z.strictObject({ signal: z.literal('gpp'), optOut: z.enum(Object.keys(GPP_OPT_OUTS) as [keyof typeof GPP_OPT_OUTS]), ...target }),
  z.strictObject({ signal: z.literal('consent-mode'), field: z.enum(CONSENT_MODE_FIELDS), ...target }),
]);
export type ConsentSignal = z.infer<typeof consentSignalSchema>;

/** What one signal of one event says of a purpose. */
export interface SignalDecision {
  purpose: string;
  recipients: RecipientKind[];
  /** `unreadable` decides nothing, and lets nothing else of the same event be taken for consent. */
  decision: 'granted' | 'denied' | 'unreadable';
  method: SignalMethod;
  /** The last moment at which the person can have decided so, epoch ms; null where the signal names none. */
  decidedBefore: number | null;
}
