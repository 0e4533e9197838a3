import type { ChangeLog } from '@firsthand/pipeline';

/** How often the last number of a workspace is asked for, once for all who wait. */
const LOOK_EVERY_MS = 200;

interface Waiting {
  after: number;
  wake(): void;
}

/** Where streams of changes wait for the next one. */
export interface ChangeStreams {
  /** Resolves when there may be a change after a number, when that has taken too long, or at the signal. */
  moved(workspaceId: string, after: number, limits: { withinMs: number; signal: AbortSignal }): Promise<void>;
}

/**
 * Readers that are up to date wait here: one look at the last number every 200 ms serves all of a workspace, and none is made while nobody waits.
 *
 * @example const streams = createChangeStreams(log); await streams.moved(workspaceId, 12, { withinMs: 1_000, signal });
 */
export function createChangeStreams(log: Pick<ChangeLog, 'last'>): ChangeStreams {
  const waiting = new Map<string, Set<Waiting>>();

  function look(workspaceId: string): void {
    const own = waiting.get(workspaceId);
    if (own === undefined || own.size === 0) {
      waiting.delete(workspaceId);
      return;
    }
    // Who cannot be told by this look finds out by a look of their own.
    log.last(workspaceId).catch(() => Infinity).then((last) => {
      for (const one of own) if (one.after !== last) one.wake();
      setTimeout(() => look(workspaceId), LOOK_EVERY_MS).unref();
    });
  }

  return {
    moved: (workspaceId, after, { withinMs, signal }) => new Promise((resolve) => {
      const known = waiting.get(workspaceId);
      const own = known ?? new Set<Waiting>();
      const one: Waiting = {
        after,
        wake() {
          own.delete(one);
          clearTimeout(timer);
          signal.removeEventListener('abort', one.wake);
          resolve();
        },
      };
      const timer = setTimeout(() => one.wake(), withinMs);
      if (signal.aborted) return one.wake();
      signal.addEventListener('abort', one.wake);
      own.add(one);
      if (known !== undefined) return;
      waiting.set(workspaceId, own);
      look(workspaceId);
    }),
  };
}
