import { isWithin } from './is-within.js';

describe('isWithin', () => {
  it('tells whether the work was settled by then, whatever became of it', async () => {
    expect(await isWithin(1_000, Promise.resolve())).toBe(true);
    expect(await isWithin(1_000, Promise.reject(new RangeError()))).toBe(true);
    expect(await isWithin(1, new Promise(() => undefined))).toBe(false);
  });
});
