import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RateLimited, RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { fakeHttp, fakeLog, mapRecord, testSource } from '@firsthand/plugin-testing';
import { clientEvents } from './client-events.js';
import { productViewed } from './fixtures/product-viewed.js';
import plugin from './index.js';

const connection = { appId: 'wx4f4bc4dec97d474b', appSecret: 'app-secret', country: 'CN', currency: 'CNY' };
const SESSION_KEY = 'tiihtNczf5v6AKRyjwEUhQ==';
const IV = 'r7BXXKkLb8qrSNn05n0qiA==';
const SESSION = { openid: 'oExampleMember00000000000001', unionid: 'oExampleUnion0000000000000001', session_key: SESSION_KEY };
const person = [
  { namespace: 'unionid', value: 'oExampleUnion0000000000000001' },
  { namespace: 'openid', value: 'wx4f4bc4dec97d474b:oExampleMember00000000000001' },
];

testSource(plugin, 'client-events', {
  settings: connection,
  respond: () => ({ json: SESSION }),
  fixtures: [
    {
      name: 'an event with a login code', body: productViewed,
      expected: {
        name: 'Product Viewed', identities: [...person, { namespace: 'anonymousId', value: 'mp-mi5x2k00-0a1b2c3d4e5f' }], consents: { analytics: true, marketing: false },
        properties: { sku: 'RS-42-BLK', price: { amountMinor: 59900, currency: 'CNY' } }, context: { os: { name: 'HarmonyOS' }, locale: 'zh-CN' },
      },
    },
    { name: 'an event without one', body: { ...productViewed, context: {} }, expected: { identities: [{ namespace: 'anonymousId', value: 'mp-mi5x2k00-0a1b2c3d4e5f' }] } },
  ],
});

it('takes the body that the README shows', () => {
  const shown = JSON.parse(/```json\n(.*?)```/s.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))?.[1] ?? '') as { batch: JsonObject[] };
  expect(shown.batch.map((message) => mapRecord(clientEvents, message, connection).record)).toEqual([expect.objectContaining({
    type: 'track', name: 'Product Viewed', messageId: 'mp-…', occurredAt: Date.parse('2026-11-24T08:00:00.000Z'), identities: [{ namespace: 'anonymousId', value: 'mp-…' }], properties: { productId: 'p-507' }, consents: { analytics: true },
  })]);
});

describe('login codes', () => {
  const withCode = (loginCode: string, more: JsonObject = {}): JsonObject => ({ type: 'track', event: 'Cart Viewed', anonymousId: 'a-1', context: { wechat: { loginCode, ...more } } });
  const resolve = async (records: JsonValue[], respond: Parameters<typeof fakeHttp>[0] = { respond: () => ({ json: SESSION }) }, settings: Partial<typeof connection> = connection) => {
    const [http, log] = [fakeHttp(respond), fakeLog()];
    const resolved = await clientEvents.fetch?.({ records, settings: { appId: connection.appId, ...settings }, http, log, signal: new AbortController().signal });
    return { resolved: resolved ?? [], http, log };
  };
  const codeOf = (url: string) => new URL(url).searchParams.get('js_code') ?? '';

  it('are exchanged at WeChat, once each', async () => {
    const { http, resolved } = await resolve([withCode('code-1'), withCode('code-1'), withCode('code-2')]);
    expect(http.requests.map(({ url }) => codeOf(url))).toEqual(['code-1', 'code-2']);
    expect(http.requests[0]).toMatchObject({ method: 'GET', url: expect.stringMatching(/^https:\/\/api\.weixin\.qq\.com\/sns\/jscode2session\?appid=wx4f4bc4dec97d474b&secret=app-secret&/) });
    expect(resolved).toHaveLength(3);
  });

  it('leave neither themselves nor the session key behind', async () => {
    const { resolved, log } = await resolve([withCode('code-1', { encryptedData: 'x', iv: 'y' })]);
    expect(JSON.stringify([resolved, log.lines])).not.toMatch(/code-1|tiihtNcz|session_key|encryptedData/);
  });

  it('win over what the client claims to be', async () => {
    const record = withCode('code-1');
    record.context = { ...(record.context as JsonObject), externalIds: [{ type: 'openid', id: 'somebody-else' }, { type: 'other', id: 'x' }] };
    const { resolved } = await resolve([record]);
    expect(mapRecord(clientEvents, resolved[0] as JsonValue, connection).record?.identities).toEqual([...person, { namespace: 'anonymousId', value: 'a-1' }]);
  });

  it('bring the phone number that was encrypted for their session', async () => {
    const cipher = createCipheriv('aes-128-cbc', Buffer.from(SESSION_KEY, 'base64'), Buffer.from(IV, 'base64'));
    const data = JSON.stringify({ phoneNumber: '13912345678', purePhoneNumber: '13912345678', countryCode: '86', watermark: { appid: connection.appId } });
    const encryptedData = Buffer.concat([cipher.update(data), cipher.final()]).toString('base64');
    const { resolved } = await resolve([withCode('code-1', { encryptedData, iv: IV }), withCode('code-1', { encryptedData: 'AAAA', iv: IV })]);
    const identities = resolved.map((record) => mapRecord(clientEvents, record as JsonValue, connection).record?.identities);
    expect(identities[0]).toContainEqual({ namespace: 'phone', value: '+8613912345678' });
    expect(identities[1]).toEqual([...person, { namespace: 'anonymousId', value: 'a-1' }]);
  });

  it.each([40029, 40163, 40226])('that say nothing (%i) leave the person anonymous', async (errcode) => {
    const { resolved } = await resolve([withCode('code-1')], { respond: () => ({ json: { errcode, errmsg: 'invalid code' } }) });
    expect(resolved).toEqual([{ type: 'track', event: 'Cart Viewed', anonymousId: 'a-1', context: {} }]);
  });

  it.each([
    ['is busy', { json: { errcode: -1 } }, RetryableError],
    ['asks to wait', { json: { errcode: 45011 } }, RateLimited],
    ['fails', { status: 502 }, RetryableError],
  ])('wait while WeChat %s, as long as they live', async (_, answer, error) => {
    const receivedAt = (agoMs: number) => new Date(Date.now() - agoMs).toISOString();
    await expect(resolve([{ ...withCode('code-1'), receivedAt: receivedAt(1_000) }], { respond: () => answer })).rejects.toThrow(error);
    const { resolved } = await resolve([{ ...withCode('code-1'), receivedAt: receivedAt(301_000) }], { respond: () => answer });
    expect(resolved).toEqual([expect.objectContaining({ context: {} })]);
  });

  it('hold up nothing when WeChat refuses the AppSecret', async () => {
    const { resolved, log } = await resolve([{ ...withCode('code-1'), receivedAt: new Date().toISOString() }], { respond: () => ({ json: { errcode: 40125 } }) });
    expect(resolved).toEqual([expect.objectContaining({ context: {} })]);
    expect(log.lines).toEqual([expect.stringContaining('InvalidCredentials')]);
  });

  it('are exchanged many at once, in the order of their records', async () => {
    let open = 0;
    let most = 0;
    const records = Array.from({ length: 40 }, (_, index) => withCode(`code-${index}`));
    const { resolved } = await resolve(records, {
      async respond({ url }) {
        open += 1;
        most = Math.max(most, open);
        await Promise.resolve();
        open -= 1;
        return { json: { ...SESSION, openid: `o-${codeOf(url)}` } };
      },
    });
    expect(most).toBe(16);
    expect(resolved.map((record) => JSON.stringify(record).match(/o-(code-\d+)/)?.[1])).toEqual(records.map((_, index) => `code-${index}`));
  });

  it('that were exchanged are not lost when WeChat fails for a later one', async () => {
    const { resolved, log } = await resolve([withCode('code-1'), { ...withCode('code-2'), receivedAt: new Date().toISOString() }], { respond: ({ url }) => ({ json: codeOf(url) === 'code-1' ? SESSION : { errcode: -1 } }) });
    expect(resolved).toEqual([expect.objectContaining({ context: { externalIds: expect.any(Array) } }), expect.objectContaining({ context: {} })]);
    expect(log.lines).toHaveLength(1);
  });

  it('are dropped with a warning while there is no AppSecret', async () => {
    const { resolved, http, log } = await resolve([withCode('code-1')], undefined, { appSecret: '' });
    expect(http.requests).toEqual([]);
    expect(resolved).toEqual([{ type: 'track', event: 'Cart Viewed', anonymousId: 'a-1', context: {} }]);
    expect(log.lines).toHaveLength(1);
  });

  it('of the wrong shape pass by', async () => {
    const records: JsonValue[] = [null, 'x', { context: null }, { context: { wechat: { loginCode: 7 } } }];
    expect((await resolve(records)).resolved).toEqual(records);
  });
});
