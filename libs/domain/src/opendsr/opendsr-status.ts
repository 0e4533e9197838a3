import type { RequestChange, RequestStatus } from '../request/privacy-request.js';

/** The statuses of OpenDSR 2.0 (section 8). */
export const OPENDSR_STATUSES = ['pending', 'in_progress', 'completed', 'cancelled'] as const;
export type OpenDsrStatus = (typeof OPENDSR_STATUSES)[number];

/** The standard has no word for a refusal: the nearest is that the request ended without being carried out. */
const STATUS_OF: Readonly<Record<RequestStatus, OpenDsrStatus>> = {
  received: 'pending', 'identity-check': 'pending', 'in-progress': 'in_progress', completed: 'completed', refused: 'cancelled', cancelled: 'cancelled',
};

/** What a machine calls the status of a request. A refused one is `cancelled`: who answers says so beside it. */
export function openDsrStatus(status: RequestStatus): OpenDsrStatus {
  return STATUS_OF[status];
}

/**
 * The changes of status that a machine is told of, in order. The first status is none: it stands in the answer to the request.
 *
 * @example openDsrChanges(request.history) // ['in_progress', 'completed']
 */
export function openDsrChanges(history: readonly Pick<RequestChange, 'to'>[]): OpenDsrStatus[] {
  const all = history.map(({ to }) => openDsrStatus(to));
  return all.filter((status, index) => index > 0 && status !== all[index - 1]);
}
