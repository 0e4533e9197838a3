import type { JsonValue } from '@firsthand/domain';
import { readRawRecords } from '@firsthand/persistence';
import type { SourceDefinition } from '@firsthand/plugin-sdk';
import type { AdminContext } from '../admin-context.js';
import { keptQuarantine } from '../quarantine/quarantine.js';

/** A stored raw record. */
export interface StoredRaw {
  kind: 'event' | 'quarantine';
  /** Without the workspace. */
  id: string;
  /** Of an event: whose it is. */
  profileId: string | null;
  /** Epoch ms. */
  receivedAt: number;
  raw: JsonValue;
}

/** What MongoDB reads of one index for a merged order without sorting. */
const MAX_NAMES = 150;
const MAX_TIME_MS = 2_000;
const MAX_TIME_EXPIRED = 50;

type Reads = Pick<AdminContext, 'collections' | 'operatorDays' | 'clock'>;
interface FromSource {
  connectionId: string;
  source: Pick<SourceDefinition, 'emits'>;
}

/**
 * The newest raw records of a connection that are stored: of its events, and of what lies in quarantine. Events have no index by connection; they are found by
 * name and time, as many as a moment allows.
 *
 * @returns newest first; `isComplete` is false where it took too long
 */
export async function newestRaws(admin: Reads, workspaceId: string, source: FromSource, limit: number): Promise<{ raws: StoredRaw[]; isComplete: boolean }> {
  const [events, quarantined] = await Promise.all([newestEvents(admin, workspaceId, source, limit), newestQuarantined(admin, workspaceId, source.connectionId, limit)]);
  const raws = [...(events ?? []), ...quarantined].sort((a, b) => b.receivedAt - a.receivedAt).slice(0, limit);
  return { raws, isComplete: events !== null };
}

/** Null where it took too long. */
async function newestEvents({ collections }: Reads, workspaceId: string, { connectionId, source: { emits } }: FromSource, limit: number): Promise<StoredRaw[] | null> {
  try {
    const stored = await collections.events.distinct('record.name', { workspaceId }, { maxTimeMS: MAX_TIME_MS });
    const declared = new Set(emits);
    const names = [...stored].sort((a, b) => Number(declared.has(b)) - Number(declared.has(a))).slice(0, MAX_NAMES);
    const found = await collections.events.find(
      { workspaceId, 'record.name': { $in: names }, connectionId, raw: { $ne: null } },
      { sort: { 'record.occurredAt': -1 }, limit, maxTimeMS: MAX_TIME_MS, projection: { profileId: 1, receivedAt: 1 } }).toArray();
    const raws = await readRawRecords(collections, found.map(({ _id }) => _id));
    return found.flatMap(({ _id, profileId, receivedAt }): StoredRaw[] => {
      const raw = raws.get(_id);
      return raw === undefined ? [] : [{ kind: 'event', id: _id.slice(workspaceId.length + 1), profileId, receivedAt, raw }];
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === MAX_TIME_EXPIRED) return null;
    throw error;
  }
}

async function newestQuarantined(admin: Reads, workspaceId: string, connectionId: string, limit: number): Promise<StoredRaw[]> {
  const found = await admin.collections.quarantine.find({ workspaceId, connectionId, ...keptQuarantine(admin) }, { sort: { quarantinedAt: -1 }, limit, projection: { receivedAt: 1, raw: 1 } }).toArray();
  return found.map(({ _id, receivedAt, raw }): StoredRaw => ({ kind: 'quarantine', id: _id.slice(workspaceId.length + 1), profileId: null, receivedAt, raw: JSON.parse(raw) as JsonValue }));
}
