import { FirsthandError } from '@firsthand/domain';
import type { LoginTryStore } from '@firsthand/pipeline';
import { memoryLoginTries } from '../../../test/support/memory-login-tries.js';
import { createLoginLimiter, type LoginLimiter } from './login-limiter.js';

describe('the login limiter', () => {
  let now = 0;
  let tries: LoginTryStore;
  let limiter: LoginLimiter;
  /** As each process has one. */
  const another = (options: { name?: string; secret?: string; tries?: LoginTryStore } = {}) => createLoginLimiter({ name: 'login', secret: 's', tries, clock: () => now, ...options });
  beforeEach(() => {
    tries = memoryLoginTries();
    limiter = another();
  });
  const limited = expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 900 });
  const wrong = expect.objectContaining({ code: 'UNAUTHENTICATED' });
  const fail = (account: string, address: string, by = limiter) => by.guard(account, address, () => Promise.reject(new FirsthandError('UNAUTHENTICATED')));
  const pass = (account: string, address: string, by = limiter) => by.guard(account, address, () => Promise.resolve('in'));

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

  it('counts for all processes together, and outlasts each', async () => {
    for (let index = 0; index < 5; index += 1) await expect(fail('ana', '10.0.0.1', another())).rejects.toThrow(wrong);
    await expect(pass('ana', '10.0.0.1', another())).rejects.toThrow(limited);
    await expect(pass('ana', '10.0.0.1', another({ name: 'code' }))).resolves.toBe('in');
  });

  it('counts a try before it is made, and so one whose process dies over it', async () => {
    for (let index = 0; index < 5; index += 1) await new Promise<void>((begun) => void another().guard('ana', '10.0.0.1', () => new Promise(() => begun())));
    await expect(pass('ana', '10.0.0.1')).rejects.toThrow(limited);
  });

  it('refuses nobody who is right, however many sign in at once from one office', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => limiter.guard(`account ${index % 7}`, '10.0.0.1', async () => {
      await Promise.resolve();
      return 'in';
    })));
    expect(new Set(answers)).toEqual(new Set(['in']));
  });

  it('tells the store neither accounts nor addresses, and other keys to each installation', async () => {
    const keys: string[][] = [];
    for (const secret of ['s', 's', 'other']) {
      const seen: string[] = [];
      await another({ secret, tries: { ...tries, countTry: (one) => { seen.push(one.key); return tries.countTry(one); } } }).count('ana@example.com', '10.0.0.1');
      keys.push(seen);
    }
    expect(keys.flat().filter((key) => !/^[0-9a-f]{64}$/.test(key))).toEqual([]);
    expect([keys[0], new Set(keys.flat()).size]).toEqual([keys[1], 6]);
  });

  it('makes no try that cannot be counted, and keeps what one came to that cannot be taken back', async () => {
    const away = () => Promise.reject(new FirsthandError('UNAVAILABLE'));
    const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' });
    let tried = 0;
    await expect(another({ tries: { ...tries, countTry: away } }).guard('ana', '10.0.0.1', () => Promise.resolve(tried += 1))).rejects.toThrow(unavailable);
    await expect(another({ tries: { ...tries, countTry: away } }).count('ana', '10.0.0.1')).rejects.toThrow(unavailable);
    expect(tried).toBe(0);
    await expect(pass('ana', '10.0.0.1', another({ tries: { ...tries, takeBackTries: away } }))).resolves.toBe('in');
  });

  it('counts nothing of a try that was refused', async () => {
    for (let index = 0; index < 50; index += 1) await expect(fail('ana', `10.0.1.${index}`)).rejects.toThrow(wrong);
    for (let index = 0; index < 30; index += 1) await expect(fail('ana', '10.0.2.1')).rejects.toThrow(limited);
    for (let index = 0; index < 20; index += 1) await expect(fail(`account ${index}`, '10.0.2.1')).rejects.toThrow(wrong);
  });

  it('begins the window with a failure, not with what succeeded before', async () => {
    await pass('ana', '10.0.0.1');
    now += 14 * 60_000;
    for (let index = 0; index < 5; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
    await expect(pass('ana', '10.0.0.1')).rejects.toThrow(limited);
  });

  it.each<[string, (index: number) => [account: string, address: string], number]>([
    ['on one account from one address', () => ['ana', '10.0.0.1'], 5], ['from one address', (index) => [`account ${index}`, '10.0.0.1'], 20], ['on one account', (index) => ['ana', `10.0.1.${index}`], 50],
  ])('lets no more through %s when all come at once, to several processes', async (_, of, most) => {
    let tried = 0;
    const processes = [limiter, another(), another()];
    const answers = await Promise.allSettled(Array.from({ length: 240 }, (__, index) => (processes[index % 3] ?? limiter).guard(...of(index), async () => {
      tried += 1;
      await Promise.resolve();
      throw new FirsthandError('UNAUTHENTICATED');
    })));
    expect([tried, answers.filter(({ status }) => status === 'rejected').length]).toEqual([most, 240]);
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

  it('counts calls whatever becomes of them', async () => {
    for (let index = 0; index < 5; index += 1) await limiter.count('ana', '10.0.0.1');
    await expect(limiter.count('ana', '10.0.0.1')).rejects.toThrow(limited);
  });

  it('forgets a pair that succeeded', async () => {
    for (let index = 0; index < 4; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
    await pass('ana', '10.0.0.1');
    for (let index = 0; index < 5; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
  });

  it('forgets with a pair that succeeded what came before it, not what another process has begun since', async () => {
    for (let index = 0; index < 3; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
    let right: Promise<unknown> = Promise.resolve();
    const end = await new Promise<() => void>((begun) => { right = another().guard('ana', '10.0.0.1', () => new Promise<void>((done) => begun(done))); });
    await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
    end();
    await right;
    for (let index = 0; index < 4; index += 1) await expect(fail('ana', '10.0.0.1')).rejects.toThrow(wrong);
    await expect(pass('ana', '10.0.0.1')).rejects.toThrow(limited);
  });
});
