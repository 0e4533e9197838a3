import { FirsthandError } from '@firsthand/domain';
import type { ChangeLog } from '@firsthand/pipeline';

/** Of one process: each asks for its pages and for its reader's permissions. */
const MAX_STREAMS = 200;
/** How often the last number of a workspace is asked for, once for all who wait. */
const LOOK_EVERY_MS = 200;

interface Waiting {
  after: number;
  wake(): void;
}

/** The streams of changes that a process has open. */
export interface ChangeStreams {
  /** Takes a place; the function that it gives leaves it. @throws FirsthandError `RATE_LIMITED` when there is none */
  enter(): () => void;
  /** Resolves when there may be a change after a number, when that has taken too long, or at the signal. */
  moved(workspaceId: string, after: number, limits: { withinMs: number; signal: AbortSignal }): Promise<void>;
  /** Aborted when the process stops: streams end, and their readers go on elsewhere. */
  readonly stopping: AbortSignal;
  stop(): void;
}

/**
 * Readers that are up to date wait here: one look at the last number every 200 ms serves all of a workspace, and none is made while nobody waits.
 *
 * @example const streams = createChangeStreams(log); const leave = streams.enter(); await streams.moved(workspaceId, 12, { withinMs: 1_000, signal }); leave();
 */
export function createChangeStreams(log: Pick<ChangeLog, 'last'>): ChangeStreams {
  const stopping = new AbortController();
  const waiting = new Map<string, Set<Waiting>>();
  let open = 0;

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
    stopping: stopping.signal,
    stop: () => stopping.abort(),
    enter() {
      if (open >= MAX_STREAMS) throw new FirsthandError('RATE_LIMITED', 'This process has as many streams open as it takes.', [], { retryAfterSeconds: 5 });
      open += 1;
      let isIn = true;
      return () => {
        if (isIn) open -= 1;
        isIn = false;
      };
    },
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
