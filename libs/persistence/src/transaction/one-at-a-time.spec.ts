import { oneAtATime } from './one-at-a-time.js';

describe('oneAtATime', () => {
  it('runs calls one after the other, in their order', async () => {
    const log: string[] = [];
    const { serial } = oneAtATime({
      async slow(name: string) {
        log.push(`${name} begins`);
        await new Promise(setImmediate);
        log.push(`${name} ends`);
        return name;
      },
    });
    expect(await Promise.all([serial.slow('a'), serial.slow('b')])).toEqual(['a', 'b']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('runs nothing after a failure, and is settled when the last has ended', async () => {
    let runs = 0;
    const { serial, settled } = oneAtATime({
      fail: () => Promise.reject(new RangeError('first')),
      async work() { runs += 1; },
    });
    const outcomes = await Promise.allSettled([serial.fail(), serial.work()]);
    await settled();
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(serial.work()).rejects.toThrow('first');
    expect(runs).toBe(0);
  });
});
