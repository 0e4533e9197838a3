import type { QualityCount, QualityCountRow } from './quality-rows.js';
import { askedKeys, settleCounts } from './settle-counts.js';

const HOUR_MS = 3_600_000;
const count = (parts: Partial<QualityCount> = {}): QualityCount => ({ expectationId: 'e', stamp: 's', connectionId: 'till', at: 0, checked: 1, failed: 0, lastAt: 0, ...parts });
const row = (counts: QualityCount[], known: QualityCountRow['known'] = [], at = 1_000): QualityCountRow => ({ workspaceId: 'w', at, counts, known });

it('adds up by expectation, source and hour', () => {
  const { sums } = settleCounts([row([count({ failed: 1, lastAt: 5 }), count({ at: HOUR_MS })]), row([count({ checked: 3, lastAt: 4 }), count({ connectionId: 'web' })])], new Set());
  expect(sums.map(({ connectionId, hour, buckets, lastAt }) => [connectionId, hour, buckets, lastAt])).toEqual([
    ['till', 0, [{ at: 0, checked: 4, failed: 1 }], 5], ['till', HOUR_MS, [{ at: HOUR_MS, checked: 1, failed: 0 }], 0], ['web', 0, [{ at: 0, checked: 1, failed: 0 }], 0],
  ]);
});

it('a value that comes again fails, in the same batch, the same turn, and later ones; each source has its own', () => {
  const asks = { kind: 'unseen', keptMs: 500 } as const;
  const rows = [row([count({ checked: 3, asked: ['a', 'b', 'a'], asks })]), row([count({ checked: 2, asked: ['b', 'c'], asks }), count({ connectionId: 'web', asked: ['a'], asks })])];
  expect(askedKeys(rows).sort()).toEqual(['s|till|a', 's|till|b', 's|till|c', 's|web|a']);
  const { sums, remembered } = settleCounts(rows, new Set(['s|till|c']));
  expect(sums.map(({ connectionId, buckets: [bucket] }) => [connectionId, bucket?.failed])).toEqual([['till', 3], ['web', 0]]);
  expect(remembered).toEqual(new Map([['s|till|a', 1_500], ['s|till|b', 1_500], ['s|web|a', 1_500]]));
});

it('a value has to be known, by earlier turns or anything in this one', () => {
  const asks = { kind: 'known', set: 'stores' } as const;
  const rows = [row([count({ checked: 3, asked: ['hz', 'sh', 'bj'], asks })]), row([], [{ set: 'stores', digests: ['sh'], until: 9 }, { set: 'stores', digests: ['sh'], until: 7 }])];
  const { sums, remembered } = settleCounts(rows, new Set(['stores|bj']));
  expect(sums[0]?.buckets).toEqual([{ at: 0, checked: 3, failed: 1 }]);
  expect(remembered).toEqual(new Map([['stores|sh', 9]]));
});
