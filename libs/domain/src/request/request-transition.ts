import { FirsthandError } from '../errors/index.js';
import type { RequestStatus } from './privacy-request.js';

/** From each status to which. Work that has begun is finished or refused: it cannot be cancelled, for part of it may be done. */
const NEXT: Readonly<Record<RequestStatus, readonly RequestStatus[]>> = {
  received: ['identity-check', 'in-progress', 'refused', 'cancelled'],
  'identity-check': ['received', 'refused', 'cancelled'],
  'in-progress': ['completed', 'refused'],
  completed: [],
  refused: [],
  cancelled: [],
};

/**
 * Whether a request may go from one status to another.
 *
 * @example canTransition('completed', 'in-progress') // false: what is answered stays answered
 */
export function canTransition(from: RequestStatus, to: RequestStatus): boolean {
  return NEXT[from].includes(to);
}

/**
 * Refuses a change of status that there is not, and the start of work for somebody who has not shown who they are (GDPR art. 12(6)): data would go to, or be
 * erased for, whoever asks.
 *
 * @throws FirsthandError `REQUEST_TRANSITION`, `IDENTITY_UNVERIFIED`
 * @example assertTransition({ status: 'received', isVerified: true }, 'in-progress')
 */
export function assertTransition({ status, isVerified }: { status: RequestStatus; isVerified: boolean }, to: RequestStatus): void {
  if (!canTransition(status, to)) {
    if (status === 'identity-check' && to === 'in-progress') throw new FirsthandError('IDENTITY_UNVERIFIED');
    throw new FirsthandError('REQUEST_TRANSITION', `It is ${status}, and cannot become ${to}.`);
  }
  if (!isVerified && (to === 'in-progress' || to === 'completed')) throw new FirsthandError('IDENTITY_UNVERIFIED');
}
