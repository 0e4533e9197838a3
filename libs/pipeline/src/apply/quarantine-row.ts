import { stableId } from '@firsthand/domain';
import type { QuarantineRow } from '../ports/quarantine-row.js';
import { quarantineGroupId } from '../quarantine/quarantine-group.js';
import type { ApplyItem } from './apply-context.js';

/** The row that keeps a record which cannot be used, with its reason. One that was released and comes back keeps its id, its age and what was changed in it. */
export function quarantineRow({ id, record, place = 0, isPoison, quarantined }: ApplyItem, workspaceId: string, now: number): QuarantineRow {
  const fault: NonNullable<typeof record.fault> = isPoison === true || record.fault === null ? { code: 'RECORD_FAILED', places: [] } : record.fault;
  const { rule, planVersion } = fault;
  const cause = { code: fault.code, places: fault.places, mappingVersion: record.mappingVersion, ...(rule === undefined ? {} : { rule }), ...(planVersion === undefined ? {} : { planVersion }) };
  const groupId = quarantineGroupId(workspaceId, { connectionId: record.connectionId, ...cause });
  if (quarantined !== undefined) {
    const { rule: _rule, planVersion: _planVersion, ...kept } = quarantined;
    return { ...kept, ...cause, groupId };
  }
  return {
    // Of what was received at one moment the id says the order.
    quarantineId: `${workspaceId}|${String(place).padStart(5, '0')}-${stableId(workspaceId, 'quarantine', id)}`,
    workspaceId, connectionId: record.connectionId, receivedAt: record.receivedAt, quarantinedAt: now,
    raw: record.raw, ...cause, groupId, isVerified: record.isVerified,
  };
}
