import { FirsthandError } from '@firsthand/domain';
import { readEnvironment } from './read-environment.js';

const complete = {
  MONGODB_URI: 'mongodb://127.0.0.1:27017/firsthand?replicaSet=rs0',
  REDIS_URL: 'redis://127.0.0.1:6379',
  FIRSTHAND_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  FIRSTHAND_TOKEN_SECRET: 'x'.repeat(32),
};

function refusal(env: Record<string, string | undefined>): FirsthandError {
  try {
    readEnvironment(env);
  } catch (error) {
    if (error instanceof FirsthandError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('readEnvironment', () => {
  it('fills in the defaults', () => {
    const environment = readEnvironment(complete);
    expect(environment).toMatchObject({ port: 3000, host: '127.0.0.1', publicUrl: 'http://127.0.0.1:3000', allowPrivateDestinations: false, trustedProxies: 0, publicKeyEventsPerSecond: 2_000, plugins: [], logLevel: 'info' });
    expect([...environment.roles]).toEqual(['ingest', 'admin', 'worker']);
    expect(environment.secretKey).toEqual(Buffer.alloc(32, 7));
  });

  it('reads what is set', () => {
    const environment = readEnvironment({
      ...complete, PORT: '8080', HOST: '0.0.0.0', FIRSTHAND_ROLES: 'worker, ingest', PUBLIC_URL: 'https://data.example.com/',
      FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS: 'true', FIRSTHAND_PLUGINS: '@acme/one, @acme/two', FIRSTHAND_DATABASE: 'other', LOG_LEVEL: 'silent', FIRSTHAND_TRUSTED_PROXIES: '2',
      FIRSTHAND_PUBLIC_KEY_EVENTS_PER_SECOND: '0',
    });
    expect(environment).toMatchObject({ port: 8080, host: '0.0.0.0', publicUrl: 'https://data.example.com', allowPrivateDestinations: true, plugins: ['@acme/one', '@acme/two'], database: 'other', logLevel: 'silent', trustedProxies: 2, publicKeyEventsPerSecond: 0 });
    expect([...environment.roles]).toEqual(['worker', 'ingest']);
  });

  it('takes a replica set of several hosts', () => {
    expect(readEnvironment({ ...complete, MONGODB_URI: 'mongodb://a:27017,b:27017/db?replicaSet=rs0' }).mongodbUri).toContain('a:27017,b');
  });

  it('names each missing variable on a line of its own', () => {
    const error = refusal({ MONGODB_URI: '', REDIS_URL: '  ' });
    expect(error.code).toBe('INVALID_ENVIRONMENT');
    expect(error.message.split('\n').map((line) => line.split(' ')[0])).toEqual(['MONGODB_URI', 'REDIS_URL', 'FIRSTHAND_SECRET_KEY', 'FIRSTHAND_TOKEN_SECRET']);
  });

  it.each([
    ['PORT', '70000'], ['PORT', 'http'], ['PORT', '1.5'], ['MONGODB_URI', 'http://localhost'], ['REDIS_URL', 'localhost:6379'], ['FIRSTHAND_ROLES', 'ingest,boss'],
    ['FIRSTHAND_ROLES', ' , '], ['FIRSTHAND_SECRET_KEY', 'not base64!'], ['FIRSTHAND_SECRET_KEY', Buffer.alloc(16).toString('base64')],
    ['FIRSTHAND_TOKEN_SECRET', 'short'], ['PUBLIC_URL', 'data.example.com'], ['FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS', 'maybe'], ['LOG_LEVEL', 'loud'], ['FIRSTHAND_DATABASE', 'a/b'],
    ['FIRSTHAND_TRUSTED_PROXIES', 'true'], ['FIRSTHAND_TRUSTED_PROXIES', '-1'], ['FIRSTHAND_PUBLIC_KEY_EVENTS_PER_SECOND', '0.5'], ['FIRSTHAND_PUBLIC_KEY_EVENTS_PER_SECOND', 'many'],
  ])('refuses %s=%s without repeating the value', (name, value) => {
    const error = refusal({ ...complete, [name]: value });
    expect(error.places.map(({ path }) => path)).toEqual([name]);
    if (name.includes('SECRET')) expect(error.message).not.toContain(value);
  });

  it('refuses a name that one letter is wrong of, and passes over what others set', () => {
    const error = refusal({ ...complete, FIRSTHAND_QUARANTINE_DAY: '7' });
    expect(error.places).toEqual([{ path: 'FIRSTHAND_QUARANTINE_DAY', message: 'is not known; the name is FIRSTHAND_QUARANTINE_DAYS' }]);
    expect(() => readEnvironment({ ...complete, FIRSTHAND_SERVICE_HOST: '10.0.0.1', FIRSTHAND_PORT: 'tcp://10.0.0.1:3000' })).not.toThrow();
  });
});
