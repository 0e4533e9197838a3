import { FirsthandError, type JsonValue } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { checkExport, peopleInTime, type PeopleExport } from '@firsthand/pipeline';
import type { Response } from 'express';
import { z } from 'zod';
import type { SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { auditContent } from '../audit-log/audit-content.js';
import { csvRow } from '../http/csv-row.js';
import type { Caller } from '../http/caller.js';
import { writeThrough } from '../http/write-through.js';
import { peopleMask, type CallersMask } from '../profiles/people-mask.js';
import { passPushGate } from '../push-gates/push-gates.js';

/** People per decision: each page is one transaction. */
const PAGE = 200;

export const segmentExportBodySchema = z.strictObject({
  purpose: z.string().min(1).max(100).meta({ description: 'What the list is for. Who has not consented to it at that moment is not in it.' }),
  fields: z.array(z.string().regex(/^(profile|identities)\.[\w.-]{1,100}$/)).min(1).max(50).meta({ description: 'Paths of the dictionary, each covered by the purpose.' }),
  connectionId: z.string().min(1).max(200).nullable().default(null).meta({ description: 'The destination whose recipient gets the list: it is then noted for each person that they were given it. Null for the brand itself.' }),
  format: z.enum(['csv', 'jsonl']).default('csv'),
}).meta({ id: 'SegmentExportBody', examples: [{ purpose: 'newsletter', fields: ['identities.email', 'profile.firstName'], connectionId: null, format: 'csv' }] });
export type SegmentExportBody = z.infer<typeof segmentExportBodySchema>;

/** The trailer in which the counts stand: they are known at the end. */
const COUNTS = 'X-Export-Counts';

/**
 * Streams the members of a segment as far as their consent to the declared purpose allows, decided page by page as they are read, and again where their line is written more than a second later. How many are in it, and how many were left out by
 * which reason, is in the last line of JSON lines, in a trailer, and in the audit log: there what is asked for ahead of the first line, and the counts also of a stream that breaks off.
 *
 * @throws FirsthandError `NOT_FOUND`, `FORBIDDEN`, `PURPOSE_UNKNOWN`, `FIELD_NOT_COVERED`, and `PUSH_HELD` for a recipient to whom nothing of the segment goes at the moment
 */
export async function exportSegment(admin: AdminContext, caller: Caller, segmentId: string, { format, ...asked }: SegmentExportBody, response: Response): Promise<void> {
  const { workspaceId, ability } = caller;
  await admin.repository.get<SegmentDocument>('segments', workspaceId, segmentId);
  const list: PeopleExport = { workspaceId, ...asked };
  checkExport(list, admin.configuration);
  const hidden = list.fields.flatMap((field, index) => (ability.can('read', 'profile', field.replace(/^profile\./, 'traits.')) ? [] : [{ path: `/fields/${index}`, message: 'is not for your role to read' }]));
  if (hidden.length > 0) throw new FirsthandError('FORBIDDEN', undefined, hidden);
  if (list.connectionId !== null) await passPushGate(admin, { workspaceId, connectionId: list.connectionId, segmentId });
  const mask = peopleMask(admin, caller);
  const counts: Record<string, number> = { exported: 0 };
  const leaveOut = (leftOut: object): void => {
    for (const [reason, count] of Object.entries(leftOut)) counts[reason] = (counts[reason] ?? 0) + count;
  };
  let isWhole = false;
  const note = (outcome: string): Promise<void> => noteExport(admin, caller, { segmentId, list, outcome });
  await note('begun');
  async function* lines(): AsyncGenerator<string> {
    if (format === 'csv') yield csvRow(['profileId', ...list.fields]);
    try {
      for await (const profileIds of memberPages(admin, workspaceId, segmentId)) {
        for await (const { profileId, values } of peopleInTime(list, profileIds, admin, leaveOut)) {
          counts.exported = (counts.exported ?? 0) + 1;
          const shown = list.fields.map((field) => shownValue(mask, field, values[field] ?? null));
          yield format === 'csv' ? csvRow([profileId, ...shown.map(cellOf)]) : `${JSON.stringify({ profileId, ...Object.fromEntries(list.fields.map((field, index) => [field, shown[index] ?? null])) })}\n`;
        }
      }
      isWhole = true;
    } finally {
      await note(isWhole ? countsText(counts) : `broken-off ${countsText(counts)}`);
    }
    if (format === 'jsonl') yield `${JSON.stringify({ counts })}\n`;
    response.addTrailers({ [COUNTS]: countsText(counts) });
  }
  response.setHeader('Cache-Control', 'no-store').setHeader('Trailer', COUNTS).attachment(`segment.${format}`).setHeader('Content-Type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson');
  try {
    for await (const line of lines()) await writeThrough(response, line);
    response.end();
  } catch (error) {
    // A file that is not whole must not look like one.
    response.destroy();
    throw error;
  }
}

/** Members by profile id. */
async function* memberPages({ collections }: AdminContext, workspaceId: string, segmentId: string): AsyncGenerator<string[]> {
  for (let after = '', isMore = true; isMore;) {
    const range = { $gt: storeKey(workspaceId, after), $lt: `${workspaceId}}` };
    const page = await collections.profiles.find({ _id: range, [`memberships.${segmentId}.isMember`]: true }, { sort: { _id: 1 }, limit: PAGE, projection: { profileId: 1 } }).toArray();
    if (page.length > 0) yield page.map(({ profileId }) => profileId);
    after = page.at(-1)?.profileId ?? after;
    isMore = page.length === PAGE;
  }
}

function shownValue(mask: CallersMask, field: string, value: JsonValue): JsonValue {
  const [root, namespace = ''] = field.split('.');
  if (root === 'identities') return (value as string[] | null)?.map((one) => mask.identity({ namespace, value: one })) ?? [];
  return (mask.value(field, value) ?? null) as JsonValue;
}

function cellOf(value: JsonValue): string {
  if (value === null) return '';
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(' ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Which fields go out for what, and in the end of how many people; of the rest how many stayed, and why. */
async function noteExport({ audit, clock, newId }: AdminContext, { workspaceId, principal }: Caller, { segmentId, list, outcome }: { segmentId: string; list: PeopleExport; outcome: string }): Promise<void> {
  await audit.append(workspaceId, auditContent({
    callId: newId(), actorKind: principal.kind, actorId: principal.id, method: 'EXPORT', route: 'people-exported', resourceId: segmentId, outcome, at: clock(), purpose: list.purpose, reference: list.connectionId, fields: [...list.fields],
  }));
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([reason, count]) => `${reason}=${count}`).join(' ');
}
