import { identityKey, NAMESPACES, stableId, waitsForConfirmation, type ConsentRecord, type Identity } from '@firsthand/domain';
import type { SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { InboxRecord } from '../ports/rows.js';
import { carriedDecisions, type CarriedDecision } from './carried-decisions.js';
import { importedConsent } from './imported-consent.js';
import { noteNotice, versionOf } from './note-notice.js';

/**
 * The consent records that a source record itself carries, not sealed yet: most say nothing new. Unknown purposes give none: what is not mapped permits nothing.
 * A claim over a public key is keyed by the device, so that it can count for no more than the device.
 */
export function eventConsents(item: InboxRecord, configuration: WorkspaceConfiguration, now: number): ConsentRecord[] {
  const { record, connectionId, isVerified } = item;
  const connection = configuration.sources.get(connectionId);
  if (record === null || connection === undefined) return [];
  const identity = isVerified ? record.identities[0] : (record.identities.find(isDevice) ?? record.identities[0]);
  if (identity === undefined) return [];
  return carriedDecisions(item).filter(({ purpose }) => configuration.purposes.has(purpose)).map((carried) => ({
    recordId: recordIdOf(configuration.workspaceId, connectionId, record.messageId, carried),
    workspaceId: configuration.workspaceId,
    identityKey: identityKey(identity),
    purpose: carried.purpose,
    decision: carried.isGranted ? 'granted' : 'denied',
    recipients: carried.recipients,
    sourceConnectionId: connectionId,
    isVerified,
    recordedAt: now,
    ...(waitsForConfirmation(configuration.purposes.get(carried.purpose) ?? {}, { isGranted: carried.isGranted, isVerified }) ? { isUnconfirmed: true as const } : {}),
    ...(connection.source.trigger.kind === 'file' ? importedConsent(carried, record.consentProof, configuration, now) : toldConsent(carried, item, connection, configuration, now)),
  }));
}

type Told = Pick<ConsentRecord, 'agreementId' | 'agreementVersion' | 'textHash' | 'method' | 'effectiveAt' | 'actor' | 'servedNotice'>;

/**
 * On the version that was shown, as far as that is told; else on the newest of the connection's agreement that was there when the person decided, by its number alone: nobody knows which text they
 * read, if any. What was decided before the first was published here is on the first: the source says that its data comes under this agreement.
 */
function toldConsent({ method, decidedAt, decidedSince }: CarriedDecision, { notice }: InboxRecord, connection: SourceConnection, configuration: WorkspaceConfiguration, now: number): Told {
  const effectiveAt = Math.min(decidedAt, now);
  const servedNotice = notice === undefined ? undefined : noteNotice(notice, effectiveAt, configuration);
  const shown = servedNotice === undefined ? undefined : versionOf(servedNotice, effectiveAt, configuration);
  const versions = connection.agreementId === null ? undefined : configuration.agreements.get(connection.agreementId);
  const agreement = shown?.agreement ?? versions?.findLast(({ publishedAt }) => publishedAt <= decidedSince) ?? versions?.[0];
  return {
    agreementId: agreement?.agreementId ?? null, agreementVersion: agreement?.version ?? null, textHash: shown?.textHash ?? null,
    method, effectiveAt, actor: { kind: 'person' }, ...(servedNotice === undefined ? {} : { servedNotice }),
  };
}

/** The same event gives the same records, and one whose answer was changed in quarantine another: what was heard when it was put aside stays in the ledger. */
function recordIdOf(workspaceId: string, connectionId: string, messageId: string, { purpose, method, isGranted, recipients }: CarriedDecision): string {
  return stableId(workspaceId, 'consent', connectionId, messageId, purpose, ...(method === 'event' ? (isGranted ? ['granted'] : []) : [method, isGranted ? 'granted' : 'denied', recipients.join('+')]));
}

function isDevice({ namespace }: Identity): boolean {
  return NAMESPACES.get(namespace)?.isDevice ?? false;
}
