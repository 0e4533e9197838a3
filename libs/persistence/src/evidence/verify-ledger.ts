import { isSealIntact, type LedgerConsent } from '@firsthand/domain';
import { CONSENT_CHAIN, type ConsentProof, type EvidenceBlock } from '@firsthand/pipeline';
import type { Collections } from '../store/collections.js';
import { consentRecord } from '../store/read-rows.js';
import { storeKey } from '../store/store-key.js';

/** What is wrong with a consent record. */
export interface RecordFault {
  /** `added`: nothing in the chain knows of it, nor does it wait for it. */
  kind: 'record-edited' | 'record-missing' | 'record-added';
  recordId: string;
}

type LedgerCollections = Pick<Collections, 'consents' | 'unsealedConsents' | 'evidence'>;

const BATCH = 500;

/** The first record of a block that is not as it was when it was sealed, or not there. */
export async function findBrokenRecord({ consents }: Pick<LedgerCollections, 'consents'>, { workspaceId, content }: Pick<EvidenceBlock, 'workspaceId' | 'content'>): Promise<RecordFault | null> {
  const proofs = readConsents(content);
  const stored = await consents.find({ _id: { $in: proofs.map(({ recordId }) => storeKey(workspaceId, recordId)) } }).toArray();
  const byId = new Map(stored.map((record) => [record.recordId, consentRecord(record) as Partial<LedgerConsent>]));
  for (const { recordId, hash } of proofs) {
    const record = byId.get(recordId);
    if (record === undefined) return { kind: 'record-missing', recordId };
    if (record.seal?.hash !== hash || !isSealIntact(record as LedgerConsent)) return { kind: 'record-edited', recordId };
  }
  return null;
}

/** What a block of the chain of consents holds. */
export function readConsents(content: string): ConsentProof[] {
  return (JSON.parse(content) as { consents: ConsentProof[] }).consents;
}

/**
 * The first record of a workspace that is in no block of its chain and does not wait for one: it was put there by another hand. What waits is read before the
 * blocks: a record may be sealed in between, never the other way.
 */
export async function findAddedRecord(collections: LedgerCollections, workspaceId: string): Promise<RecordFault | null> {
  const { consents, unsealedConsents, evidence } = collections;
  for (let after = `${workspaceId}|`; ;) {
    const found = await consents.find({ _id: { $gt: after, $lt: `${workspaceId}}` } }, { sort: { _id: 1 }, limit: BATCH, projection: { recordId: 1 } }).toArray();
    const last = found.at(-1);
    if (last === undefined) return null;
    after = last._id;
    const ids = found.map(({ recordId }) => recordId);
    const known = new Set<string>();
    for await (const row of unsealedConsents.find({ workspaceId })) for (const { recordId } of row.consents) known.add(recordId);
    for await (const { deliveryIds, connectionId } of evidence.find({ workspaceId, deliveryIds: { $in: ids } }, { projection: { deliveryIds: 1, connectionId: 1 } })) {
      if (connectionId === CONSENT_CHAIN) for (const id of deliveryIds) known.add(id);
    }
    const added = ids.find((id) => !known.has(id));
    if (added !== undefined) return { kind: 'record-added', recordId: added };
  }
}
