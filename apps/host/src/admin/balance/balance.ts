import { BalanceTally, FirsthandError } from '@firsthand/domain';
import { tallyBalance } from '@firsthand/persistence';
import { minuteOf } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { Balance, BalanceQuery } from './balance-schema.js';

const MAX_SPAN_MS = 7 * 86_400_000;

/** Every record and every delivery, summed from the ledger and from what is still under way, all as of one moment. */
export async function getBalance(admin: AdminContext, { workspaceId }: Caller, query: BalanceQuery): Promise<Balance> {
  const span = spanOf(query);
  const session = admin.connection.getClient().startSession({ snapshot: true });
  try {
    const tally = new BalanceTally(query.per === 'minute');
    await tallyBalance(tally, admin.collections, { workspaceId, connectionId: query.connectionId, ...span }, session);
    const { sources, destinations } = tally.lines();
    const difference = [...sources, ...destinations].reduce((sum, line) => sum + Math.abs(line.difference), 0);
    return { at: new Date(admin.clock()).toISOString(), sources, destinations, difference };
  } finally {
    await session.endSession();
  }
}

interface Minutes {
  from: number;
  to: number;
}

function spanOf({ per, from, to }: BalanceQuery): Minutes {
  const floor = (text: string | undefined, otherwise: number): number => (text === undefined ? otherwise : minuteOf(Date.parse(text)));
  const span = { from: floor(from, 0), to: floor(to, Number.MAX_SAFE_INTEGER) };
  if (per === 'minute' && span.to - span.from > MAX_SPAN_MS) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/from', message: 'with per=minute the span from..to is at most 7 days' }]);
  return span;
}
