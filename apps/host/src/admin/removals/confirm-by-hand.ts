import { randomUUID } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import { storeKey, type StoredErasure } from '@firsthand/persistence';
import { CONFIRMED_BY_HAND, LedgerCounts, SETTLED_BY_HAND, TAKE_BACK_CAUSES, type ConfirmedByHand, type ErasureRecipient } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { viewErasure, type ErasureView } from '../erasures/erasure-view.js';
import type { Caller } from '../http/caller.js';
import { findPerson } from '../profiles/find-person.js';
import { shownId } from '../deliveries/delivery-view.js';
import { readRemovals } from './read-removals.js';
import type { RemovalView } from './removal-view.js';

/** What may be an address or a number of somebody: the note stays when the person is gone. */
const NAMES_SOMEBODY = /@|(?:\d[\s().-]*){7,}/;

const note = z.string().trim().min(3).max(500).meta({ description: 'Whom you asked, and what they answered. Nothing about the person: what looks like an address or a number is refused.' });
export const confirmRemovalSchema = z.strictObject({ note }).meta({ id: 'ConfirmRemoval', examples: [{ note: 'Partner support confirmed by ticket 4711.' }] });
export type ConfirmRemoval = z.infer<typeof confirmRemovalSchema>;
export const confirmRecipientSchema = z.strictObject({ connectionId: z.string().min(1).max(200), action: z.string().min(1).max(200), note }).meta({ id: 'ConfirmRecipient', examples: [{ connectionId: 'partner', action: 'list-export', note: 'Partner support confirmed by ticket 4711.' }] });
export type ConfirmRecipient = z.infer<typeof confirmRecipientSchema>;

/**
 * Notes that a recipient has removed what no machine could take back, as somebody was told: a list that left as a file, or a removal that was given up. The row ends as `cancelled`, and the balance moves with it.
 *
 * @throws FirsthandError `NOT_FOUND` for a row that is no removal at a person's wish; `CONFLICT` for one that waits, or is confirmed; `INVALID_REQUEST` for a note that may name somebody
 */
export async function confirmRemoval(admin: AdminContext, caller: Caller, id: string, body: ConfirmRemoval): Promise<RemovalView> {
  const { collections: { deliveries, ledger }, connection } = admin;
  const { workspaceId } = caller;
  const _id = storeKey(workspaceId, id);
  const byHand = confirmationOf(admin, caller, body.note);
  const row = await connection.getClient().withSession((session) => session.withTransaction(async () => {
    const found = await deliveries.findOne({ _id, workspaceId, class: 'suppression', cause: { $in: [...TAKE_BACK_CAUSES] } }, { session });
    if (found === null) throw new FirsthandError('NOT_FOUND');
    if (found.state !== 'dead') throw new FirsthandError('CONFLICT', 'It waits to be carried out, or nothing of it is open.');
    await deliveries.updateOne({ _id }, { $set: { state: 'cancelled', reason: CONFIRMED_BY_HAND, byHand } }, { session });
    const counts = new LedgerCounts();
    counts.add(found.connectionId, found.createdAt, `dead.${found.reason}`, -1);
    counts.add(found.connectionId, found.createdAt, `cancelled.${CONFIRMED_BY_HAND}`);
    await ledger.insertMany(counts.list().map((entry) => (
      { _id: storeKey(workspaceId, entry.connectionId, String(entry.minute).padStart(13, '0'), randomUUID()), schemaVersion: 1, workspaceId, ...entry })), { session });
    return found;
  }, { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, readPreference: 'primary' }));
  const person = await findPerson(admin, workspaceId, row.profileId);
  const view = person === undefined ? undefined : (await readRemovals(admin, workspaceId, person)).find(({ deliveryId }) => deliveryId === shownId(workspaceId, _id));
  // A newer removal has taken its place, or the person is being erased.
  if (view === undefined) throw new FirsthandError('NOT_FOUND', 'It is confirmed. Nothing of this person is shown any more.');
  return view;
}

/**
 * Notes that a recipient of an erasure has removed what no machine could make it remove. What the list called the person goes with it.
 *
 * @throws FirsthandError `NOT_FOUND` for an erasure or a recipient that is not open; `CONFLICT` when a worker wrote to it at this moment; `INVALID_REQUEST` for a note that may name somebody
 */
export async function confirmRecipient(admin: AdminContext, caller: Caller, id: string, { connectionId, action, note: said }: ConfirmRecipient): Promise<ErasureView> {
  const { erasures } = admin.collections;
  const byHand = confirmationOf(admin, caller, said);
  const row = await erasures.findOne({ _id: storeKey(caller.workspaceId, id) });
  const isMeant = (one: ErasureRecipient): boolean => one.connectionId === connectionId && one.action === action && SETTLED_BY_HAND.includes(one.status);
  if (row === null || !row.recipients.some(isMeant)) throw new FirsthandError('NOT_FOUND', 'No recipient of this erasure is open under this connection and action.');
  const recipients = row.recipients.map((one) => (isMeant(one) ? confirmed(one, byHand) : one));
  const change: Partial<StoredErasure> = { recipients, manualSince: recipients.some(({ status }) => status === 'manual') ? (row.manualSince ?? null) : null };
  // A worker that has read the row before writes nothing over this.
  const { matchedCount } = await erasures.updateOne({ _id: row._id, fence: row.fence }, { $set: change, $inc: { fence: 1 } });
  if (matchedCount !== 1) throw new FirsthandError('CONFLICT', 'The erasure went on at this moment. Do it again.');
  return viewErasure({ ...row, ...change });
}

function confirmed({ listedAs, reason, ...recipient }: ErasureRecipient, byHand: ConfirmedByHand): ErasureRecipient {
  return { ...recipient, status: 'confirmed', reason: null, at: byHand.at, byHand };
}

function confirmationOf({ clock }: AdminContext, { principal }: Caller, given: string): ConfirmedByHand {
  if (NAMES_SOMEBODY.test(given)) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/note', message: 'may hold an address or a number of somebody' }]);
  return { at: clock(), by: principal.id, note: given };
}
