import { EVERY_PURPOSE, FirsthandError, type ClaimedNotice, type ConsentActor, identityKey, isRefusal, newProfile, RECIPIENT_KINDS, SEPARATE_CONSENTS, stableId, type ConsentDecision, type ConsentMethod, type ConsentProofFacts, type ConsentRecord, type ConsentScope, type Identity } from '@firsthand/domain';
import { consentCause } from '../changes/causes-of.js';
import { LedgerCounts, newPersonWork, newWorkOutput, type PersonWork } from '../person/person-work.js';
import { loadPeople } from '../person/load-people.js';
import { writePeople } from '../person/write-people.js';
import type { Clock, ConfigurationSource, Doorbell, Store, StoreTransaction } from '../ports/index.js';
import type { Tombstones } from '../erasure/erasure.js';
import { findErasedKeys } from '../erasure/find-erased-keys.js';
import { foldIntoPerson } from './fold-into-person.js';
import { importedConsent } from './imported-consent.js';
import { noteNotice } from './note-notice.js';
import { findKnownBy, shareRefusals, tellCrowd } from './known-by.js';
import { isClaim, isProven, moveClaims } from './move-claims.js';
import { EMPTY_LEDGER, readLedgers } from './person-ledger.js';
import { proveIdentities } from './prove-identities.js';
import { sealed } from './sealed.js';
import { partStanding } from './part-standing.js';

/** What a person decided, told by a verified channel: REST or the privacy page. */
export interface ConsentSubmission {
  workspaceId: string;
  /** Normalised. */
  identity: Identity;
  decisions: {
    purpose: string;
    decision: ConsentDecision;
    /** Kinds of recipients, separate consents and channels. Left out: a refusal is for all, a grant for the brand and who works on its behalf. */
    recipients?: readonly ConsentScope[] | undefined;
  }[];
  /** The text the person saw: needed for a grant. */
  agreement: { agreementId: string; version: number; language: string } | null;
  method: ConsentMethod;
  actor?: ConsentActor | undefined;
  /** What was shown to the person; an id that this host gave for it proves it. */
  servedNotice?: ClaimedNotice | undefined;
  /** SHA-256 (hex) of the document that was signed. */
  signatureHash?: string | undefined;
  /** For the method `import`: what proves it, as far as anything does. */
  proof?: ConsentProofFacts | undefined;
  /** Makes a repeat of the same call the same records. */
  submissionId: string;
  /** Epoch ms; clamped to now. */
  effectiveAt?: number;
  /** Writes no second record of what stands already; the one that stands is given in its place. */
  unlessStanding?: true;
}

export interface RecordConsentsOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  newId(): string;
  /** By what those who were erased are known again; left out only where nobody can be erased. */
  tombstones?: Pick<Tombstones, 'digest'>;
}

/**
 * Records decisions and everything that follows, in one transaction: the log, the state, segments, and for a refusal the removals at every
 * recipient that got data under the purpose. When it resolves, no send decided later sees the old state.
 *
 * @throws FirsthandError INVALID_REQUEST for an unknown purpose or a grant without the agreement version it was given on, PERSON_ERASED for somebody who was erased
 */
export async function recordConsents(submission: ConsentSubmission, options: RecordConsentsOptions): Promise<ConsentRecord[]> {
  const { store, doorbell, clock } = options;
  const { workspaceId, identity } = submission;
  const key = identityKey(identity);
  const { told, lanes } = await store.transaction(async (tx) => {
    const now = clock();
    const made = toRecords(submission, key, options, now);
    return writeDecisions(tx, { workspaceId, identity, records: made, now, unlessStanding: submission.unlessStanding }, options);
  });
  for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  return told;
}

/** Sealed records of one identity that a verified channel has told, and the time of the transaction. */
export interface VerifiedDecisions {
  workspaceId: string;
  /** Normalised. */
  identity: Identity;
  records: readonly ConsentRecord[];
  now: number;
  /** As in a submission. */
  unlessStanding?: boolean | undefined;
}

/** Writes decisions and everything that follows within a transaction; the identity is proven by them. Gives what is told of them, and the lanes to ring. @throws FirsthandError PERSON_ERASED */
export async function writeDecisions(tx: StoreTransaction, { workspaceId, identity, records: made, now, unlessStanding }: VerifiedDecisions, options: Pick<RecordConsentsOptions, 'configuration' | 'newId' | 'tombstones'>): Promise<{ told: ConsentRecord[]; lanes: string[] }> {
  const configuration = options.configuration.workspace(workspaceId);
  const key = identityKey(identity);
  const { newId } = options;
  // Their data would begin again: that takes somebody who lifts the tombstone.
  const { tombstones } = options;
  if (tombstones !== undefined && (await findErasedKeys(tx, workspaceId, [key], (one) => tombstones.digest(workspaceId, one))).size > 0) throw new FirsthandError('PERSON_ERASED');
  const owner = (await tx.findIdentities(workspaceId, [key])).get(key);
  const stored = owner === undefined ? undefined : (await loadPeople(tx, configuration, [owner], now)).get(owner);
  const claimant = stored !== undefined && isProven(stored.profile) && isClaim(stored.profile, key) ? stored : undefined;
  const person = stored === undefined || claimant !== undefined ? personOf(identity, workspaceId, newId, now) : stored;
  if (stored === undefined) person.ledger = EMPTY_LEDGER;
  if (stored === undefined) await tx.insertIdentities(workspaceId, new Map([[key, person.profile.profileId]]), now);
  // Who only claimed the identity gets no proof of it and no grant. A refusal is for both: a claim must not keep data in use that its owner said no to.
  if (claimant !== undefined) await moveClaims(tx, workspaceId, [{ key, from: claimant, to: person, causeEventId: null, cause: made[0] === undefined ? null : consentCause(made[0]) }], now);
  await proveIdentities(tx, workspaceId, [{ person, key }], now);
  const people = [person, ...(claimant === undefined ? [] : [claimant])];
  const knownBy = await findKnownBy(tx, made, { configuration, now, people });
  // A refusal at a device is of all who are known on it.
  const refusing = [...new Set([...people, ...(knownBy.people.get(key) ?? [])])];
  await readLedgers(tx, workspaceId, refusing);
  // Also where nothing changes by them: an erasure of the same moment is met at this row, and one of the two runs again.
  person.isTouched = true;
  const { records, told } = unlessStanding === true && refusing.length === people.length && knownBy.crowds.size === 0 ? partStanding(person, made) : { records: made, told: [...made] };
  for (const record of records) {
    for (const one of isRefusal(record.decision) ? refusing : [person]) foldIntoPerson(one, record);
    tellCrowd(knownBy, record);
  }
  await shareRefusals(tx, workspaceId, records, knownBy);
  const lanes = await writePeople(tx, { configuration, people: refusing, occurrences: [], consentRecords: records, output: newWorkOutput(), counts: new LedgerCounts(), now });
  return { told, lanes };
}

function personOf(identity: Identity, workspaceId: string, newId: () => string, now: number): PersonWork {
  const profile = newProfile({ workspaceId, profileId: newId(), subjectKey: newId(), seenAt: now, now });
  profile.identities.push(identity);
  return newPersonWork(profile, {}, true);
}

function toRecords(submission: ConsentSubmission, key: string, { configuration: source, newId }: RecordConsentsOptions, now: number): ConsentRecord[] {
  const { workspaceId, agreement, decisions, method, submissionId, actor, signatureHash } = submission;
  const configuration = source.workspace(workspaceId);
  const version = agreement === null ? undefined : configuration.agreements.get(agreement.agreementId)?.find((candidate) => candidate.version === agreement.version);
  const effectiveAt = Math.min(submission.effectiveAt ?? now, now);
  const servedNotice = submission.servedNotice === undefined ? undefined : noteNotice(submission.servedNotice, effectiveAt, configuration);
  return decisions.map(({ purpose, decision, recipients }, index) => {
    if (purpose !== EVERY_PURPOSE && !configuration.purposes.has(purpose)) throw new FirsthandError('INVALID_REQUEST', 'No such purpose.', [{ path: `/decisions/${index}/purpose`, message: 'is not a purpose of this workspace' }]);
    if (method !== 'import' && decision === 'granted' && needsText(purpose, recipients) && (version === undefined || agreement === null || version.textHashes[agreement.language] === undefined)) {
      throw new FirsthandError('INVALID_REQUEST', 'A grant names the agreement version and language that the person read.', [{ path: '/agreement', message: 'is not a published version in this language' }]);
    }
    return sealed({
      recordId: submissionId === '' ? newId() : stableId(workspaceId, 'consent', submissionId, key, purpose, index), workspaceId, identityKey: key, purpose, decision,
      recipients: [...(recipients === undefined || (recipients.length === 0 && isRefusal(decision)) ? defaultRecipients(decision) : recipients)],
      agreementId: version?.agreementId ?? null, agreementVersion: version?.version ?? null, textHash: (agreement === null ? undefined : version?.textHashes[agreement.language]) ?? null,
      method, sourceConnectionId: null, isVerified: true, effectiveAt, recordedAt: now, ...(actor === undefined ? {} : { actor }), ...(servedNotice === undefined ? {} : { servedNotice }), ...(signatureHash === undefined ? {} : { signatureHash }),
      ...(method === 'import' ? importedConsent({ isGranted: decision === 'granted', decidedAt: effectiveAt }, submission.proof, configuration, now) : {}),
    });
  });
}

/** A channel that is opened again, and a restriction that is lifted, are no consent. */
function needsText(purpose: string, recipients: readonly ConsentScope[] = RECIPIENT_KINDS): boolean {
  return purpose !== EVERY_PURPOSE && recipients.some((scope) => [...RECIPIENT_KINDS, ...SEPARATE_CONSENTS].some((one) => one === scope));
}

function defaultRecipients(decision: ConsentDecision): readonly ConsentScope[] {
  return isRefusal(decision) ? RECIPIENT_KINDS : ['own', 'processor'];
}
