import { FirsthandError } from '@firsthand/domain';
import { createLoginLimiter, type LoginLimiter } from './login-limiter.js';

describe('the login limiter', () => {
  let now = 0;
  let limiter: LoginLimiter;
  beforeEach(() => { limiter = createLoginLimiter({ clock: () => now }); });
  const limited = expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 900 });
  const wrong = expect.objectContaining({ code: 'UNAUTHENTICATED' });
  const fail = (account: string, address: string) => limiter.guard(account, address, () => Promise.reject(new FirsthandError('UNAUTHENTICATED')));
  const pass = (account: string, address: string) => limiter.guard(account, address, () => Promise.resolve('in'));

  it('stops the sixth try on one account from one address, until the window is over', async () => {
    for (let index = 0; index < 5; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
    await expect(pass('ana', '10.0.0.1')).rejects.toThrow(limited);
    await expect(pass('ana', '10.0.0.2')).resolves.toBe('in');
    await expect(pass('bo', '10.0.0.1')).resolves.toBe('in');
    now += 15 * 60_000;
    await expect(pass('ana', '10.0.0.1')).resolves.toBe('in');
  });

  it('stops one address that tries many accounts, whatever it succeeds with', async () => {
    for (let index = 0; index < 20; index += 1) {
      await expect(fail(`account ${index}`, '10.0.0.1')).rejects.toThrow(wrong);
      await pass('own', '10.0.0.1').catch(() => undefined);
    }
    await expect(pass('another', '10.0.0.1')).rejects.toThrow(limited);
  });

  it('stops many addresses that try one account', async () => {
    for (let index = 0; index < 50; index += 1) await expect(fail('ana', `10.0.1.${index}`)).rejects.toThrow(wrong);
    await expect(pass('ana', '10.0.2.1')).rejects.toThrow(limited);
  });

  it.each<[string, (index: number) => [account: string, address: string], number]>([
    ['on one account from one address', () => ['ana', '10.0.0.1'], 5], ['from one address', (index) => [`account ${index}`, '10.0.0.1'], 20], ['on one account', (index) => ['ana', `10.0.1.${index}`], 50],
  ])('lets no more through %s when all come at once', async (_, of, most) => {
    let tried = 0;
    const answers = await Promise.allSettled(Array.from({ length: 80 }, (__, index) => limiter.guard(...of(index), async () => {
      tried += 1;
      await Promise.resolve();
      throw new FirsthandError('UNAUTHENTICATED');
    })));
    expect([tried, answers.filter(({ status }) => status === 'rejected').length]).toEqual([most, 80]);
  });

  it('counts the addresses of one IPv6 network as one, and those that hold an IPv4 address apart', async () => {
    for (const end of ['::1', ':ab:1:2:3', '::ffff:1', '::3', '::4']) await expect(fail('ana', `2001:DB8:0:7${end}`)).rejects.toThrow(wrong);
    await expect(pass('ana', '2001:db8::7:0:0:0:9')).rejects.toThrow(limited);
    await expect(pass('ana', '2001:db8:0:8::9')).resolves.toBe('in');
    for (let index = 0; index < 5; index += 1) await expect(fail('bo', `::ffff:10.0.0.${index}`)).rejects.toThrow(wrong);
    await expect(pass('bo', '::ffff:10.0.0.9')).resolves.toBe('in');
  });

  it('takes nothing but a wrong answer for a failure', async () => {
    for (let index = 0; index < 5; index += 1) await expect(limiter.guard('ana', '10.0.0.1', () => Promise.reject(new FirsthandError('UNAVAILABLE')))).rejects.toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    await expect(pass('ana', '10.0.0.1')).resolves.toBe('in');
  });

  it('counts calls whatever becomes of them', () => {
    for (let index = 0; index < 5; index += 1) limiter.count('ana', '10.0.0.1');
    expect(() => limiter.count('ana', '10.0.0.1')).toThrow(limited);
  });

  it('forgets a pair that succeeded', async () => {
    for (let index = 0; index < 4; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
    await pass('ana', '10.0.0.1');
    for (let index = 0; index < 5; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
  });
});
