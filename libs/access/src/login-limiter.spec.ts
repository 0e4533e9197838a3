import { createLoginLimiter } from './login-limiter.js';

describe('the login limiter', () => {
  let now = 0;
  const limited = expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 900 });

  it('stops the sixth try on one account from one address, until the window is over', () => {
    const limiter = createLoginLimiter({ clock: () => now });
    for (let index = 0; index < 5; index += 1) {
      expect(() => limiter.check('ana', '10.0.0.1')).not.toThrow();
      limiter.failed('ana', '10.0.0.1');
    }
    expect(() => limiter.check('ana', '10.0.0.1')).toThrow(limited);
    expect(() => limiter.check('ana', '10.0.0.2')).not.toThrow();
    expect(() => limiter.check('bo', '10.0.0.1')).not.toThrow();
    now += 15 * 60_000;
    expect(() => limiter.check('ana', '10.0.0.1')).not.toThrow();
  });

  it('stops one address that tries many accounts, whatever it succeeds with', () => {
    const limiter = createLoginLimiter({ clock: () => now });
    for (let index = 0; index < 20; index += 1) {
      limiter.failed(`account ${index}`, '10.0.0.1');
      limiter.succeeded('own', '10.0.0.1');
    }
    expect(() => limiter.check('another', '10.0.0.1')).toThrow(limited);
  });

  it('stops many addresses that try one account', () => {
    const limiter = createLoginLimiter({ clock: () => now });
    for (let index = 0; index < 50; index += 1) limiter.failed('ana', `10.0.1.${index}`);
    expect(() => limiter.check('ana', '10.0.2.1')).toThrow(limited);
  });

  it('forgets a pair that succeeded', () => {
    const limiter = createLoginLimiter({ clock: () => now });
    for (let index = 0; index < 5; index += 1) limiter.failed('ana', '10.0.0.1');
    limiter.succeeded('ana', '10.0.0.1');
    expect(() => limiter.check('ana', '10.0.0.1')).not.toThrow();
  });
});
