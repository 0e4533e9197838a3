import type { JsonObject, JsonValue } from '@firsthand/domain';
import { readRawRecords, type StoredEvent } from '@firsthand/persistence';
import { NOBODY, type SourceConnection } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';

/** An event as a plan judges it. */
export interface PlanEvent {
  eventId: string;
  connectionId: string;
  tree: JsonObject;
  /** Mapped anew from what came; else what is stored of it, as the dictionary has read it. */
  isFromRaw: boolean;
}

/** Which stored events. */
export interface PlanEventsQuery {
  workspaceId: string;
  connectionIds: readonly string[];
  /** Epoch ms: of when they happened. */
  since: number;
  /** The newest so many of each name. */
  perEvent: number;
}

const PAGE = 200;
/** A name that takes longer is left out, and the answer is not complete. */
const MAX_TIME_MS = 5_000;
const MAX_TIME_EXPIRED = 50;
const MAX_NAMES = 2_000;
const BY_NAME = { workspaceId: 1, 'record.name': 1, 'record.occurredAt': 1 } as const;

/**
 * Reads stored events by name and time, through their index alone: one look per name, then the newest of it. Gives them a page at a time, and at the end whether these were all.
 *
 * @example for await (const page of readPlanEvents(admin, query)) page.forEach(({ tree }) => observer.observe(tree));
 */
export async function* readPlanEvents(admin: Pick<AdminContext, 'collections' | 'configuration'>, query: PlanEventsQuery): AsyncGenerator<PlanEvent[], boolean> {
  const { collections: { events } } = admin;
  const { workspaceId, connectionIds, since, perEvent } = query;
  let isComplete = true;
  let name = '';
  for (let names = 0; names < MAX_NAMES; names += 1) {
    const next = await events.findOne({ workspaceId, 'record.name': { $gt: name } }, { projection: { 'record.name': 1 }, sort: BY_NAME, hint: BY_NAME });
    if (next === null) return isComplete;
    name = next.record.name;
    const found = await events.find(
      { workspaceId, 'record.name': name, 'record.occurredAt': { $gte: since }, connectionId: { $in: [...connectionIds] }, profileId: { $ne: NOBODY } },
      { sort: { 'record.occurredAt': -1 }, hint: BY_NAME, limit: perEvent + 1, maxTimeMS: MAX_TIME_MS },
    ).toArray().catch(nothingInTime);
    if (found === null || found.length > perEvent) isComplete = false;
    for (let start = 0; start < Math.min(found?.length ?? 0, perEvent); start += PAGE) yield await toTrees(admin, workspaceId, (found ?? []).slice(start, Math.min(start + PAGE, perEvent)));
  }
  return false;
}

function nothingInTime(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === MAX_TIME_EXPIRED) return null;
  throw error;
}

async function toTrees({ collections, configuration }: Pick<AdminContext, 'collections' | 'configuration'>, workspaceId: string, events: readonly StoredEvent[]): Promise<PlanEvent[]> {
  const raws = await readRawRecords(collections, events.map(({ _id }) => _id));
  const { sources } = configuration.workspace(workspaceId);
  return events.map(({ _id, connectionId, receivedAt, record }) => {
    const raw = raws.get(_id);
    const connection = sources.get(connectionId);
    const mapped = raw === undefined || connection === undefined ? undefined : mapAgain(raw, connection, receivedAt);
    return { eventId: _id.slice(workspaceId.length + 1), connectionId, tree: mapped ?? asTree(record), isFromRaw: mapped !== undefined };
  });
}

/** What the connection's mapping makes of a raw record, before the dictionary reads it; undefined where it fails. */
export function mapAgain(raw: JsonValue, { mapping, publicSettings, connectionId }: SourceConnection, receivedAt: number): JsonObject | undefined {
  try {
    return mapping.apply(raw, { settings: publicSettings, receivedAt: new Date(receivedAt).toISOString(), connectionId });
  } catch {
    return undefined;
  }
}

function asTree({ type, name, profile, properties, context, order, product, store }: StoredEvent['record']): JsonObject {
  return {
    type, name, profile, properties, context, ...(order === undefined ? {} : { order }), ...(product === undefined ? {} : { product }), ...(store === undefined ? {} : { store }),
  };
}
