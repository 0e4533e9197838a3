import { openDsrChanges, type OpenDsrStatus } from '@firsthand/domain';
import type { Clock } from '../ports/configuration.js';
import type { RequestCallback } from '../ports/machine-request.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { PrivacyRequestRow } from '../ports/privacy-requests.js';
import type { RequestCallbackStore } from './request-callback-store.js';

/** A process that died at it is waited for this long; well over what one try may take. */
export const CALLBACK_LEASE_MS = 60_000;
/** An address that takes a change for so long not is told it no more. */
export const CALLBACK_GIVE_UP_MS = 86_400_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;
/** Requests that are told of at the same time, so that one slow receiver holds up few. */
const AT_ONCE = 20;

export interface RequestCallbackOptions {
  callbacks: RequestCallbackStore;
  /** Tells one address of one change. Rejects when it was not taken. It may be told the same again, after a crash. */
  send(row: PrivacyRequestRow, status: OpenDsrStatus, url: string): Promise<void>;
  clock: Clock;
  log: PipelineLog;
}

/**
 * Tells machines of each change of the requests that they handed in (OpenDSR 2.0, section 8.5): each address of each change, in order, at least once, again with growing waits for a day. What is to be told follows from the
 * history, which is written with the status: no crash leaves a change out.
 *
 * @example repeat(() => callbacks.tick(configuration.workspaceIds()), { name: 'request-callbacks', everyMs: 1_000, logger, onFailure })
 */
export function createRequestCallbacks({ callbacks, send, clock, log }: RequestCallbackOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  async function tell(row: PrivacyRequestRow, until: number): Promise<void> {
    const changes = openDsrChanges(row.history);
    const after = await Promise.all((row.machine?.callbacks ?? []).map((callback, index) => tellOne(row, changes, callback, index)));
    const times = after.flatMap((callback) => (callback.told < changes.length ? [callback.dueAt ?? clock()] : []));
    await callbacks.putOffCallbacks(row.requestId, until, times.length === 0 ? null : Math.min(...times));
  }

  async function tellOne(row: PrivacyRequestRow, changes: readonly OpenDsrStatus[], callback: RequestCallback, index: number): Promise<RequestCallback> {
    const status = changes[callback.told];
    const now = clock();
    if (status === undefined || (callback.dueAt ?? now) > now) return callback;
    const isTold = await send(row, status, callback.url).then(() => true, () => false);
    const after = isTold ? tellNext(callback) : notTaken(callback, now);
    if (after.missed > callback.missed) log.warn({ workspaceId: row.workspaceId, requestId: row.requestId, callback: index }, 'A machine was not told of a change of its request: its address took it for a day not.');
    await callbacks.settleCallback(row.requestId, index, callback, after);
    return after;
  }

  return {
    async tick(workspaceIds) {
      for (const workspaceId of workspaceIds) {
        for (let isMore = true; isMore;) {
          const taken: Promise<void>[] = [];
          while (taken.length < AT_ONCE && isMore) {
            const now = clock();
            const row = await callbacks.takeDueCallbacks(workspaceId, now, now + CALLBACK_LEASE_MS);
            isMore = row !== undefined;
            if (row !== undefined) taken.push(tell(row, now + CALLBACK_LEASE_MS));
          }
          await Promise.all(taken);
        }
      }
    },
  };
}

function tellNext({ url, told, missed }: RequestCallback): RequestCallback {
  return { url, told: told + 1, missed, attempt: 0, since: null, dueAt: null };
}

function notTaken(callback: RequestCallback, now: number): RequestCallback {
  const since = callback.since ?? now;
  if (now - since >= CALLBACK_GIVE_UP_MS) return { ...tellNext(callback), missed: callback.missed + 1 };
  // Doubled only as far as a number of seconds can be.
  const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(callback.attempt, 20));
  return { ...callback, attempt: callback.attempt + 1, since, dueAt: Math.min(now + waitMs, since + CALLBACK_GIVE_UP_MS) };
}
