import { consentReceipt, FirsthandError, identityKey, isSealIntact, type Identity, type SealedConsent } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { z } from 'zod';
import type { WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

/** The `typ` of a receipt: what else is signed with the key is not taken for one. */
export const CONSENT_RECEIPT_TYPE = 'consent-receipt+jws';

export const receiptSchema = z.object({
  id: z.string(), jws: z.string().meta({ description: 'Compact JWS (RFC 7515), EdDSA: this is the receipt.' }),
  content: z.record(z.string(), z.unknown()).meta({ description: 'What is signed, to read: `consent_receipt` in the names of the Kantara consent receipt 1.1, `consent_record` in those of ISO/IEC TS 27560, `ledger_record` as the ledger holds it.' }),
}).meta({ id: 'ConsentReceipt' });
export type Receipt = z.infer<typeof receiptSchema>;
/** What a receipt is made of. */
export type ReceiptSource = Pick<AdminContext, 'collections' | 'configuration' | 'publicUrl' | 'clock' | 'signer' | 'repository'>;

/** A receipt for staff: it does not open the commitment to who decided. @throws FirsthandError `NOT_FOUND`, `RECORD_NOT_INTACT` */
export function getReceipt(admin: AdminContext, { workspaceId }: Caller, recordId: string): Promise<Receipt> {
  return issueReceipt(admin, workspaceId, recordId);
}

/**
 * Signs a receipt of one record of the ledger, after a look at its seal: a record that somebody has changed gets none.
 *
 * @param owners whose record it has to be; left out, anybody's. For them the receipt opens the commitment to who decided
 * @throws FirsthandError `NOT_FOUND`, also for a record of others; `RECORD_NOT_INTACT`
 */
export async function issueReceipt(admin: ReceiptSource, workspaceId: string, recordId: string, owners?: readonly Identity[]): Promise<Receipt> {
  const { collections, configuration, publicUrl, clock, signer } = admin;
  const stored = await collections.consents.findOne({ _id: storeKey(workspaceId, recordId) });
  if (stored === null || (owners !== undefined && !owners.some((identity) => identityKey(identity) === stored.identityKey))) throw new FirsthandError('NOT_FOUND');
  const { _id, schemaVersion, ...record } = stored;
  if (!isSealed(record) || !isSealIntact(record)) throw new FirsthandError('RECORD_NOT_INTACT');
  const { agreements, purposes } = configuration.workspace(workspaceId);
  const content = consentReceipt(record, {
    controller: await brandOf(admin, workspaceId), policyUrl: `${publicUrl}/privacy/${encodeURIComponent(workspaceId)}`, keysUrl: `${publicUrl}/.well-known/jwks.json`,
    agreement: agreements.get(record.agreementId ?? '')?.find(({ version }) => version === record.agreementVersion), purpose: purposes.get(record.purpose), issuedAt: clock(),
  }, owners !== undefined);
  return { id: recordId, jws: await signer.sign(content, CONSENT_RECEIPT_TYPE), content };
}

function isSealed(record: Partial<Pick<SealedConsent, 'seal'>>): record is SealedConsent {
  return record.seal !== undefined;
}

/** What the brand calls itself. */
export async function brandOf({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string): Promise<string> {
  const [workspace] = await repository.list<WorkspaceDocument>('workspaces', workspaceId, { limit: 1 });
  return workspace?.content.name ?? workspaceId;
}
