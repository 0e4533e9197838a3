import type { RequestCallback } from '../ports/machine-request.js';
import type { PrivacyRequestRow } from '../ports/privacy-requests.js';

/** Callbacks that are due, of requests that came over OpenDSR. */
export interface RequestCallbackStore {
  /** Takes the request that has been due the longest, until a time: another process takes it then. */
  takeDueCallbacks(workspaceId: string, now: number, until: number): Promise<PrivacyRequestRow | undefined>;
  /** Writes what came of a try, if nobody else has meanwhile. */
  settleCallback(requestId: string, index: number, from: Pick<RequestCallback, 'told' | 'attempt'>, change: Omit<RequestCallback, 'url'>): Promise<void>;
  /** Says when it is looked at next, unless its status has changed since it was taken. */
  putOffCallbacks(requestId: string, from: number, dueAt: number | null): Promise<void>;
}
