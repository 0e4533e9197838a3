import { FirsthandError } from '@firsthand/domain';
import type { ChangeKeeping } from '@firsthand/pipeline';

const CURSOR = /^([0-9a-z]{1,12})-(\d{1,15})$/;

/** Where a reader stands: after the change of this number, of the time in which changes are kept since then. */
export interface ChangePosition {
  since: number;
  after: number;
}

/** @example encodeChangeCursor(keeping, 12) */
export function encodeChangeCursor({ since }: Pick<ChangeKeeping, 'since'>, after: number): string {
  return `${since.toString(36)}-${after}`;
}

/** @throws FirsthandError `INVALID_REQUEST` */
export function decodeChangeCursor(cursor: string): ChangePosition {
  const [, since, after] = CURSOR.exec(cursor) ?? [];
  if (since === undefined || after === undefined) throw new FirsthandError('INVALID_REQUEST', 'The cursor is none of ours.', [{ path: '/after', message: 'is no cursor, "now" or "oldest"' }]);
  return { since: Number.parseInt(since, 36), after: Number(after) };
}
