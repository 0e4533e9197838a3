import type { CanonicalRecord } from '@firsthand/domain';
import type { InboxRecord } from '../ports/rows.js';

/**
 * What a record says no to, with whom it names and nothing else of it: a refusal counts whatever is wrong with the record that brings it, a consent waits until the record is good. Null where it
 * refuses nothing.
 *
 * @example const said = onlyRefusals(inboxRecord);
 */
export function onlyRefusals(item: InboxRecord): (InboxRecord & { record: CanonicalRecord }) | null {
  const { record, signals = [] } = item;
  if (record === null) return null;
  const { type, name, messageId, occurredAt, identities, consentProof, flags } = record;
  const consents = Object.fromEntries(Object.entries(record.consents).filter(([, isGranted]) => !isGranted));
  const denied = signals.filter(({ decision }) => decision === 'denied');
  if (Object.keys(consents).length === 0 && denied.length === 0) return null;
  const bare: CanonicalRecord = { type, name, messageId, occurredAt, identities, profile: {}, properties: {}, context: {}, consents, flags, ...(consentProof === undefined ? {} : { consentProof }) };
  const { signals: _, ...rest } = item;
  return { ...rest, raw: null, record: bare, ...(denied.length === 0 ? {} : { signals: denied }) };
}
