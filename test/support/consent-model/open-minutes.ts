import { judgeBalance, type BalanceTally } from '@firsthand/domain';

/** One line for each minute of a connection that does not close. */
export function openMinutesOf(tally: BalanceTally): string[] {
  return judgeBalance(tally.lines()).gaps.map(({ connectionId, of, minute, total, parts, missing }) => `the books of ${connectionId} do not close at ${minute}: ${missing} of ${total} ${of} are missing, ${JSON.stringify(parts)}`);
}
