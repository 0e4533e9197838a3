import { summarise } from './fault-summary.mjs';

it('gives the least, the middle and the most of each figure', () => {
  const lines = [['takeover', 9], ['takeover', 12.345], ['takeover', 10], ['ratio', 1]].map(([name, value]) => JSON.stringify({ name, value }));
  expect(summarise(`${lines.join('\n')}\n`)).toEqual(['takeover: 9 / 10 / 12.35 (least, median, most of 3)', 'ratio: 1 / 1 / 1 (least, median, most of 1)']);
});

it('says nothing where nothing was measured', () => {
  expect(summarise('')).toEqual([]);
});
