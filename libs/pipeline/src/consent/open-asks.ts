import { channelOfContact, EVERY_PURPOSE, identityKey, isRefusal, parseIdentityKey, scopesOf } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';
import type { ConfirmationAsk, ConfirmationRow } from './confirmation.js';

/**
 * What of a row can be confirmed still: not what was confirmed, nor what was refused since, by whoever asked or by whom the contact is. Refused is what a refusal covers of the purpose
 * or of every purpose, the channel included. Of whom nobody can say any more that they asked, since they were erased, nothing can be confirmed.
 */
export async function openAsks(tx: StoreTransaction, { workspaceId, identityKey: contact, asks }: ConfirmationRow): Promise<ConfirmationAsk[]> {
  const waiting = asks.filter(({ isOpen }) => isOpen);
  if (waiting.length === 0) return [];
  const first = new Map((await tx.findConsentRecordsById(workspaceId, waiting.map(({ recordId }) => recordId))).map((record) => [record.recordId, record.identityKey]));
  const open = waiting.filter(({ recordId }) => (first.get(recordId) ?? '') !== '');
  if (open.length === 0) return [];
  const named = [...new Set([contact, ...open.flatMap(({ recordId }) => first.get(recordId) ?? [])])];
  const owners = await tx.findIdentities(workspaceId, named);
  const people = await tx.findProfiles(workspaceId, [...owners.values()]);
  const keys = [...new Set([...named, ...[...people.values()].flatMap(({ identities }) => identities.map(identityKey))])];
  const refusals = (await tx.findConsentRecords(workspaceId, keys)).filter(({ decision }) => isRefusal(decision));
  const channel = channelOfContact(parseIdentityKey(contact).namespace);
  return open.filter(({ purpose, recipients, decidedAt }) => !refusals.some((record) => (
    record.effectiveAt >= decidedAt && (record.purpose === purpose || record.purpose === EVERY_PURPOSE) && scopesOf(record).some((scope) => scope === channel || recipients.includes(scope)))));
}
