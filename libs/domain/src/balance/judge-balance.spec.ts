import { BalanceTally } from './balance-tally.js';
import { judgeBalance } from './judge-balance.js';

const MINUTE_MS = 60_000;

/** Two sources and a destination over two minutes, all accounted for. */
function closed(): BalanceTally {
  const tally = new BalanceTally(true);
  for (const minute of [0, MINUTE_MS]) {
    for (const source of ['shop', 'app']) {
      tally.add(source, minute, 'received', 5);
      tally.add(source, minute, 'applied', 3);
      tally.add(source, minute, 'duplicate', 2);
    }
    tally.add('crm', minute, 'deliveries', 2);
    tally.add('crm', minute, 'delivered', 1);
    tally.add('crm', minute, 'deliveries.pending', 1);
  }
  return tally;
}

describe('the judgement of a balance', () => {
  it('closes where everything is somewhere, once', () => {
    expect(judgeBalance(closed().lines())).toMatchObject({ minutes: 6, openMinutes: 0, difference: 0, gaps: [], connections: expect.arrayContaining([{ connectionId: 'crm', of: 'deliveries', total: 4, parts: { delivered: 2, pending: 2 }, openMinutes: 0, difference: 0 }]) as object });
  });

  it('says of each minute what is missing, also where another has as many too many', () => {
    const tally = closed();
    tally.add('shop', 0, 'applied', -1);
    tally.add('shop', MINUTE_MS, 'applied', 1);
    const verdict = judgeBalance(tally.lines());
    expect(verdict).toMatchObject({ openMinutes: 2, difference: 2 });
    expect(verdict.gaps).toEqual([
      { connectionId: 'shop', of: 'records', minute: '1970-01-01T00:00:00.000Z', total: 5, parts: { applied: 2, duplicate: 2 }, missing: 1 },
      { connectionId: 'shop', of: 'records', minute: '1970-01-01T00:01:00.000Z', total: 5, parts: { applied: 4, duplicate: 2 }, missing: -1 },
    ]);
  });

  it('names so many gaps and no more, and counts all', () => {
    const tally = new BalanceTally(true);
    for (let minute = 0; minute < 700; minute += 1) tally.add('crm', minute * MINUTE_MS, 'deliveries', 1);
    const { gaps, ...verdict } = judgeBalance(tally.lines());
    expect([gaps.length, verdict]).toEqual([500, { minutes: 700, openMinutes: 700, difference: 700, connections: [{ connectionId: 'crm', of: 'deliveries', total: 700, parts: {}, openMinutes: 700, difference: 700 }] }]);
  });
});
