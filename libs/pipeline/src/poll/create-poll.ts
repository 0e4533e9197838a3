import type { JsonValue } from '@firsthand/domain';
import { callWithTimeout, type HttpClient, type PluginLog, type PollTrigger } from '@firsthand/plugin-sdk';
import type { Ingest } from '../ingest/create-ingest.js';
import type { Clock, PipelineLog, SourceConnection, Store, WorkspaceConfiguration } from '../ports/index.js';
import { FenceLost } from '../ports/store.js';

export interface PollOptions {
  store: Store;
  ingest: Ingest;
  clock: Clock;
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
  log: PipelineLog;
  /** Unique to this process. */
  holder: string;
}

export interface Poll {
  /**
   * Begins to fetch from every enabled polling source of these workspaces that is due and not under way. Sources are polled side by side, each by one
   * process at a time. Resolves when those it has begun are done; nobody has to wait for that before the next tick. Never rejects.
   */
  tick(configurations: readonly WorkspaceConfiguration[]): Promise<void>;
  /** Ends the calls under way, and waits until their pages are written down and their lanes given back. */
  stop(): Promise<void>;
}

const LEASE_MS = 60_000;
const PAGE_TIMEOUT_MS = 30_000;
/** Pages per turn: a long history is read in turns, so that a change of the connection is seen. */
const MAX_PAGES = 20;

/**
 * Polls sources with a cursor that the host keeps. A page's records are journaled before its cursor moves on: a crash in between reads
 * the page again, and its message ids make it harmless.
 *
 * @example await poll.tick([configuration])
 */
export function createPoll(options: PollOptions): Poll {
  const underWay = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const keyOf = ({ workspaceId, connectionId }: SourceConnection): string => `${workspaceId}|${connectionId}`;

  async function pollOnce(connection: SourceConnection, configuration: WorkspaceConfiguration): Promise<void> {
    const { store, clock, holder, log } = options;
    const lane = { workspaceId: connection.workspaceId, connectionId: connection.pollLane ?? connection.connectionId };
    const lease = await store.acquireLane(lane, holder, clock() + LEASE_MS, clock());
    if (lease === null) return;
    const trigger = connection.source.trigger as PollTrigger<Record<string, JsonValue>>;
    try {
      const stored = await store.readCursor(lease);
      if (stored !== null && stored.nextAt > clock()) return;
      let cursor = stored?.cursor;
      for (let page = 0; page < MAX_PAGES && !stopping.signal.aborted; page += 1) {
        const { records, cursor: next, hasMore } = await callWithTimeout((signal) => trigger.poll({
          settings: connection.settings, cursor, http: options.http, log: options.pluginLog(connection.pluginId), signal, now: clock(),
        }), PAGE_TIMEOUT_MS, stopping.signal);
        await options.ingest.accept({ configuration, connection, raws: records, receivedAt: clock(), isVerified: true, isImport: false });
        cursor = next;
        await store.writeCursor(lease, { cursor, nextAt: hasMore ? 0 : clock() + trigger.everySeconds * 1_000 });
        await store.extendLane(lease, clock() + LEASE_MS);
        if (!hasMore) return;
      }
    } catch (error) {
      // Stopped, the page is read again by whoever polls next.
      if (error instanceof FenceLost || stopping.signal.aborted) return;
      log.warn({ connectionId: connection.connectionId, error: error instanceof Error ? error.name : 'unknown' }, 'a poll failed and will be tried again');
      const stored = await store.readCursor(lease);
      await store.writeCursor(lease, { cursor: stored?.cursor, nextAt: clock() + Math.min(trigger.everySeconds, 60) * 1_000 });
    } finally {
      await store.releaseLane(lease).catch(() => undefined);
    }
  }

  return {
    async tick(configurations) {
      if (stopping.signal.aborted) return;
      const begun = configurations.flatMap((configuration) => [...configuration.sources.values()]
        .filter((connection) => connection.status === 'enabled' && connection.source.trigger.kind === 'poll' && !underWay.has(keyOf(connection)))
        .map((connection) => {
          const run = pollOnce(connection, configuration).catch(() => undefined).finally(() => underWay.delete(keyOf(connection)));
          underWay.set(keyOf(connection), run);
          return run;
        }));
      await Promise.all(begun);
    },
    async stop() {
      stopping.abort();
      await Promise.all(underWay.values());
    },
  };
}
