import { FirsthandError } from '@firsthand/domain';
import { reachServer } from './reach-server.js';

const failing = (error: Error) => () => Promise.reject(error);

describe('reachServer', () => {
  it('gives what the work gives', async () => {
    await expect(reachServer('REDIS_URL', () => Promise.resolve('noeviction'))).resolves.toBe('noeviction');
  });

  it('names the variable of a server that does not answer', async () => {
    const work = reachServer('REDIS_URL', failing(new FirsthandError('UNAVAILABLE', 'Valkey does not answer.', [], { retryAfterSeconds: 1 })));
    await expect(work).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE', message: 'Valkey does not answer at the address in REDIS_URL.', retryAfterSeconds: undefined });
  });

  it('repeats nothing of an address that cannot be used', async () => {
    const work = reachServer('MONGODB_URI', failing(new TypeError('Invalid URL mongodb://root:hunter2@')));
    await expect(work).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE', message: 'MongoDB cannot be used at the address in MONGODB_URI.' });
  });

  it('tells a server that refuses whoever comes from one that is away', async () => {
    const work = reachServer('MONGODB_URI', failing(new FirsthandError('INTERNAL', 'MongoDB refused the operation (code 18 AuthenticationFailed).')));
    await expect(work).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE', message: 'MongoDB refuses the user name or password at the address in MONGODB_URI.' });
  });

  it('leaves an error that has a way out of its own', async () => {
    await expect(reachServer('REDIS_URL', failing(new FirsthandError('EVICTING_QUEUE')))).rejects.toMatchObject({ code: 'EVICTING_QUEUE' });
  });
});
