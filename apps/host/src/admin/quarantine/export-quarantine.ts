import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FirsthandError } from '@firsthand/domain';
import { readQuarantine } from '@firsthand/persistence';
import type { QuarantinePlace } from '@firsthand/pipeline';
import type { Response } from 'express';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { peopleMask } from '../profiles/people-mask.js';
import { viewWithRaw } from './quarantine.js';
import { byFilter, byIds, queryOf, selectionOf, type SelectionBody } from './quarantine-selection.js';

const PAGE = 200;

export const quarantineExportBodySchema = z.union([z.strictObject(byIds), z.strictObject(byFilter)]).meta({ id: 'QuarantineExportBody', examples: [{ filter: { groupId: 'till.INVALID_RECORD.q5hWc1…' } }] });
export type QuarantineExportBody = SelectionBody;

/**
 * Streams quarantined records as they are, a line each, in the order of receipt.
 *
 * @throws FirsthandError `FORBIDDEN` for who may not see personal data in full
 */
export async function exportQuarantine(admin: AdminContext, caller: Caller, body: QuarantineExportBody, response: Response): Promise<void> {
  if (!peopleMask(admin, caller).showsRaw) throw new FirsthandError('FORBIDDEN', 'Records are exported as they came: only who may see customers in full may have them.');
  const query = queryOf(admin, caller, 'read', selectionOf(caller, body));
  async function* lines(): AsyncGenerator<string> {
    for (let after: QuarantinePlace | null = null, isMore = true; isMore;) {
      const rows = await readQuarantine(admin.collections.quarantine, { ...query, after, limit: PAGE });
      for (const row of rows) yield `${JSON.stringify(viewWithRaw(row, true))}\n`;
      const last = rows.at(-1);
      after = last === undefined ? after : { receivedAt: last.receivedAt, quarantineId: last._id };
      isMore = rows.length === PAGE;
    }
  }
  response.setHeader('Cache-Control', 'no-store').attachment('quarantine.jsonl').setHeader('Content-Type', 'application/x-ndjson');
  await pipeline(Readable.from(lines()), response);
}
