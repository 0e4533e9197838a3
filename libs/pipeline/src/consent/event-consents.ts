import { identityKey, NAMESPACES, RECIPIENT_KINDS, stableId, type ConsentRecord, type Identity } from '@firsthand/domain';
import { sealed } from './sealed.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { InboxRecord } from '../ports/rows.js';

/**
 * The consent records that a source record itself carries. Unknown purposes give none: what is not mapped permits nothing.
 * A claim over a public key is keyed by the device, so that it can count for no more than the device.
 */
export function eventConsents(item: InboxRecord, configuration: WorkspaceConfiguration, now: number): ConsentRecord[] {
  const { record } = item;
  const connection = configuration.sources.get(item.connectionId);
  if (record === null || connection === undefined) return [];
  const identity = item.isVerified ? record.identities[0] : (record.identities.find(isDevice) ?? record.identities[0]);
  if (identity === undefined) return [];
  const agreement = connection.agreementId === null ? undefined : configuration.agreements.get(connection.agreementId)?.at(-1);
  return Object.entries(record.consents).filter(([purpose]) => configuration.purposes.has(purpose)).map(([purpose, isGranted]) => sealed({
    recordId: stableId(configuration.workspaceId, 'consent', item.connectionId, record.messageId, purpose),
    workspaceId: configuration.workspaceId,
    identityKey: identityKey(identity),
    purpose,
    decision: isGranted ? 'granted' : 'denied',
    recipients: isGranted ? ['own', 'processor'] : [...RECIPIENT_KINDS],
    agreementId: agreement?.agreementId ?? null,
    agreementVersion: agreement?.version ?? null,
    textHash: Object.values(agreement?.textHashes ?? {})[0] ?? null,
    method: 'event',
    sourceConnectionId: item.connectionId,
    isVerified: item.isVerified,
    effectiveAt: Math.min(record.occurredAt, now),
    recordedAt: now,
  }));
}

function isDevice({ namespace }: Identity): boolean {
  return NAMESPACES.get(namespace)?.isDevice ?? false;
}
