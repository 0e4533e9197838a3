import { stableId } from '@firsthand/domain';
import { INTERNAL_CONNECTION } from '../person/move-segments.js';
import type { Clock, ConfigurationSource, WorkspaceConfiguration } from '../ports/configuration.js';
import type { EventRow } from '../ports/rows.js';
import type { Store } from '../ports/store.js';
import type { SegmentSizeRow, SegmentSizeStore } from './segment-size-store.js';

export interface SizeSnapshotOptions {
  store: Pick<Store, 'transaction'>;
  sizes: SegmentSizeStore;
  configuration: ConfigurationSource;
  clock: Clock;
}

/** A change of this share of the size that was told last is an event. */
export const SIZE_CHANGE_SHARE = 0.1;
const HOUR_MS = 3_600_000;

/**
 * Keeps the size of every live segment once an hour. A size that has moved by a tenth since it was told last is told again, as the event
 * `Segment Size Changed` of the workspace: it belongs to no person and starts no flow. Several processes may do this at once; what both
 * find is kept once.
 *
 * @example repeat(() => snapshots.tick(configuration.workspaceIds()), { name: 'segment-sizes', everyMs: 1_000, logger, onFailure })
 */
export function createSizeSnapshots({ store, sizes, configuration, clock }: SizeSnapshotOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  const taken = new Map<string, number>();

  async function take(workspace: WorkspaceConfiguration, hour: number, now: number): Promise<void> {
    const { workspaceId, segments } = workspace;
    if (segments.length === 0 || (await sizes.isTaken(workspaceId, hour))) return;
    const [members, newest] = [await sizes.countMembers(workspaceId), await sizes.findNewest(workspaceId, segments.map(({ segmentId }) => segmentId))];
    const rows = segments.map(({ segmentId, version }): SegmentSizeRow => {
      const size = members.get(segmentId) ?? 0;
      const told = newest.get(segmentId)?.toldSize ?? size;
      const isMoved = Math.abs(size - told) >= SIZE_CHANGE_SHARE * Math.max(told, 1);
      return { workspaceId, segmentId, segmentVersion: version, hour, at: now, size, toldSize: isMoved ? size : told };
    });
    const events = rows.flatMap((row) => {
      const before = newest.get(row.segmentId)?.toldSize;
      return before === undefined || before === row.toldSize ? [] : [toEvent(row, before)];
    });
    await store.transaction(async (tx) => {
      const known = await tx.findEventIds(events.map(({ eventId }) => eventId));
      await tx.insertEvents(events.filter(({ eventId }) => !known.has(eventId)));
    });
    // Last: a crash before this finds the events there and does the rest.
    await sizes.insert(rows);
  }

  return {
    async tick(workspaceIds) {
      const now = clock();
      const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
      for (const workspaceId of workspaceIds) {
        if (taken.get(workspaceId) === hour) continue;
        await take(configuration.workspace(workspaceId), hour, now);
        taken.set(workspaceId, hour);
      }
    },
  };
}

function toEvent({ workspaceId, segmentId, segmentVersion, hour, at, size }: SegmentSizeRow, before: number): EventRow {
  const messageId = stableId(workspaceId, 'segment-size', segmentId, hour);
  return {
    eventId: `${workspaceId}|${messageId}`, workspaceId, connectionId: INTERNAL_CONNECTION, profileId: '', receivedAt: at, raw: null, mappingVersion: 0,
    record: {
      type: 'track', name: 'Segment Size Changed', messageId, occurredAt: at, identities: [], profile: {}, properties: { segmentId, segmentVersion, before, after: size },
      consents: {}, context: {}, flags: [],
    },
  };
}
