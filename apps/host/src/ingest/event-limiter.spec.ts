import { createEventLimiter } from './event-limiter.js';

const limited = (retryAfterSeconds: number) => expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds }) as Error;

describe('createEventLimiter', () => {
  function world(perSecond = 10) {
    const clock = { ms: 5_000 };
    const limiter = createEventLimiter({ perSecond, now: () => clock.ms });
    return { clock, take: (events = 1, key = 'k') => () => limiter.take(key, events) };
  }

  it('lets ten seconds of events through at once, and then as many as come in', () => {
    const { clock, take } = world();
    for (let n = 0; n < 100; n += 1) expect(take()).not.toThrow();
    expect(take()).toThrow(limited(1));
    clock.ms += 99;
    expect(take()).toThrow(limited(1));
    clock.ms += 1;
    expect(take()).not.toThrow();
    expect(take()).toThrow(limited(1));
  });

  it('takes a batch larger than what is left, and makes the key wait for all of it', () => {
    const { clock, take } = world();
    expect(take(99)).not.toThrow();
    expect(take(500)).not.toThrow();
    expect(take()).toThrow(limited(50));
    clock.ms += 49_900;
    expect(take()).toThrow(limited(1));
    clock.ms += 100;
    expect(take()).not.toThrow();
  });

  it('saves no more than the burst, and counts a request without events', () => {
    const { clock, take } = world();
    expect(take(0)).not.toThrow();
    clock.ms += 3_600_000;
    for (let n = 0; n < 100; n += 1) expect(take(0)).not.toThrow();
    expect(take(0)).toThrow(limited(1));
  });

  it('counts each key by itself', () => {
    const { take } = world();
    expect(take(1_000)).not.toThrow();
    expect(take()).toThrow();
    expect(take(1, 'another')).not.toThrow();
  });

  it('limits nothing at 0', () => {
    const { take } = world(0);
    for (let n = 0; n < 10; n += 1) expect(take(1e9)).not.toThrow();
  });
});
