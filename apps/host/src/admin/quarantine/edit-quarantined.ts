import { changeValues, FirsthandError, type JsonValue } from '@firsthand/domain';
import { quarantineRow, type StoredQuarantine } from '@firsthand/persistence';
import { z } from 'zod';
import { checkComplexity, MAX_EVENT_BYTES } from '../../ingest/check-limits.js';
import type { AdminContext } from '../admin-context.js';
import { auditContent } from '../audit-log/audit-content.js';
import type { Caller } from '../http/caller.js';
import { peopleMask } from '../profiles/people-mask.js';
import { readQuarantined, viewWithRaw, type QuarantineViewWithRaw } from './quarantine.js';

const MOST_CHANGES = 100;
/** What is noted of changes, old and new values with it: a record has to stay within a document. */
const MOST_NOTED = 4 * 1024 * 1024;

export const valuesBodySchema = z.strictObject({
  changes: z.array(z.strictObject({ path: z.string().min(1).max(500).meta({ description: 'JSON Pointer (RFC 6901) into the raw record.' }), value: z.json().optional().meta({ description: 'What is right; left out, what stands there is taken out.' }) })).min(1).max(MOST_CHANGES),
}).meta({ id: 'QuarantinedValuesBody', examples: [{ changes: [{ path: '/customer/email', value: 'ana@example.com' }, { path: '/total_price', value: '399.00' }] }] });
export type ValuesBody = z.infer<typeof valuesBodySchema>;

/**
 * Changes values of a quarantined record. What stood there before is kept with it, and who changed it when; the audit log holds the names of the fields.
 *
 * @throws FirsthandError `NOT_FOUND`, `VERSION_MISMATCH`, `FORBIDDEN` for who may not see the record, `INVALID_REQUEST` for a place that is not in it, `PAYLOAD_TOO_LARGE`, `PAYLOAD_TOO_COMPLEX`
 */
export async function editQuarantined(admin: AdminContext, caller: Caller, id: string, ifMatch: number, { changes }: ValuesBody): Promise<QuarantineViewWithRaw> {
  const { workspaceId, principal: { kind, id: actorId } } = caller;
  if (!peopleMask(admin, caller).showsRaw) throw new FirsthandError('FORBIDDEN', 'Only who may see the record may change it.');
  const stored = await readQuarantined(admin, caller, id, 'update');
  const version = (stored.edits?.length ?? 0) + 1;
  if (version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${version}.`);
  const { raw, changed } = changeValues(quarantineRow(stored).raw, changes as { path: string; value?: JsonValue }[]);
  const after = withinLimits(raw, stored);
  const at = admin.clock();
  const edit = { at, by: { kind, id: actorId }, changes: JSON.stringify(changed) };
  const noted = [...(stored.edits ?? []), edit].reduce((bytes, { changes: text }) => bytes + Buffer.byteLength(text), 0);
  if (noted > MOST_NOTED) throw new FirsthandError('PAYLOAD_TOO_LARGE', 'The values that were changed of this record, with those of before, would be more than 4 MB.');
  // Ahead, so that nothing is changed that nobody has written down.
  await admin.audit.append(workspaceId, auditContent({ callId: admin.newId(), actorKind: kind, actorId, method: 'PUT', route: 'quarantine.edited', resourceId: id, outcome: 'started', at, fields: [...new Set(changed.map(({ path }) => shownPath(path)))] }));
  const row = await admin.collections.quarantine.findOneAndUpdate(
    { _id: stored._id, ...(version === 1 ? { edits: { $exists: false } } : { edits: { $size: version - 1 } }) },
    { $set: { raw: after, ...(stored.original === undefined ? { original: stored.raw } : {}) }, $push: { edits: edit } }, { returnDocument: 'after' },
  );
  if (row === null) throw new FirsthandError('VERSION_MISMATCH', 'It was changed or released meanwhile.');
  return viewWithRaw(row, true);
}

/** No larger than an event may be, or than it was. */
function withinLimits(raw: JsonValue, { raw: before }: StoredQuarantine): string {
  checkComplexity(raw);
  const text = JSON.stringify(raw);
  if (Buffer.byteLength(text) > Math.max(MAX_EVENT_BYTES, Buffer.byteLength(before))) throw new FirsthandError('PAYLOAD_TOO_LARGE', 'The record would be larger than an event may be.');
  return text;
}

/** Keys that a customer chose could name somebody. */
function shownPath(path: string): string {
  return path.split('/').map((key) => (/^[A-Za-z_][A-Za-z0-9_-]{0,60}$/u.test(key) || /^\d{0,4}$/u.test(key) || key === '-' ? key : '*')).join('/');
}
