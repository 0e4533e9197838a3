import { identityKey, NAMESPACES, stableId, type ConsentRecord, type Identity } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { InboxRecord } from '../ports/rows.js';
import { carriedDecisions } from './carried-decisions.js';

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
  const agreement = connection.agreementId === null ? undefined : configuration.agreements.get(connection.agreementId)?.at(-1);
  return carriedDecisions(item).filter(({ purpose }) => configuration.purposes.has(purpose)).map(({ purpose, isGranted, recipients, method, decidedAt }) => ({
    recordId: stableId(configuration.workspaceId, 'consent', connectionId, record.messageId, purpose, ...(method === 'event' ? [] : [method, isGranted ? 'granted' : 'denied', recipients.join('+')])),
    workspaceId: configuration.workspaceId,
    identityKey: identityKey(identity),
    purpose,
    decision: isGranted ? 'granted' : 'denied',
    recipients,
    agreementId: agreement?.agreementId ?? null,
    agreementVersion: agreement?.version ?? null,
    textHash: Object.values(agreement?.textHashes ?? {})[0] ?? null,
    method,
    sourceConnectionId: connectionId,
    isVerified,
    effectiveAt: Math.min(decidedAt, now),
    recordedAt: now,
  }));
}

function isDevice({ namespace }: Identity): boolean {
  return NAMESPACES.get(namespace)?.isDevice ?? false;
}
