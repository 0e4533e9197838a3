import { createClockCheck } from './create-clock-check.js';

function world() {
  const state = { theirs: 100_000, ours: 100_000, wayMs: 0, offsets: [] as number[] };
  const check = createClockCheck({
    serverTime: () => {
      state.ours += state.wayMs;
      return Promise.resolve(state.theirs);
    },
    observe: (offsetMs) => void state.offsets.push(offsetMs), now: () => state.ours,
  });
  return { state, check };
}

it.each([1_000, -1_000, 0])('takes a clock that is %d ms off for one that is in step', async (offsetMs) => {
  const { state, check } = world();
  state.theirs += offsetMs;
  await expect(check()).resolves.toBeUndefined();
  expect(state.offsets).toEqual([offsetMs]);
});

it.each([[1_001, '1.0 s behind'], [-90_000, '90.0 s ahead of']])('refuses one that is %d ms off until it is in step again', async (offsetMs, words) => {
  const { state, check } = world();
  state.theirs += offsetMs;
  await expect(check()).rejects.toMatchObject({ code: 'CLOCK_OUT_OF_STEP', message: `This machine's clock is ${words} MongoDB's.` });
  state.theirs = state.ours;
  await expect(check()).resolves.toBeUndefined();
  expect(state.offsets).toEqual([offsetMs, 0]);
});

it('holds no slow way against a clock, but what is beyond it', async () => {
  const { state, check } = world();
  state.wayMs = 10_000;
  await expect(check()).resolves.toBeUndefined();
  state.theirs = state.ours + 5_000 + 6_001;
  await expect(check()).rejects.toMatchObject({ code: 'CLOCK_OUT_OF_STEP' });
});
