import { startHost, type TestHost } from '../support/start-host.js';

let host: TestHost;
afterEach(() => host.stop());

interface Answer { status: number; code: string | undefined; retryAfter: string | null; exposed: string | null }

async function post(path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(host.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, code, retryAfter: response.headers.get('retry-after'), exposed: response.headers.get('access-control-expose-headers') };
}

describe('a public write key', () => {
  let notice: (key: 'public' | 'secret') => Promise<Response>;
  const event = { type: 'track', event: 'Product Viewed', anonymousId: 'a-1' };

  async function start(perSecond: string): Promise<(key: 'public' | 'secret' | 'other', events: number) => Promise<Answer>> {
    host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest', FIRSTHAND_PUBLIC_KEY_EVENTS_PER_SECOND: perSecond } });
    const site = await host.seed.source({ pluginId: 'web', capability: 'events' });
    const other = await host.seed.source({ pluginId: 'web', capability: 'events' });
    const keys = { public: site.writeKey, secret: site.secretKey, other: other.writeKey };
    notice = (key) => fetch(`${host.url}/v1/notice?agreementId=none&version=1&language=en`, { headers: { authorization: `Bearer ${keys[key]}` } });
    return (key, events) => post('/v1/batch', { batch: Array.from({ length: events }, () => event) }, { authorization: `Bearer ${keys[key]}` });
  }

  it('may send no more than the operator says, and is told when to come back', async () => {
    const send = await start('1');
    expect((await send('public', 60)).status).toBe(200);
    const limited = await send('public', 1);
    expect(limited).toMatchObject({ status: 429, code: 'RATE_LIMITED', exposed: 'retry-after' });
    expect(Number(limited.retryAfter)).toBeGreaterThan(40);
    expect(await host.connected.collections.inbox.countDocuments({ count: { $gte: 1 } })).toBeGreaterThan(0);
    // Ids of notices are no way around it.
    expect([(await notice('public')).status, (await notice('secret')).status]).toEqual([429, 404]);
    expect((await send('other', 1)).status).toBe(200);
    for (let n = 0; n < 3; n += 1) expect((await send('secret', 60)).status).toBe(200);
  });

  it('may send anything when the operator sets no limit', async () => {
    const send = await start('0');
    for (let n = 0; n < 3; n += 1) expect((await send('public', 60)).status).toBe(200);
  });
});

describe('failed logins', () => {
  /** Twenty accounts that are not there, from one client. */
  async function guess(forwardedFor: (n: number) => string): Promise<void> {
    for (let n = 0; n < 20; n += 1) await logIn(`account${n}@example.com`, forwardedFor(n));
  }
  const logIn = (email: string, forwardedFor: string): Promise<Answer> => post('/admin/v1/sessions', { email, password: 'not the password' }, { 'x-forwarded-for': forwardedFor });

  it('behind a proxy are counted by client, whatever else the client writes into the header', async () => {
    host = await startHost({ env: { FIRSTHAND_ROLES: 'admin', FIRSTHAND_TRUSTED_PROXIES: '1' } });
    await guess((n) => `10.0.0.${n}, 198.51.100.7`);
    expect((await logIn('owner@example.com', '198.51.100.7')).status).toBe(429);
    expect((await logIn('owner@example.com', '198.51.100.8')).status).toBe(401);
  });

  it('behind two proxies are counted by the address that the first of them saw', async () => {
    host = await startHost({ env: { FIRSTHAND_ROLES: 'admin', FIRSTHAND_TRUSTED_PROXIES: '2' } });
    await guess((n) => `10.0.0.${n}, 198.51.100.7, 203.0.113.1`);
    expect((await logIn('owner@example.com', '198.51.100.7, 203.0.113.2')).status).toBe(429);
    expect((await logIn('owner@example.com', '198.51.100.8, 203.0.113.1')).status).toBe(401);
  });

  it('without a proxy cannot be spread over made-up addresses', async () => {
    host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
    await guess((n) => `198.51.100.${n}`);
    expect((await logIn('owner@example.com', '198.51.100.99')).status).toBe(429);
  });
});
