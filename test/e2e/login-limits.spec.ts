import { createLoginTryStore } from '@firsthand/persistence';
import type { LoginTryStore } from '@firsthand/pipeline';
import { adminClient } from '../support/admin-client.js';
import { closeStore, openEmptyStore } from '../support/empty-databases.js';
import { memoryLoginTries } from '../support/memory-login-tries.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** Tries of passwords, codes and links at two hosts of one database, and at one that starts later. */
const ENV = { FIRSTHAND_ROLES: 'admin', FIRSTHAND_TRUSTED_PROXIES: '1' };
const RIGHT = 'the password of Ana is this';

describe('two hosts of one database', () => {
  let first: TestHost;
  let second: TestHost;

  beforeAll(async () => {
    first = await startHost({ env: ENV, keepDatabase: true });
    second = await startHost({ databaseName: first.databaseName, env: ENV });
    const { ownerEmail: email = '', ownerPassword: password = '' } = first.firstRun ?? {};
    const { body } = await adminClient(first.url).post('/sessions', { email, password });
    await adminClient(first.url, String(body.token)).post('/users', { email: 'ana@example.com', name: 'Ana', roles: ['admin'], password: RIGHT });
  });
  afterAll(async () => {
    await first.stop();
    await second.stop();
  });

  interface Answer { status: number; retryAfter: number }
  const send = async (host: TestHost, path: string, body: object, address: string): Promise<Answer> => {
    const response = await fetch(host.url + path, { method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': address }, body: JSON.stringify(body) });
    return { status: response.status, retryAfter: Number(response.headers.get('retry-after') ?? '0') };
  };
  const logIn = (host: TestHost, address: string, password = 'not the password', email = 'ana@example.com') => send(host, '/admin/v1/sessions', { email, password }, address);
  const code = () => ({ contact: 'mo@example.com', code: '12345678' });
  const WAYS: [string, string, () => object][] = [
    ['passwords', '/admin/v1/sessions', () => ({ email: 'ana@example.com', password: 'not the password' })],
    ['links', '/admin/v1/invitations/accept', () => ({ token: 'bWFpbg.none.none', password: RIGHT })],
    ['codes', '/privacy/main/codes/confirm', code],
  ];

  it.each(WAYS)('count %s together, also after a restart', async (name, path, body) => {
    const address = `192.0.2.${WAYS.findIndex(([way]) => way === name)}`;
    const statuses: number[] = [];
    for (const host of [first, second, first, second, first]) statuses.push((await send(host, path, body(), address)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    const limited = [await send(first, path, body(), address), await send(second, path, body(), address)];
    expect(limited.map(({ status, retryAfter }) => [status, retryAfter > 800 && retryAfter <= 900])).toEqual([[429, true], [429, true]]);
    const third = await startHost({ databaseName: first.databaseName, env: ENV, keepDatabase: true });
    try {
      expect((await send(third, path, body(), address)).status).toBe(429);
      expect((await send(third, path, body(), '192.0.2.100')).status).toBe(401);
    } finally {
      await third.stop();
    }
  });

  it('count requests for a new password together', async () => {
    const statuses: number[] = [];
    for (const host of [first, second, first, second, first, second]) statuses.push((await send(host, '/admin/v1/password-resets', { email: 'nobody@example.com' }, '198.51.100.1')).status);
    expect(statuses).toEqual([204, 204, 204, 204, 204, 429]);
  });

  it('let five through of many at once, and the right password where there were fewer', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => logIn(n % 2 === 0 ? first : second, '198.51.100.2')));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(5).fill(401), ...Array<number>(35).fill(429)]);
    expect((await logIn(second, '198.51.100.2', RIGHT)).status).toBe(429);
    for (const host of [first, second, first, second]) expect((await logIn(host, '198.51.100.3')).status).toBe(401);
    expect((await logIn(second, '198.51.100.3', RIGHT)).status).toBe(201);
    for (const host of [first, second, first, second, first]) expect((await logIn(host, '198.51.100.3')).status).toBe(401);
    expect((await logIn(second, '198.51.100.3', RIGHT)).status).toBe(429);
  });

  it('count what comes from one address, and one IPv6 network, together', async () => {
    for (let n = 0; n < 20; n += 1) expect((await logIn(n % 2 === 0 ? first : second, `2001:db8:0:7::${n}`, undefined, `account${n}@example.com`)).status).toBe(401);
    expect([(await logIn(first, '2001:db8:0:7:1::', RIGHT)).status, (await logIn(second, '2001:db8:0:8::', RIGHT)).status]).toEqual([429, 201]);
  });

  it('store neither accounts nor addresses, and for 15 minutes', async () => {
    const { loginTries } = first.connected.collections;
    const rows = await loginTries.find().toArray();
    expect(rows.length).toBeGreaterThan(20);
    for (const { _id, schemaVersion, count, until, expireAt, ...rest } of rows) {
      expect([_id, schemaVersion, rest]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 1, {}]);
      expect([Number.isInteger(count), until <= Date.now() + 900_000, expireAt.getTime()]).toEqual([true, true, until]);
    }
    expect(await loginTries.indexes()).toContainEqual(expect.objectContaining({ key: { expireAt: 1 }, expireAfterSeconds: 0 }));
  });
});

describe('a store of tries', () => {
  let connected: Awaited<ReturnType<typeof openEmptyStore>>;
  beforeAll(async () => { connected = await openEmptyStore(); });
  afterAll(() => closeStore(connected));

  it.each<[string, () => LoginTryStore]>([['on MongoDB', () => createLoginTryStore(connected.collections)], ['in memory', memoryLoginTries]])('counts exactly, however many come at once: %s', async (_, make) => {
    const store = make();
    const count = (now = 1_000, most = 5, key = 'k') => store.countTry({ key, most, now, until: now + 100 });
    const ofMany = await Promise.all(Array.from({ length: 60 }, () => count()));
    expect(ofMany.filter(({ isCounted }) => isCounted).map((one) => one.count).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(ofMany.map(({ until }) => until)).toEqual(Array<number>(60).fill(1_100));
    // One back is one free; what is of another window, or of none, takes nothing back.
    await store.takeBackTries({ key: 'k', until: 1_100, count: 1 });
    await store.takeBackTries({ key: 'k', until: 1_099, count: 5 });
    await store.takeBackTries({ key: 'other', until: 1_100, count: 5 });
    expect([await count(1_050), await count(1_099)]).toEqual([{ key: 'k', until: 1_100, count: 5, isCounted: true }, { key: 'k', until: 1_100, count: 6, isCounted: false }]);
    // Nothing counted is no window; more than there are is none.
    await store.takeBackTries({ key: 'k', until: 1_100, count: 9 });
    expect(await count(1_060)).toEqual({ key: 'k', until: 1_160, count: 1, isCounted: true });
    expect(await count(1_060, 1)).toEqual({ key: 'k', until: 1_160, count: 2, isCounted: false });
    expect(await count(1_160, 1)).toEqual({ key: 'k', until: 1_260, count: 1, isCounted: true });
    expect(await count(1_160, 1, 'l')).toMatchObject({ count: 1, isCounted: true });
  });
});
