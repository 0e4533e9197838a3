import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { startHost, type TestHost } from '../support/start-host.js';

let host: TestHost;
let writeKey: string;
let secretKey: string;
let connectionId: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest' } });
  ({ writeKey, secretKey, connectionId } = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'site' }));
});
afterAll(() => host.stop());
beforeEach(() => host.connected.collections.inbox.deleteMany({}));

const basic = (key: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
const json = { 'content-type': 'application/json' };

async function post(path: string, body: unknown, headers: Record<string, string> = { ...basic(writeKey), ...json }): Promise<{ status: number; body: Record<string, never>; headers: Headers }> {
  const response = await fetch(host.url + path, { method: 'POST', headers, body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, never>, headers: response.headers };
}

interface StoredRecord { raw: Record<string, unknown>; record: { name: string; occurredAt: number; identities: unknown[] } | null; fault: { code: string } | null; isVerified: boolean; connectionId: string; isImport: boolean }

async function stored(): Promise<StoredRecord[]> {
  const documents = await host.connected.collections.inbox.find({}).toArray();
  return documents.flatMap(({ records }) => JSON.parse(records) as StoredRecord[]);
}

const event = { event: 'Product Viewed', anonymousId: 'a-1', messageId: 'm-1', properties: { sku: 's-1' } };

describe('the tracking API', () => {
  it('journals a call before it answers', async () => {
    await expect(post('/v1/track', event)).resolves.toMatchObject({ status: 200, body: { success: true } });
    await expect(stored()).resolves.toMatchObject([{ connectionId, isVerified: false, isImport: false, fault: null, raw: { type: 'track', event: 'Product Viewed' }, record: { name: 'Product Viewed' } }]);
  });

  it.each([
    ['/v1/track', '/v1/t', event], ['/v1/identify', '/v1/i', { userId: 'u', traits: {} }], ['/v1/page', '/v1/p', { userId: 'u', name: 'Home' }], ['/v1/screen', '/v1/s', { userId: 'u' }],
    ['/v1/group', '/v1/g', { userId: 'u', groupId: 'g' }], ['/v1/alias', '/v1/a', { userId: 'u', previousId: 'a' }], ['/v1/batch', '/v1/b', { batch: [{ type: 'track', ...event }] }],
  ])('takes %s and %s', async (long, short, body) => {
    await expect(post(long, body)).resolves.toMatchObject({ status: 200, body: { success: true } });
    await expect(post(short, body)).resolves.toMatchObject({ status: 200, body: { success: true } });
    const records = await stored();
    expect(records).toHaveLength(2);
    expect(records.map(({ fault }) => fault)).toEqual([null, null]);
  });

  it('takes the write key from Basic, Bearer, the body and the query, and never stores it', async () => {
    await expect(post('/v1/track', event, { authorization: `Bearer ${writeKey}`, ...json })).resolves.toMatchObject({ status: 200 });
    await expect(post('/v1/track', { ...event, writeKey }, json)).resolves.toMatchObject({ status: 200 });
    await expect(post(`/v1/track?writeKey=${writeKey}`, event, { 'content-type': 'text/plain' })).resolves.toMatchObject({ status: 200 });
    await expect(post('/v1/batch', { writeKey, batch: [{ type: 'track', ...event, writeKey }] }, json)).resolves.toMatchObject({ status: 200 });
    expect(JSON.stringify(await stored())).not.toContain(writeKey);
  });

  it('knows what a secret key proves', async () => {
    await post('/v1/track', event, { ...basic(secretKey), ...json });
    await expect(stored()).resolves.toMatchObject([{ isVerified: true }]);
  });

  it.each([['none', {}], ['a wrong one', basic(`pk_${'x'.repeat(43)}`)], ['a strange one', { authorization: 'Basic %%%' }], ['an admin token', { authorization: 'Bearer abc' }]])('answers 401 to %s as write key', async (_what, headers) => {
    const { status, body, headers: answered } = await post('/v1/track', event, { ...headers, ...json });
    expect({ status, code: body.code, type: answered.get('content-type') }).toEqual({ status: 401, code: 'UNAUTHENTICATED', type: 'application/problem+json; charset=utf-8' });
    await expect(stored()).resolves.toEqual([]);
  });

  it('takes an event and a batch up to their limits, inflated', async () => {
    const filled = (bytes: number, of: (text: string) => object): string => JSON.stringify(of('x'.repeat(bytes - JSON.stringify(of('')).length)));
    const one = (text: string): object => ({ ...event, properties: { text } });
    expect((await post('/v1/track', filled(32 * 1024, one))).status).toBe(200);
    expect((await post('/v1/track', filled(32 * 1024 + 1, one))).status).toBe(413);
    const many = (text: string): object => ({ batch: Array.from({ length: 20 }, (_, index) => ({ type: 'track', ...event, messageId: `b-${index}`, properties: { text: index < 16 ? 'y'.repeat(30_000) : '' } })), context: { text } });
    expect((await post('/v1/batch', filled(500 * 1024, many))).status).toBe(200);
    expect((await post('/v1/batch', filled(500 * 1024 + 1, many))).status).toBe(413);
    expect((await post('/v1/batch', gzipSync(filled(500 * 1024 + 1, many)), { ...basic(writeKey), ...json, 'content-encoding': 'gzip' })).status).toBe(413);
    expect(await stored()).toHaveLength(21);
  });

  it("corrects the sender's clock and keeps what it said", async () => {
    const sentAt = Date.now() - 3_600_000;
    await post('/v1/batch', { sentAt: new Date(sentAt).toISOString(), batch: [{ type: 'track', ...event, timestamp: new Date(sentAt - 10_000).toISOString() }] });
    const [record] = await stored();
    expect(Math.abs((record?.record?.occurredAt ?? 0) - (Date.now() - 10_000))).toBeLessThan(5_000);
    expect(record?.raw.originalTimestamp).toBe(new Date(sentAt - 10_000).toISOString());
  });

  it('keeps the bad messages of a batch apart', async () => {
    await expect(post('/v1/batch', { batch: [{ type: 'track', ...event }, { type: 'nonsense', userId: 'u' }, { type: 'track', event: 'Nobody Did' }, 'text', null] })).resolves.toMatchObject({ status: 200 });
    const faults = (await stored()).map(({ fault }) => fault?.code ?? null);
    expect(faults.sort()).toEqual(['INVALID_RECORD', 'MISSING_IDENTITY', 'MISSING_IDENTITY', 'MISSING_IDENTITY', null]);
  });
});

describe('hostile and broken requests to the tracking API', () => {
  const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
  it.each<[string, unknown, Record<string, string>, number, string, string?]>([
    ['no JSON', '{"a":', json, 400, 'MALFORMED_JSON'],
    ['nothing', '', json, 400, 'MALFORMED_JSON'],
    ['a list', '[]', json, 400, 'INVALID_REQUEST'],
    ['null', 'null', json, 400, 'INVALID_REQUEST'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), json, 400, 'MALFORMED_JSON'],
    ['gzip that is none', 'not gzip', { ...json, 'content-encoding': 'gzip' }, 400, 'MALFORMED_ENCODING'],
    ['an unknown encoding', '{}', { ...json, 'content-encoding': 'rot13' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a zip bomb', gzipSync(Buffer.alloc(20_000_000, 0x20)), { ...json, 'content-encoding': 'gzip' }, 413, 'PAYLOAD_TOO_LARGE'],
    ['a form', 'event=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['no content type', '{}', { 'content-type': '' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['too much for one event', JSON.stringify({ ...event, properties: { text: 'x'.repeat(33_000) } }), json, 413, 'PAYLOAD_TOO_LARGE'],
    ['far too much', 'x'.repeat(3_000_000), json, 413, 'PAYLOAD_TOO_LARGE'],
    ['a deep event', deep, json, 400, 'PAYLOAD_TOO_COMPLEX'],
    ['an abyss', '['.repeat(15_000), json, 400, 'MALFORMED_JSON'],
    ['a very deep event', `${'['.repeat(15_000)}${']'.repeat(15_000)}`, json, 400, 'PAYLOAD_TOO_COMPLEX'],
    ['many keys', JSON.stringify(Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`k${index}`, 1]))), json, 400, 'PAYLOAD_TOO_COMPLEX'],
    ['nobody named', { event: 'X' }, json, 400, 'INVALID_REQUEST'],
    ['an event without a name', { userId: 'u' }, json, 400, 'INVALID_REQUEST'],
    ['properties that are a text', { ...event, properties: 'x' }, json, 400, 'INVALID_REQUEST'],
    ['a batch that is none', { batch: {} }, json, 400, 'INVALID_REQUEST', '/v1/batch'],
    ['a batch with a deep event', `{"batch":[{},${deep}]}`, json, 400, 'PAYLOAD_TOO_COMPLEX', '/v1/batch'],
    ['a batch with a large event', { batch: [{}, { text: 'x'.repeat(33_000) }] }, json, 413, 'PAYLOAD_TOO_LARGE', '/v1/batch'],
    ['too large a batch', { batch: Array.from({ length: 30 }, () => ({ text: 'x'.repeat(20_000) })) }, json, 413, 'PAYLOAD_TOO_LARGE', '/v1/batch'],
  ])('answers %s with a problem', async (_what, body, headers, status, code, path = '/v1/track') => {
    const answer = await post(path, body, { ...basic(writeKey), ...headers });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body).toMatchObject({ title: expect.any(String), wayOut: expect.any(String), requestId: expect.any(String) });
    await expect(stored()).resolves.toEqual([]);
  });

  it('names the places that are wrong', async () => {
    const { body } = await post('/v1/batch', { batch: [{}, { text: 'x'.repeat(33_000) }] });
    expect(body.errors).toEqual([{ path: '/batch/1', message: 'is larger than 32 KB' }]);
    const { body: other } = await post('/v1/track', { userId: 'u', properties: 1 });
    expect((other.errors as unknown as { path: string }[]).map(({ path }) => path).sort()).toEqual(['/event', '/properties']);
  });

  it.each(['__proto__', '\\u005f_proto__', '_\\u005fproto\\u005F_'])('drops the key %s and harms nobody', async (key) => {
    const text = `{"event":"X","userId":"u","${key}":{"polluted":1},"properties":{"${key}":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"sku":"s"}}`;
    await expect(post('/v1/track', text)).resolves.toMatchObject({ status: 200 });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(JSON.stringify(await stored())).not.toContain('__proto__');
    await expect(stored()).resolves.toMatchObject([{ raw: { properties: { sku: 's' } } }]);
  });

  it('takes gzip', async () => {
    await expect(post('/v1/track', gzipSync(JSON.stringify(event)), { ...basic(writeKey), ...json, 'content-encoding': 'gzip' })).resolves.toMatchObject({ status: 200 });
  });

  it('takes text after a byte order mark', async () => {
    await expect(post('/v1/track', `\uFEFF${JSON.stringify(event)}`, { ...basic(writeKey), 'content-type': 'text/plain;charset=UTF-8' })).resolves.toMatchObject({ status: 200 });
  });

  it('answers unknown paths with 404 and other methods with 405', async () => {
    await expect(post('/v1/nothing', {})).resolves.toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    const response = await fetch(`${host.url}/v1/track`);
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({ status: 405, allow: 'POST' });
  });

  it.each(['/v1/%zz', '/v1/%E0%A4%A', '/hooks/%E0%A4%A', `/hooks/${'x'.repeat(300)}`])('answers the address %s with a problem', async (path) => {
    const { status, body, headers } = await post(path, {});
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', status, wayOut: expect.any(String), requestId: expect.any(String) });
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect(JSON.stringify(body)).not.toContain(path.split('/')[2]);
  });

  it.each([
    ['no HTTP at all', 'HELLO ana@example.com\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['two lengths', 'POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['endless headers', `POST /v1/track HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(40_000)}\r\n\r\n`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('answers %s with a problem, and hangs up', async (_what, bytes, status, code) => {
    const answer = await exchange(bytes);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual(expect.arrayContaining([expect.stringMatching(`^HTTP/1.1 ${status} `), 'Content-Type: application/problem+json; charset=utf-8', 'Connection: close']));
    expect(JSON.parse(body)).toMatchObject({ code, status, title: expect.any(String), wayOut: expect.any(String), requestId: expect.any(String) });
    expect(answer).not.toContain('ana@');
  });

  /** Writes bytes to the host's port, and gives all that comes back until it hangs up. */
  async function exchange(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
    socket.write(bytes);
    let answer = '';
    socket.on('data', (chunk: Buffer) => void (answer += chunk.toString()));
    // It may be cut while it is still written to.
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    return answer;
  }

  it('lets browsers of any site in', async () => {
    const preflight = await fetch(`${host.url}/v1/t`, { method: 'OPTIONS', headers: { origin: 'https://shop.example.com', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-retry-count' } });
    expect({ status: preflight.status, origin: preflight.headers.get('access-control-allow-origin'), headers: preflight.headers.get('access-control-allow-headers') }).toEqual({ status: 204, origin: '*', headers: 'authorization,x-retry-count' });
    const { headers } = await post('/v1/t', event);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const { headers: refused } = await post('/v1/t', event, json);
    expect(refused.get('access-control-allow-origin')).toBe('*');
  });
});

describe('the state of a source connection', () => {
  it.each([
    ['a draft', { status: 'draft' }, 403, 'CONNECTION_DISABLED'],
    ['paused', { status: 'paused' }, 403, 'CONNECTION_DISABLED'],
    ['without provenance', { provenance: null }, 422, 'PROVENANCE_MISSING'],
    ['without agreement', { agreementId: null }, 422, 'PROVENANCE_MISSING'],
    ['third-party', { provenance: { collection: 'third-party', statement: 'Bought.' } }, 403, 'PROVENANCE_THIRD_PARTY'],
  ] as const)('closes it: %s', async (_what, change, status, code) => {
    const other = await host.seed.source({ pluginId: 'web', capability: 'events', ...change });
    await expect(post('/v1/track', event, { ...basic(other.writeKey), ...json })).resolves.toMatchObject({ status, body: { code } });
    await expect(stored()).resolves.toEqual([]);
  });

  it('closes it within a second of the change', async () => {
    const other = await host.seed.source({ pluginId: 'web', capability: 'events' });
    const row = await host.repository.get<object>('connections', host.workspaceId, other.connectionId);
    await host.repository.update('connections', host.workspaceId, other.connectionId, row.version, { ...row.content, status: 'paused' }, Date.now());
    const changedAt = Date.now();
    let status = 200;
    while (status === 200 && Date.now() - changedAt < 1_000) ({ status } = await post('/v1/track', event, { ...basic(other.writeKey), ...json }));
    expect(status).toBe(403);
  });

  it('asks to try again when the connection itself is broken', async () => {
    const other = await host.seed.source({ pluginId: 'web', capability: 'events' });
    await host.seed.mapping(other.connectionId, { 'no.such.target': '{{x}}' });
    const { status, headers } = await post('/v1/track', event, { ...basic(other.writeKey), ...json });
    expect({ status, wait: headers.get('retry-after') }).toEqual({ status: 503, wait: '30' });
    expect(host.configuration.problems()).toMatchObject([{ kind: 'connections', id: other.connectionId, code: 'INVALID_MAPPING' }]);
    await expect(post('/v1/track', event)).resolves.toMatchObject({ status: 200 });
  });
});

describe('what a browser SDK asks for', () => {
  it('gets settings that point it here', async () => {
    const response = await fetch(`${host.url}/v1/projects/${writeKey}/settings`);
    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toMatchObject({ integrations: { 'Segment.io': { apiKey: writeKey, apiHost: `${new URL(host.url).host}/v1`, protocol: 'http' } } });
  });

  it('gets none for a secret key or a wrong one', async () => {
    expect((await fetch(`${host.url}/v1/projects/${secretKey}/settings`)).status).toBe(401);
    expect((await fetch(`${host.url}/v1/projects/x/settings`)).status).toBe(401);
  });
});

describe('imports', () => {
  let files: Awaited<ReturnType<TestHost['seed']['source']>>;
  beforeAll(async () => {
    files = await host.seed.source({ pluginId: 'csv', capability: 'contacts', id: 'files' });
  });
  const importFile = (body: string | Uint8Array, headers: Record<string, string> = {}, key = files.secretKey) => post('/import/files', body, { ...basic(key), 'content-type': 'text/csv', ...headers });

  it('takes a CSV file in chunks and reports its rows', async () => {
    const rows = Array.from({ length: 1_203 }, (_, index) => `c-${index},c${index}@example.com`);
    rows[600] = 'c-600,a,b,c,d';
    const { status, body } = await importFile(`customer_id,email\n${rows.join('\n')}\n`);
    expect({ status, body }).toEqual({ status: 200, body: { rows: 1_203, accepted: 1_202, quarantined: 0, refused: 1, errors: [{ path: '/601', message: 'The row has 5 cells, the header 2.' }] } });
    const records = await stored();
    expect(records).toHaveLength(1_202);
    expect(records[0]).toMatchObject({ isImport: true, isVerified: true });
  });

  it('takes gzipped NDJSON and reports its rows', async () => {
    const { status, body } = await importFile(gzipSync('{"customer_id":"c-1","email":"a@example.com"}\n\nnonsense\n{"customer_id":"c-2","email":"b@example.com"}'), { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' });
    expect({ status, body }).toEqual({ status: 200, body: { rows: 3, accepted: 2, quarantined: 0, refused: 1, errors: [{ path: '/2', message: 'The line is not valid JSON.' }] } });
  });

  it.each([
    ['a public key', {}, 401, (): string => files.writeKey], ['a key of another connection', {}, 401, (): string => secretKey],
    ['JSON', { 'content-type': 'application/json' }, 415, (): string => files.secretKey], ['broken gzip', { 'content-encoding': 'gzip' }, 400, (): string => files.secretKey],
    ['an unknown charset', { 'content-type': 'text/csv; charset=klingon' }, 415, (): string => files.secretKey],
  ])('refuses %s', async (_what, headers, status, key) => {
    await expect(importFile('customer_id,email\n1,a@example.com\n', headers, key())).resolves.toMatchObject({ status });
  });

  it('refuses another connection than the one of the key', async () => {
    await expect(post('/import/site', 'a\n1\n', { ...basic(files.secretKey), 'content-type': 'text/csv' })).resolves.toMatchObject({ status: 404 });
  });

  it('reads other charsets and refuses bytes that are in none', async () => {
    await expect(importFile(Buffer.from([...Buffer.from('customer_id,email,city\nc-1,a@example.com,'), 0xc9, 0xcf, 0xba, 0xa3]), { 'content-type': 'text/csv; charset=gb18030' })).resolves.toMatchObject({ status: 200 });
    expect(JSON.stringify(await stored())).toContain('上海');
    await expect(importFile(Buffer.from([...Buffer.from('customer_id,email\nc-1,'), 0xff, 0xfe]))).resolves.toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});

describe('operations', () => {
  it('tells its health and metrics to anybody', async () => {
    expect((await fetch(`${host.url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${host.url}/health/ready`);
    expect(ready.status).toBe(200);
    await expect(ready.json()).resolves.toMatchObject({ status: 'ok', details: { mongodb: { status: 'up' }, valkey: { status: 'up' }, configuration: { status: 'up' } } });
    await expect((await fetch(`${host.url}/metrics`)).text()).resolves.toMatch(/firsthand_http_request_duration_seconds_count\{plane="data",route="\/v1\/track",status="200"\} \d+/);
  });

  it('answers what is nowhere with 404', async () => {
    const response = await fetch(`${host.url}/nothing`);
    expect({ status: response.status, body: ((await response.json()) as { code: string }).code }).toEqual({ status: 404, body: 'NOT_FOUND' });
  });
});
