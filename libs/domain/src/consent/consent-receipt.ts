import type { JsonObject, JsonValue } from '../json.js';
import type { AgreementVersion, ConsentDecision, ConsentMethod, ConsentRecord, LawfulBasis, Purpose } from './consent.js';
import type { SealedConsent } from './seal-consent.js';

/** What a receipt says besides the record: all of it public. */
export interface ReceiptSurroundings {
  /** The name of who asked. */
  controller: string;
  /** Where people find the notice and change their mind. */
  policyUrl: string;
  /** Where the public key is served. */
  keysUrl: string;
  /** The version that the record names, if it is known here. */
  agreement: AgreementVersion | undefined;
  /** As it is configured now; undefined when it is gone, and for a decision about every purpose. */
  purpose: Purpose | undefined;
  /** Epoch ms. */
  issuedAt: number;
}

/** As ISO/IEC TS 27560 tells the state of consent after an event. It has no word for an objection (GDPR art. 21). */
const EVENT_STATES: Record<ConsentDecision, string> = { granted: 'given', denied: 'refused', withdrawn: 'withdrawn', objected: 'objected', expired: 'expired' };

const COLLECTION_METHODS: Record<ConsentMethod, string> = { toggle: 'privacy page', event: 'sent by a source', api: 'recorded by staff or a system', import: 'import', signature: 'signature', 'double-opt-in': 'double opt-in', gpc: 'signal (GPC)', tcf: 'signal (IAB TCF)', gpp: 'signal (IAB GPP)', 'consent-mode': 'signal (Google Consent Mode)' };

/**
 * The content of a receipt of one decision: what the ledger holds of it, to the last field, in the field names of the Kantara consent receipt 1.1 (`consent_receipt`) and of
 * ISO/IEC TS 27560 (`consent_record`), with the text that the person read. It names nobody: `pii_principal_id` is the commitment of the record's seal, which only who
 * knows the identity and the nonce can open. What is not known here (address of the controller, jurisdiction) is left out and stands in the notice.
 *
 * @param isForPerson whether it goes to the person themself: then with the nonce, by which they can show that it is theirs
 * @example await signer.sign(consentReceipt(record, surroundings, true), CONSENT_RECEIPT_TYPE)
 */
export function consentReceipt(record: SealedConsent, surroundings: ReceiptSurroundings, isForPerson: boolean): JsonObject {
  const { identityKey: _person, seal: { nonce, ...seal }, ...decided } = record;
  return {
    iss: surroundings.policyUrl, iat: seconds(surroundings.issuedAt), jti: record.recordId,
    consent_receipt: kantaraReceipt(record, surroundings),
    consent_record: standardRecord(record, surroundings),
    ledger_record: { ...decided, seal: { ...seal, ...(isForPerson && nonce !== undefined ? { nonce } : {}) } } as unknown as JsonObject,
  };
}

function kantaraReceipt(record: SealedConsent, { controller, policyUrl, keysUrl, agreement, purpose }: ReceiptSurroundings): JsonObject {
  const isShared = record.recipients.includes('third-party');
  return {
    version: 'KI-CR-v1.1.0', consentReceiptID: record.recordId, consentTimestamp: seconds(record.effectiveAt), collectionMethod: COLLECTION_METHODS[record.method], publicKey: keysUrl,
    ...optional('language', languageOf(record, agreement)), piiPrincipalId: record.seal.identity, piiControllers: [{ piiController: controller, piiControllerUrl: policyUrl, onBehalf: false }], policyUrl,
    services: [{
      service: controller,
      purposes: [{ purpose: record.purpose, consentType: isOwnAct(record) ? 'EXPLICIT' : 'NOT STATED', purposeCategory: purpose?.dataCategories ?? [], piiCategory: purpose?.fields ?? [], termination: policyUrl, thirdPartyDisclosure: isShared }],
    }],
    sensitive: record.recipients.includes('sensitive'), spiCat: [],
  };
}

function standardRecord(record: SealedConsent, { controller, policyUrl, agreement, purpose }: ReceiptSurroundings): JsonObject {
  const language = languageOf(record, agreement);
  const days = record.decision === 'granted' ? (purpose?.expiresAfterDays ?? null) : null;
  return {
    record_header: { schema_version: 'ISO/IEC TS 27560:2023', record_id: record.recordId, pii_principal_id: record.seal.identity },
    pii_processing: {
      privacy_notice: {
        url: policyUrl, agreement_id: record.agreementId, version: record.agreementVersion, sha256: record.textHash, ...optional('text', language === undefined ? undefined : agreement?.texts[language]),
      },
      ...optional('language', language),
      purposes: [{
        purpose: record.purpose, ...optional('name', purpose?.name), ...optional('lawful_basis', purpose?.lawfulBasis satisfies LawfulBasis | undefined), pii_information: (purpose?.fields ?? []).map((pii_type) => ({ pii_type })),
        recipients: record.recipients, collection_method: COLLECTION_METHODS[record.method], ...optional('retention_period', daysOf(purpose?.retentionDays ?? null)), withdrawal_method: policyUrl,
      }],
    },
    party_identification: [{ party_id: record.workspaceId, party_role: 'pii_controller', party_name: controller, party_url: policyUrl }],
    event: {
      event_time: new Date(record.effectiveAt).toISOString(), recorded_time: new Date(record.recordedAt).toISOString(), ...optional('validity_duration', daysOf(days)), entity_id: record.seal.identity,
      ...optional('event_type', isOwnAct(record) ? 'explicit' : undefined), event_state: EVENT_STATES[record.decision],
    },
  };
}

/** Whether the person's own hand is known: what others tell of them may rest on anything. */
function isOwnAct({ method }: ConsentRecord): boolean {
  return method === 'toggle';
}

/** The language whose text has the hash that the record holds: what the person read. */
function languageOf({ textHash }: ConsentRecord, agreement: AgreementVersion | undefined): string | undefined {
  return textHash === null ? undefined : Object.entries(agreement?.textHashes ?? {}).find(([, hash]) => hash === textHash)?.[0];
}

/** A duration of ISO 8601. */
function daysOf(days: number | null): string | undefined {
  return days === null ? undefined : `P${days}D`;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

function optional(name: string, value: JsonValue | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}
