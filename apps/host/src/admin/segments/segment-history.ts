import { FirsthandError } from '@firsthand/domain';
import { sizeKey } from '@firsthand/persistence';
import { INTERNAL_CONNECTION } from '@firsthand/pipeline';
import type { Response } from 'express';
import { z } from 'zod';
import type { SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { groupSizeSchema, groupsFor, type Groups } from '../insight/groups.js';
import { plotSizes } from './plot-sizes.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 400;
const MOST_CHANGES = 1_000;

export const historyQuerySchema = z.object({
  from: z.iso.datetime().optional().meta({ description: `Left out, ${DEFAULT_DAYS} days before \`to\`; at most ${MOST_DAYS} days before it.` }),
  to: z.iso.datetime().optional().meta({ description: 'Left out, now.' }),
  every: z.enum(['hour', 'day']).default('hour').meta({ description: 'Of each day the last snapshot, or each.' }),
});
export type HistoryQuery = z.infer<typeof historyQuerySchema>;

export const segmentHistorySchema = z.object({
  segmentId: z.string(),
  points: z.array(z.object({ at: z.iso.datetime(), size: groupSizeSchema, version: z.int() })).meta({ description: 'Snapshots, oldest first.' }),
  changes: z.array(z.object({ at: z.iso.datetime(), before: groupSizeSchema, after: groupSizeSchema })).meta({ description: 'When the size had moved by a tenth since it was told last: the events `Segment Size Changed`.' }),
}).meta({ id: 'SegmentHistory' });
export type SegmentHistory = z.infer<typeof segmentHistorySchema>;
export const HISTORY_EXAMPLE: SegmentHistory = {
  segmentId: 'recent-buyers', points: [{ at: '2026-11-24T08:00:01.000Z', size: 112, version: 1 }, { at: '2026-11-24T09:00:01.000Z', size: 130, version: 1 }], changes: [{ at: '2026-11-24T09:00:01.000Z', before: 112, after: 130 }],
};

interface Sizes {
  segmentId: string;
  points: { at: string; size: number; version: number }[];
  changes: { at: string; before: number; after: number }[];
}

/** The sizes of a segment over time; in groups to who may not read profiles, once a day. @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` */
export async function segmentHistory(admin: AdminContext, caller: Caller, segmentId: string, query: HistoryQuery): Promise<SegmentHistory> {
  const groups = await groupsFor(admin, caller);
  if (groups === null) return readSizes(admin, caller, segmentId, query);
  return { segmentId, points: (await sizesInGroups(groups, admin, caller, segmentId, query)).map((point) => ({ ...point, size: groups.size(point.size) })), changes: [] };
}

/**
 * The first snapshot of each day, with noise that it has for good. Of a later one somebody who watches would learn at which hour who came; when a small segment moved by a tenth would tell of a
 * single person.
 */
async function sizesInGroups(groups: Groups, admin: AdminContext, caller: Caller, segmentId: string, query: HistoryQuery): Promise<Sizes['points']> {
  const { from, to } = rangeOf(query, admin.clock());
  // From the first hour on, else the caller would choose which one is the first.
  const wholeDays = { every: 'hour', from: new Date(Math.floor(from / DAY_MS) * DAY_MS).toISOString(), to: new Date(to).toISOString() } as const;
  const { points } = await readSizes(admin, caller, segmentId, wholeDays, DAY_MS);
  const firstOfDays = new Map(points.toReversed().map((point) => [point.at.slice(0, 10), point]));
  return [...firstOfDays.values()].reverse().map((point) => ({ ...point, size: groups.lasting({ question: ['history', segmentId, point.at], count: point.size }) }));
}

/** As they are. @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` */
async function readSizes({ repository, collections, clock }: AdminContext, { workspaceId }: Caller, segmentId: string, query: HistoryQuery, leewayMs = 0): Promise<Sizes> {
  await repository.get<SegmentDocument>('segments', workspaceId, segmentId);
  const { from, to } = rangeOf(query, clock(), leewayMs);
  const rows = await collections.segmentSizes.find({ _id: { $gte: sizeKey(workspaceId, segmentId, from), $lte: sizeKey(workspaceId, segmentId, to) } }, { sort: { _id: 1 } }).toArray();
  const changes = await collections.events.find(
    { workspaceId, 'record.name': 'Segment Size Changed', 'record.occurredAt': { $gte: from, $lte: to }, connectionId: INTERNAL_CONNECTION, 'record.properties.segmentId': segmentId },
    { sort: { 'record.occurredAt': 1 }, limit: MOST_CHANGES, projection: { record: 1 } },
  ).toArray();
  return {
    segmentId,
    points: (query.every === 'day' ? lastOfDays(rows) : rows).map(({ at, size, segmentVersion }) => ({ at: new Date(at).toISOString(), size, version: segmentVersion })),
    changes: changes.map(({ record: { occurredAt, properties } }) => ({ at: new Date(occurredAt).toISOString(), before: Number(properties.before), after: Number(properties.after) })),
  };
}

/** The same as a picture. */
export async function sendSegmentPlot(admin: AdminContext, caller: Caller, segmentId: string, query: HistoryQuery, response: Response): Promise<void> {
  const groups = await groupsFor(admin, caller);
  const svg = plotSizes(groups === null ? await readSizes(admin, caller, segmentId, query) : {
    segmentId, points: (await sizesInGroups(groups, admin, caller, segmentId, query)).map(({ at, size }) => ({ at, size: groups.told(size) })), changes: [],
  });
  response.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'").setHeader('Cache-Control', 'no-store').type('image/svg+xml').send(svg);
}

function rangeOf({ from, to }: HistoryQuery, now: number, leewayMs = 0): { from: number; to: number } {
  const end = to === undefined ? now : Date.parse(to);
  const begin = from === undefined ? end - DEFAULT_DAYS * DAY_MS : Date.parse(from);
  const isLong = end - begin > MOST_DAYS * DAY_MS + leewayMs;
  if (begin > end || isLong) throw new FirsthandError('INVALID_REQUEST', 'The span of time is none.', [{ path: '/from', message: isLong ? `is more than ${MOST_DAYS} days before \`to\`` : 'is after `to`' }]);
  return { from: begin, to: end };
}

function lastOfDays<T extends { at: number }>(rows: readonly T[]): T[] {
  return [...new Map(rows.map((row) => [Math.floor(row.at / DAY_MS), row])).values()];
}
