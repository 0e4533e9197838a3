import fc from 'fast-check';
import { COUNT_EXAMPLE } from '../segments/preview-bodies.js';
import { previewInGroups } from '../segments/preview-in-groups.js';
import { groupsOf } from './groups.js';

it('tells no number below the smallest group, and none between its multiples', () => {
  expect([0, 1, 49, 50, 99, 130].map(groupsOf(50).size)).toEqual(['fewer than 50', 'fewer than 50', 'fewer than 50', 50, 50, 100]);
});

it('lets nobody subtract their way to a smaller group', () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 5_000 }), (smallest, one, other) => {
    const difference = Math.abs(groupsOf(smallest).rounded(one) - groupsOf(smallest).rounded(other));
    expect(difference === 0 || difference >= smallest).toBe(true);
  }));
});

it('shows of a preview no person, no small overlap, and no number that gives one away', () => {
  const shown = previewInGroups(COUNT_EXAMPLE, groupsOf(50));
  expect(shown).toMatchObject({
    population: 1_000, matching: 100, members: 100, isExact: false, margin: { matching: 50, members: 50 }, sample: [], overlap: [], change: { entering: 'fewer than 50', leaving: 'fewer than 50', enteringSample: [], leavingSample: [] },
    waterfall: [{ path: '/all/0', remaining: 400 }, { path: '/all/1', remaining: 100 }, { path: '/purpose', remaining: 100 }],
  });
  const [vip] = COUNT_EXAMPLE.overlap;
  if (vip === undefined) throw new RangeError('The example has no overlap.');
  const [large] = previewInGroups({ ...COUNT_EXAMPLE, overlap: [{ ...vip, both: 77 }] }, groupsOf(50)).overlap;
  expect(large).toMatchObject({ both: 50, shareOfThis: null, shareOfThat: null });
});
