import { addTimes, MAX_KEPT_TIMES } from './kept-times.js';

it('keeps the latest different times, rising, whatever comes first', () => {
  const times = Array.from({ length: MAX_KEPT_TIMES + 10 }, (_, index) => index);
  expect(addTimes([5, 9], [7, 5])).toEqual([5, 7, 9]);
  expect(addTimes(times, [])).toEqual(times.slice(10));
  expect(addTimes(times.slice(10), times.slice(0, 10))).toEqual(times.slice(10));
});
