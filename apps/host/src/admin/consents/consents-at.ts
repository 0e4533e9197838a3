import { dataSubjectOf, decideScopes, FirsthandError, foldLedger, lineageAt, type ConsentLineage, type ConsentMoment } from '@firsthand/domain';
import { readHistory } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { consentStandingSchema, viewRecord, type ConsentRecordView } from './consents.js';

export const momentQuerySchema = z.object({
  effectiveAt: z.iso.datetime().optional().meta({ description: 'Of what was decided until then; now when left out.' }),
  knownAt: z.iso.datetime().optional().meta({ description: 'As far as it was known here until then: for a proof, the moment of the send. Now when left out.' }),
});
export type MomentQuery = z.infer<typeof momentQuerySchema>;

export const consentsAtSchema = z.object({
  profileId: z.string().meta({ description: 'The profile that the person had then.' }), mergedFrom: z.array(z.string()), effectiveAt: z.iso.datetime(), knownAt: z.iso.datetime(),
  purposes: z.array(consentStandingSchema.shape.purposes.element.extend({ recordId: z.string().nullable().meta({ description: 'The record that decides, where one does.' }) })), records: consentStandingSchema.shape.records,
}).meta({ id: 'ConsentsAt' });
export type ConsentsAt = z.infer<typeof consentsAtSchema>;

const MAX_RECORDS = 500;

/**
 * What stood for a person at any moment, on either clock: folded from the ledger then, with the merges and the versions of agreements of then. Purposes, and the person's country and age, are those of now.
 *
 * @throws FirsthandError `NOT_FOUND`
 */
export async function getConsentsAt(admin: AdminContext, { workspaceId }: Caller, profileId: string, query: MomentQuery): Promise<ConsentsAt> {
  const now = admin.clock();
  const moment: ConsentMoment = { effectiveAt: timeOf(query.effectiveAt, now), knownAt: timeOf(query.knownAt, now) };
  const found = await admin.store.transaction((tx) => readHistory(tx, workspaceId, profileId));
  if (found === undefined) throw new FirsthandError('NOT_FOUND');
  const lineage = lineageAt(found.history, profileId, moment.knownAt);
  return {
    profileId: lineage.profileId, mergedFrom: profilesOf(lineage).slice(1), effectiveAt: new Date(moment.effectiveAt).toISOString(), knownAt: new Date(moment.knownAt).toISOString(),
    purposes: standingsAt(admin, workspaceId, profileId, found, moment), records: recordsAt(found.history.records, lineage, moment),
  };
}

type Found = NonNullable<Awaited<ReturnType<typeof readHistory>>>;

function standingsAt(admin: AdminContext, workspaceId: string, profileId: string, { history, profile }: Found, moment: ConsentMoment): ConsentsAt['purposes'] {
  const { purposes, agreements: all } = admin.configuration.workspace(workspaceId);
  const agreements = new Map([...all].map(([id, versions]) => [id, versions.filter(({ publishedAt }) => publishedAt <= Math.min(moment.effectiveAt, moment.knownAt))]));
  const state = foldLedger(history, profileId, moment);
  const subject = dataSubjectOf(profile);
  return decideScopes({ state, subject, agreements, now: moment.effectiveAt }, purposes.values()).map(({ purpose, scope, isAllowed, reason, validUntil, standing }) => (
    { purpose, recipient: scope, isAllowed, reason, validUntil: validUntil === null ? null : new Date(validUntil).toISOString(), recordId: standing?.recordId ?? null }));
}

function recordsAt(records: Found['history']['records'], lineage: ConsentLineage, { effectiveAt, knownAt }: ConsentMoment): ConsentRecordView[] {
  const keys = new Set(lineagesOf(lineage).flatMap((one) => [...one.keys, ...one.formerKeys.keys()]));
  const known = records.filter((record) => keys.has(record.identityKey) && record.recordedAt <= knownAt && record.effectiveAt <= effectiveAt);
  return known.sort((one, other) => other.effectiveAt - one.effectiveAt || other.recordedAt - one.recordedAt).slice(0, MAX_RECORDS).map(viewRecord);
}

function lineagesOf(lineage: ConsentLineage): ConsentLineage[] {
  return [lineage, ...lineage.merged.flatMap(({ loser }) => lineagesOf(loser))];
}

function profilesOf(lineage: ConsentLineage): string[] {
  return lineagesOf(lineage).map(({ profileId }) => profileId);
}

function timeOf(text: string | undefined, now: number): number {
  return text === undefined ? now : Date.parse(text);
}
