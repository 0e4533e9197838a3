import { FirsthandError } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { consentRecordSchema, viewRecord } from '../consents/consents.js';
import { deliverySchema, viewDelivery } from '../deliveries/delivery-view.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor, pageQuerySchema } from '../http/page.js';
import { findPerson, type FoundPerson } from './find-person.js';
import { keptEvent } from './kept-events.js';
import { peopleMask, type CallersMask } from './people-mask.js';
import { readTimeline, TIMELINE_KINDS, type TimelineKind, type TimelinePlace, type TimelineRow } from './timeline-rows.js';
import { eventSchema, viewEvent } from './view-event.js';

const time = z.iso.datetime();
export const timelinePageQuerySchema = pageQuerySchema.extend({ kind: z.enum(TIMELINE_KINDS).optional().meta({ description: 'All kinds when left out.' }) });
export type TimelinePageQuery = z.infer<typeof timelinePageQuerySchema>;

const mergeSchema = z.object({ winner: z.string(), loser: z.string(), undoneAt: time.nullable().meta({ description: 'When it was taken back.' }) });
export const timelinePageSchema = z.object({
  id: z.string(),
  timeline: z.array(z.object({
    kind: z.enum(TIMELINE_KINDS), at: time.meta({ description: 'When it happened, was decided, was to be sent, or was found.' }),
    event: eventSchema.optional(), consent: consentRecordSchema.optional(), delivery: deliverySchema.optional(), merge: mergeSchema.optional(),
  })).meta({ description: 'Newest first. A page may hold fewer than asked for where what is kept no longer is left out.' }),
  nextCursor: z.string().nullable(),
}).meta({ id: 'Timeline' });
export interface TimelinePage { id: string; timeline: ({ kind: TimelineKind; at: string } & Partial<Record<TimelineKind, object>>)[]; nextCursor: string | null }

/** The field of a profile that a role has to be shown to see a kind. */
const FIELD_OF: Readonly<Record<TimelineKind, string>> = { consent: 'consents', delivery: 'deliveries', event: 'timeline', merge: 'mergedFrom' };

/**
 * All that happened with a person, over every channel and all profiles merged into them: events and orders, decisions, deliveries, merges. Newest first, in pages; what the caller's role does not show is left out.
 *
 * @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` for a cursor that is none
 */
export async function getTimeline(admin: AdminContext, caller: Caller, id: string, { limit, cursor, kind }: TimelinePageQuery): Promise<TimelinePage> {
  const { workspaceId, ability } = caller;
  const after = readPlace(workspaceId, cursor);
  const person = await findPerson(admin, workspaceId, id);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  const kinds = TIMELINE_KINDS.filter((one) => (kind === undefined || one === kind) && ability.can('read', 'profile', FIELD_OF[one]));
  const now = admin.clock();
  const rows = await readTimeline(admin, workspaceId, { person, kinds, after, limit: limit + 1, now });
  const mask = peopleMask(admin, caller);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    id: person.profile.profileId, timeline: rows.slice(0, limit).flatMap((row) => viewRow(row, { person, mask, now })),
    nextCursor: last === undefined ? null : encodeCursor(`${last.at}|${last.kind}|${last.id.slice(workspaceId.length + 1)}`),
  };
}

function readPlace(workspaceId: string, cursor: string | undefined): TimelinePlace | undefined {
  const text = decodeCursor(cursor);
  if (text === undefined) return undefined;
  const [, at, kind, id] = /^(-?\d{1,16})\|([a-z]+)\|(.{1,300})$/su.exec(text) ?? [];
  const known = TIMELINE_KINDS.find((one) => one === kind);
  if (at === undefined || id === undefined || known === undefined) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/cursor', message: 'is not a cursor' }]);
  return { at: Number(at), kind: known, id: storeKey(workspaceId, id) };
}

function viewRow(row: TimelineRow, { person, mask, now }: { person: FoundPerson; mask: CallersMask; now: number }): TimelinePage['timeline'] {
  const { kind, at } = row;
  const entry = (content: object): TimelinePage['timeline'] => [{ kind, at: new Date(at).toISOString(), [kind]: content }];
  if (row.kind === 'consent') return entry(viewRecord(row.row));
  if (row.kind === 'delivery') return entry(viewDelivery(row.row));
  if (row.kind === 'merge') return entry({ winner: row.row.winner, loser: row.row.loser, undoneAt: row.row.undoneAt === undefined ? null : new Date(row.row.undoneAt).toISOString() });
  const kept = keptEvent(row.row, person, now);
  return kept === null ? [] : entry(viewEvent(kept, mask));
}
