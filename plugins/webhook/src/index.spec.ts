import { readFileSync } from 'node:fs';
import { InvalidCredentials, RetryableError, type HttpRequest, type JsonObject, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import { fakeHttp, fakeLog, mapPayload, testDestination, type FakeHttp, type FakeRespond } from '@firsthand/plugin-testing';
import { Webhook } from 'standardwebhooks';
import plugin from './index.js';

type DestinationName = 'send-event' | 'send-profile' | 'sync-segment';

const url = 'https://crm.example.com/firsthand';
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const identities = { email: 'ana@example.com', userId: 'u-20481' };
const event = { type: 'track', name: 'Order Completed', messageId: 'm-1', occurredAt: '2026-11-24T08:00:00.000Z', properties: { coupon: 'AUTUMN' } };
const profile = { firstName: 'Ana', city: 'Shanghai' };
const payloads: Record<DestinationName, JsonObject[]> = {
  'send-event': [{ identities, event, profile }, { identities: { email: 'li@example.com' }, event }],
  'send-profile': [{ identities, profile }, { identities: { phone: '+8613912345678' }, profile }],
  'sync-segment': [{ identities, segmentId: 'seg-1', segmentName: 'Big baskets' }, { identities: { email: 'li@example.com' }, segmentId: 'seg-1' }],
};

for (const [name, of] of Object.entries(payloads)) {
  for (const arrays of [false, true]) describe(arrays ? 'in lists' : 'one by one', () => testDestination(plugin, name, { settings: { url, secret, arrays }, payloads: of }));
}

type Handler = 'sendBatch' | 'addMembers' | 'removeMembers' | 'erase';
const now = Math.floor(Date.now() / 1000) * 1000;

async function run(destination: DestinationName, handler: Handler, items: readonly SendItem<JsonObject>[], { arrays = false, respond, at = now }: { arrays?: boolean; respond?: FakeRespond; at?: number } = {}): Promise<{ http: FakeHttp; results: SendResult[] | undefined }> {
  const http = fakeHttp({ respond });
  const context = { settings: { url, secret, arrays }, http, log: fakeLog(), signal: new AbortController().signal, now: at, items };
  return { http, results: await plugin.destinations?.[destination]?.[handler]?.(context) };
}

/** What a receiver with the reference library reads. Throws when the signature is not good. */
function open(request: HttpRequest | undefined): unknown {
  return new Webhook(secret).verify(request?.text ?? '', request?.headers ?? {});
}

const item = (idempotencyKey: string, payload: JsonObject = { identities, event }): SendItem<JsonObject> => ({ payload, idempotencyKey });

describe('a call', () => {
  const asked: JsonObject[] = [{ identities, data: { city: 'Shanghai' } }, { identities: { email: 'li@example.com' } }];
  testDestination(plugin, 'call-endpoint', { settings: { url, secret }, payloads: asked, respond: () => ({ json: { score: 7 } }) });

  it('posts what the step maps, signed, and gives the answer', async () => {
    const http = fakeHttp({ respond: () => ({ json: { score: 7, tags: ['new'] } }) });
    const context = { settings: { url, secret, arrays: true }, http, log: fakeLog(), signal: new AbortController().signal, now };
    expect(await plugin.destinations?.['call-endpoint']?.ask?.({ ...context, ...item('dlv-1', asked[0]) })).toEqual({ score: 7, tags: ['new'] });
    expect(open(http.requests[0])).toEqual({ id: 'dlv-1', type: 'call', timestamp: new Date(now).toISOString(), data: asked[0] });
  });
});

describe('one by one', () => {
  it('posts what the reference library takes, with the key as its id', async () => {
    const { http } = await run('send-event', 'sendBatch', [item('dlv-1', { identities, event, profile })]);
    expect(http.requests).toHaveLength(1);
    expect(http.requests[0]).toMatchObject({ method: 'POST', url, headers: { 'content-type': 'application/json', 'webhook-id': 'dlv-1' } });
    expect(open(http.requests[0])).toEqual({ id: 'dlv-1', type: 'event', timestamp: new Date(now).toISOString(), data: { identities, event, profile } });
  });

  it.each<[DestinationName, Handler, string]>([
    ['send-profile', 'sendBatch', 'profile.updated'],
    ['send-profile', 'erase', 'person.removed'],
    ['send-event', 'erase', 'person.removed'],
    ['sync-segment', 'addMembers', 'segment.entered'],
    ['sync-segment', 'removeMembers', 'segment.left'],
    ['sync-segment', 'erase', 'person.removed'],
  ])('%s %s says %s', async (destination, handler, type) => {
    const { http } = await run(destination, handler, [item('dlv-1', { identities, segmentId: 'seg-1' })]);
    expect(open(http.requests[0])).toMatchObject({ type, data: { identities, segmentId: 'seg-1' } });
  });

  it('posts what the README shows', async () => {
    const [, heads = '', shown = ''] = /```http\n(.*?)\n\n(.*?)```/s.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? [];
    const { id, timestamp, data } = JSON.parse(shown) as { id: string; timestamp: string; data: JsonObject };
    const { http } = await run('send-event', 'sendBatch', [item(id, data)], { at: Date.parse(timestamp) });
    const { headers = {}, text } = http.requests[0] as HttpRequest;
    expect(JSON.parse(text ?? '')).toEqual(JSON.parse(shown));
    const [, ...lines] = heads.split('\n').map((line) => line.split(': ', 2));
    expect(lines.map(([name, value]) => (name === 'webhook-signature' ? [name, value?.split(',')[0]] : [name, value]))).toEqual(lines.map(([name = '']) => [name, name === 'webhook-signature' ? headers[name]?.split(',')[0] : headers[name]]));
    expect(mapPayload(plugin.destinations?.['send-event'] ?? { fields: {} })).toMatchObject({ values: { identities: expect.anything(), event: Object.fromEntries(Object.keys(data.event as JsonObject).map((name) => [name, expect.anything()])), profile: expect.anything() } });
  });

  it('gives each item its own result', async () => {
    const statuses: Record<string, number> = { 'a-1': 422, 'a-2': 503 };
    const { results } = await run('send-event', 'sendBatch', ['a-1', 'a-2', 'a-3'].map((key) => item(key)), { respond: ({ headers }) => ({ status: statuses[headers?.['webhook-id'] ?? ''] ?? 204 }) });
    expect(results?.map((result) => (result.ok ? 'ok' : result.error.name))).toEqual(['InvalidPayload', 'RetryableError', 'ok']);
  });
});

describe('in lists', () => {
  it('posts one signed list, with the same id when it is repeated', async () => {
    const items = [item('dlv-1'), item('dlv-2')];
    const ids = [];
    for (const some of [items, items, items.slice(1)]) {
      const { http } = await run('send-event', 'sendBatch', some, { arrays: true });
      expect(http.requests).toHaveLength(1);
      expect(open(http.requests[0])).toMatchObject(some.map(({ idempotencyKey }) => ({ id: idempotencyKey, type: 'event', data: { identities, event } })));
      ids.push(http.requests[0]?.headers?.['webhook-id']);
    }
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('finds the one message that the receiver refuses', async () => {
    const items = ['k-1', 'k-2', 'bad', 'k-4'].map((key) => item(key));
    const { results } = await run('send-event', 'sendBatch', items, { arrays: true, respond: ({ text }) => ({ status: text?.includes('"bad"') ? 400 : 200 }) });
    expect(results?.map(({ ok }) => ok)).toEqual([true, true, false, true]);
  });
});

it.each(['send-event', 'send-profile', 'sync-segment'] as const)('%s has a default mapping that fills every required field', (name) => {
  const destination = plugin.destinations?.[name];
  const mapped = mapPayload(destination ?? { fields: {} });
  expect(mapped).toMatchObject({ ok: true, values: { identities: { userId: 'u-20481', email: 'ana@example.com', phone: '+8613912345678' } } });
  if (name === 'send-event') {
    expect(mapped).toMatchObject({ values: { event: { type: 'track', name: 'Order Completed', occurredAt: '2026-11-24T08:00:00.000Z', messageId: 'm-1', properties: { coupon: 'AUTUMN' } } } });
  }
});

describe('testConnection', () => {
  const test = (status: number, changed: JsonObject = {}): [Promise<void> | undefined, FakeHttp] => {
    const http = fakeHttp({ respond: () => ({ status }) });
    return [plugin.testConnection?.({ settings: { url, secret, ...changed }, http, log: fakeLog(), signal: new AbortController().signal, now }), http];
  };

  it('posts a signed message of its own', async () => {
    const [done, http] = test(204);
    await done;
    expect(open(http.requests[0])).toMatchObject({ type: 'connection.tested', data: {} });
  });

  it('tells refused credentials and a failing receiver apart', async () => {
    await expect(test(401)[0]).rejects.toThrow(InvalidCredentials);
    await expect(test(503)[0]).rejects.toThrow(RetryableError);
    for (const status of [404, 405]) await expect(test(status)[0]).rejects.toMatchObject({ code: 'ENDPOINT_MISSING' });
    await expect(test(200, { secret: 'plain' })[0]).rejects.toThrow(InvalidCredentials);
  });
});
