import { AUDIT_GENESIS, nextAuditRow, type AuditContent, type AuditHead, type AuditRow } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';
import { createCollections } from '../schemas/create-collections.js';
import { storeKey } from '../store/store-key.js';

interface OlderRow {
  _id: string;
  workspaceId: string;
  id: string;
  content: Pick<AuditContent, 'actorKind' | 'actorId' | 'method' | 'route' | 'resourceId' | 'outcome' | 'at'>;
}

/**
 * Moves the audit log of earlier days, whose rows were single documents, into the chains. Safe to run again: rows that are in the chain already are passed over,
 * since nothing else is in it before the first start of this version.
 */
export async function moveAuditLog(connection: Connection): Promise<void> {
  await createCollections(connection);
  const db = connection.getClient().db(connection.name);
  const trail = db.collection<{ _id: string; schemaVersion: number } & AuditRow>('auditTrail');
  const heads = new Map<string, AuditHead>();
  for await (const { workspaceId, id, content } of db.collection<OlderRow>('auditLog').find({}, { sort: { _id: 1 } })) {
    const head = heads.get(workspaceId) ?? AUDIT_GENESIS;
    const { actorKind, actorId, method, route, resourceId, outcome, at } = content;
    const row = nextAuditRow(workspaceId, head, { callId: id, actorKind, actorId, method, route, resourceId, outcome, at, purpose: null, reason: null, reference: null, fields: [] });
    await trail.replaceOne({ _id: storeKey(workspaceId, String(row.seq).padStart(12, '0')) }, { schemaVersion: 1, ...row }, { upsert: true });
    heads.set(workspaceId, row);
  }
  await db.collection('auditLog').drop().catch(() => undefined);
}
