import { DAY_MS, REFUSED_DAYS } from '@firsthand/domain';
import { retentionRulesOf, type FinishedSweep } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

const time = z.iso.datetime();
const days = z.int().nullable().meta({ description: 'Days after the one on which it was collected; null without an end.' });

export const retentionSchema = z.object({
  purposes: z.array(z.object({ key: z.string(), fields: z.array(z.string()), retentionDays: days })).meta({ description: 'Of purposes that cover the same field the longest counts.' }),
  ownFields: z.array(z.object({ path: z.string(), retentionDays: z.int() })).meta({ description: 'Fields of the workspace\'s own with an end of their own, whatever the purposes say.' }),
  coveredByNone: days.meta({ description: 'What no purpose covers: the least that any says.' }), refusedDays: z.int().meta({ description: 'Most days for which what only a refused purpose covers is kept, counted from the refusal.' }),
  quarantineDays: days.meta({ description: 'Of records that could not be used, from when they were set aside; null for ever.' }), deliveryDays: days.meta({ description: 'Of deliveries that have ended, from when they were made; null for ever.' }),
  lastSweep: z.object({
    startedAt: time, finishedAt: time, upTo: time.meta({ description: 'What ended before this time is gone.' }), isFull: z.boolean().meta({ description: 'Whether everything was gone through, and not only what has ended since the one before.' }),
    removed: z.record(z.string(), z.int()).meta({ description: '`events`, `eventParts` (something of an event), `rawRecords`, `merges` (profiles in the journal of merges), `quarantine`, `deliveries`, and `held`: kept under a legal hold.' }),
  }).nullable(),
  runningSince: time.nullable(), isOverdue: z.boolean().meta({ description: 'Whether something that ended more than 24 hours ago may still be stored. It is given to nobody.' }),
  overduePeople: z.int().meta({ description: 'People who were to be looked at more than 24 hours ago.' }),
}).meta({ id: 'Retention' });
export type RetentionView = z.infer<typeof retentionSchema>;

export const RETENTION_EXAMPLE: RetentionView = {
  purposes: [{ key: 'marketing', fields: ['profile.*'], retentionDays: 365 }], ownFields: [{ path: 'profile.custom.shoeSize', retentionDays: 90 }], coveredByNone: 365, refusedDays: REFUSED_DAYS, quarantineDays: 30, deliveryDays: 400,
  lastSweep: { startedAt: '2026-11-24T00:00:01.000Z', finishedAt: '2026-11-24T00:00:09.000Z', upTo: '2026-11-24T00:00:00.000Z', isFull: false, removed: { events: 12, rawRecords: 3 } }, runningSince: null, isOverdue: false, overduePeople: 0,
};

/** What is kept how long by which purpose, and how far the removal of what may be kept no longer has come. */
export async function getRetention({ configuration, retention, operatorDays, clock }: AdminContext, { workspaceId }: Caller): Promise<RetentionView> {
  const own = configuration.workspace(workspaceId);
  const rules = retentionRulesOf(own);
  const now = clock();
  const [row, overduePeople] = await Promise.all([retention.find(workspaceId), retention.countOverdue(workspaceId, now - DAY_MS)]);
  return {
    purposes: rules.purposes.map(({ key, fields, retentionDays }) => ({ key, fields, retentionDays })),
    ownFields: own.dictionary.fields.flatMap(({ path, isCustom, retentionDays }) => (isCustom && retentionDays !== null ? [{ path, retentionDays }] : [])),
    coveredByNone: rules.narrowestDays, refusedDays: REFUSED_DAYS, quarantineDays: operatorDays.quarantine, deliveryDays: operatorDays.deliveries,
    lastSweep: row?.last == null ? null : viewSweep(row.last), runningSince: row === undefined || row.step === null ? null : iso(row.startedAt),
    // What ends does so at midnight: a day after it the sweep of that day must be over.
    isOverdue: overduePeople > 0 || (row?.last == null ? row !== undefined && now - row.startedAt > DAY_MS : now - row.last.day >= 2 * DAY_MS), overduePeople,
  };
}

function viewSweep({ startedAt, finishedAt, day, isFull, counts }: FinishedSweep): NonNullable<RetentionView['lastSweep']> {
  return { startedAt: iso(startedAt), finishedAt: iso(finishedAt), upTo: iso(day), isFull, removed: counts };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
