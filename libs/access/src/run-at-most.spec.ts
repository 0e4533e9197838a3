import { runAtMost } from './run-at-most.js';

it('runs so much at once and no more, in the order in which it came, whatever fails', async () => {
  const run = runAtMost(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = (index: number) => run(async () => {
    order.push(index);
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => { setImmediate(resolve); });
    running -= 1;
    if (index % 3 === 0) throw new RangeError(String(index));
    return index;
  });
  const answers = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work));
  expect([most, order, answers.map(({ status }) => status === 'fulfilled')]).toEqual([2, [0, 1, 2, 3, 4, 5], [false, true, true, false, true, true]]);
  await expect(Promise.all([7, 8, 10].map(work))).resolves.toEqual([7, 8, 10]);
  expect([most, running]).toEqual([2, 0]);
});
