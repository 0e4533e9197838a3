import { stableId } from '@firsthand/domain';
import type { QuarantineRow } from '../ports/rows.js';
import type { ApplyItem } from './apply-context.js';

/** The row that keeps a record which cannot be used, with its reason. */
export function quarantineRow({ id, record, isPoison }: ApplyItem, workspaceId: string, now: number): QuarantineRow {
  const fault: NonNullable<typeof record.fault> = isPoison === true || record.fault === null ? { code: 'RECORD_FAILED', places: [] } : record.fault;
  const { rule, planVersion } = fault;
  return {
    quarantineId: `${workspaceId}|${stableId(workspaceId, 'quarantine', id)}`,
    workspaceId, connectionId: record.connectionId, receivedAt: record.receivedAt, quarantinedAt: now,
    code: fault.code, places: fault.places, ...(rule === undefined ? {} : { rule }), ...(planVersion === undefined ? {} : { planVersion }), raw: record.raw, mappingVersion: record.mappingVersion,
  };
}
