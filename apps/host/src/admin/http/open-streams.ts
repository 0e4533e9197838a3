import { setMaxListeners } from 'node:events';
import { FirsthandError } from '@firsthand/domain';
import type { Caller } from './caller.js';

/** Of one process: each asks again and again for what there is and what its reader may see. */
const MAX_OPEN = 200;
/** So that one workspace leaves room for others, and one key for its colleagues. */
const MAX_OF_WORKSPACE = 100;
const MAX_OF_CALLER = 20;
/** A reader that takes nothing for so long is let go of. */
const MAX_STALL_MS = 30_000;

/** The streams of server-sent events that a process has open. */
export interface OpenStreams {
  /** Takes a place; the function that it gives leaves it. @throws FirsthandError `RATE_LIMITED` when there is none */
  enter(caller: Pick<Caller, 'workspaceId' | 'principal'>): () => void;
  /** So long a reader may take nothing. */
  readonly maxStallMs: number;
  /** Aborted when the process stops: streams end, and their readers go on elsewhere. */
  readonly stopping: AbortSignal;
  stop(): void;
}

/**
 * Counts the streams that are open: 200 of a process, of these 100 of a workspace and 20 of a user or key.
 *
 * @example const leave = streams.enter(caller); try { await stream(); } finally { leave(); }
 */
export function createOpenStreams({ maxStallMs = MAX_STALL_MS }: { maxStallMs?: number | undefined } = {}): OpenStreams {
  const stopping = new AbortController();
  // Each stream listens to it.
  setMaxListeners(MAX_OPEN, stopping.signal);
  const open = new Map<string, number>();
  const countOf = (key: string): number => open.get(key) ?? 0;
  const add = (keys: readonly string[], by: number): void => {
    for (const key of keys) if (countOf(key) + by === 0) open.delete(key); else open.set(key, countOf(key) + by);
  };
  return {
    maxStallMs,
    stopping: stopping.signal,
    stop: () => stopping.abort(),
    enter({ workspaceId, principal: { kind, id } }) {
      const limits = [['process', MAX_OPEN, 'This process has'], [JSON.stringify([workspaceId]), MAX_OF_WORKSPACE, 'The workspace has'], [JSON.stringify([workspaceId, kind, id]), MAX_OF_CALLER, 'You have']] as const;
      const full = limits.find(([key, most]) => countOf(key) >= most);
      if (full !== undefined) throw new FirsthandError('RATE_LIMITED', `${full[2]} as many streams open as it takes: ${full[1]}.`, [], { retryAfterSeconds: 5 });
      const keys = limits.map(([key]) => key);
      add(keys, 1);
      let isIn = true;
      return () => {
        if (isIn) add(keys, -1);
        isIn = false;
      };
    },
  };
}
