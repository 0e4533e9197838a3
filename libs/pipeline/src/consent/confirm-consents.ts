import { FirsthandError, parseIdentityKey, stableId, type ConsentRecord } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';
import { confirmationIdOf, type ConfirmationAsk, type ConfirmationRow } from './confirmation.js';
import { openAsks } from './open-asks.js';
import { writeDecisions, type RecordConsentsOptions } from './record-consents.js';
import { sealed } from './sealed.js';

export interface ConfirmConsentsOptions extends RecordConsentsOptions {
  /** The hash of the text that the page showed, for what nothing was known to be shown of at the first act. Left out, the record holds none then. */
  hashShown?(ask: ConfirmationAsk): string | null;
}

/** What a link names: whose, and the secret of the row that it opens. */
export interface ConfirmationPlace {
  workspaceId: string;
  /** `namespace|value`. */
  identityKey: string;
  nonce: string;
}

/**
 * The place that a code opens: that of its contact, as long as anything waits there.
 *
 * @throws FirsthandError UNAUTHENTICATED where nothing waits
 * @example await findConfirmation({ workspaceId: 'acme', identityKey: 'phone|+8613800138000' }, { store, clock });
 */
export function findConfirmation({ workspaceId, identityKey }: Omit<ConfirmationPlace, 'nonce'>, { store, clock }: Pick<RecordConsentsOptions, 'store' | 'clock'>): Promise<ConfirmationPlace & { expiresAt: number }> {
  return store.transaction(async (tx) => {
    const id = confirmationIdOf(workspaceId, identityKey);
    const row = (await tx.findConfirmations([id])).get(id);
    const { nonce = '', expiresAt = 0 } = row ?? {};
    if (nonce === '' || expiresAt <= clock()) throw new FirsthandError('UNAUTHENTICATED', 'Nothing waits to be confirmed.');
    return { workspaceId, identityKey, nonce, expiresAt };
  });
}

/**
 * What a link still confirms, for its page; changes nothing, since mail scanners open links.
 *
 * @throws FirsthandError UNAUTHENTICATED for a link that was used, is over or is not known
 * @example await readConfirmation(place, { store, clock }) // [{ purpose: 'newsletter', … }]
 */
export function readConfirmation(place: ConfirmationPlace, { store, clock }: Pick<RecordConsentsOptions, 'store' | 'clock'>): Promise<ConfirmationAsk[]> {
  return store.transaction(async (tx) => openAsks(tx, await openRow(tx, place, clock())));
}

/**
 * Confirms, once: what was shown on the page becomes grants of the contact by the method `double-opt-in`, effective now, on the text that was shown at the first act, or on the page where nothing says
 * what was, and the contact is proven. What was refused since then is left out, and what was not shown stays unconfirmed.
 *
 * @param recordIds of the asks that the page showed
 * @returns the records; none when all was refused since
 * @throws FirsthandError UNAUTHENTICATED for a link that was used, is over or is not known, PERSON_ERASED
 * @example await confirmConsents(place, asks.map(({ recordId }) => recordId), options);
 */
export async function confirmConsents(place: ConfirmationPlace, recordIds: readonly string[], options: ConfirmConsentsOptions): Promise<ConsentRecord[]> {
  const { store, clock, doorbell } = options;
  const { workspaceId, identityKey: contact } = place;
  const { records, lanes } = await store.transaction(async (tx) => {
    const now = clock();
    const row = await openRow(tx, place, now);
    const asks = (await openAsks(tx, row)).filter(({ recordId }) => recordIds.includes(recordId));
    // The link is used up, whatever came of it; what was not shown is asked for by the next new act.
    await tx.writeConfirmations([{ ...row, nonce: '', dueAt: null, asks: row.asks.map((ask) => ({ ...ask, isOpen: false })) }]);
    const made = asks.map((ask) => confirmed({ ...ask, textHash: ask.textHash ?? options.hashShown?.(ask) ?? null }, place, now));
    const { lanes: rung } = made.length === 0 ? { lanes: [] } : await writeDecisions(tx, { workspaceId, identity: parseIdentityKey(contact), records: made, now }, options);
    return { records: made, lanes: rung };
  });
  for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  return records;
}

async function openRow(tx: StoreTransaction, { workspaceId, identityKey, nonce }: ConfirmationPlace, now: number): Promise<ConfirmationRow> {
  const id = confirmationIdOf(workspaceId, identityKey);
  const row = (await tx.findConfirmations([id])).get(id);
  if (row === undefined || nonce === '' || row.nonce !== nonce || row.expiresAt <= now) throw new FirsthandError('UNAUTHENTICATED', 'The link is not valid any more.');
  return row;
}

function confirmed(ask: ConfirmationAsk, { workspaceId, identityKey, nonce }: ConfirmationPlace, now: number): ConsentRecord {
  const { purpose, recipients, agreementId, agreementVersion, textHash, servedNotice, recordId, connectionId, decidedAt } = ask;
  return sealed({
    recordId: stableId(workspaceId, 'confirmed', identityKey, nonce, purpose), workspaceId, identityKey, purpose, decision: 'granted', recipients, agreementId, agreementVersion, textHash, method: 'double-opt-in',
    sourceConnectionId: connectionId, isVerified: true, effectiveAt: now, recordedAt: now, actor: { kind: 'person' }, confirms: { recordId, decidedAt }, ...(servedNotice === undefined ? {} : { servedNotice }),
  });
}
