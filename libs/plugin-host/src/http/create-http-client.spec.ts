import type { LookupAddress } from 'node:dns';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidPayload, RetryableError, type HttpRequest, type HttpResponse } from '@firsthand/plugin-sdk';
import { createHttpClient, type HostHttpClient } from './create-http-client.js';

interface Seen { method: string; url: string; headers: IncomingMessage['headers']; body: string }

const seen: Seen[] = [];
let connections = 0;
let server: Server;
let origin: string;
let port: number;

const answers: Record<string, (response: ServerResponse) => void> = {
  '/ok': (response) => response.writeHead(201, { 'x-a': ['1', '2'], 'content-type': 'application/json' }).end('{"ok":true}'),
  '/redirect': (response) => response.writeHead(302, { location: '/ok' }).end(),
  '/large': (response) => response.end('x'.repeat(5000)),
  '/endless': (response) => { const more = (): void => { if (response.writable) response.write('x'.repeat(65_536), more); }; more(); },
  '/silent': () => undefined,
  '/stuck': (response) => { response.writeHead(200).write('start'); },
  '/reset': (response) => { response.socket?.destroy(); },
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      (answers[(request.url ?? '').split('?')[0] ?? ''] ?? answers['/ok'])?.(response);
    });
  });
  server.on('connection', () => { connections += 1; });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  ({ port } = server.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
});
beforeEach(() => { seen.length = 0; connections = 0; });
afterAll(() => { server.closeAllConnections(); server.close(); });

describe('createHttpClient', () => {
  let http: HostHttpClient;
  beforeAll(() => { http = createHttpClient({ allowPrivateAddresses: true, userAgent: 'Firsthand/test', maxBodyBytes: 4096 }); });
  afterAll(() => http.close());
  const get = (path: string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> => http.request({ method: 'GET', url: `${origin}${path}`, ...more });

  it('sends JSON and gives status, headers and body', async () => {
    const response = await http.request({ method: 'POST', url: `${origin}/ok?a=b%20c`, headers: { 'X-Key': 'k' }, json: { name: 'Ærø' } });
    expect({ status: response.status, a: response.headers['x-a'], json: response.json() }).toEqual({ status: 201, a: '1, 2', json: { ok: true } });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/ok?a=b%20c', body: '{"name":"Ærø"}', headers: { 'x-key': 'k', 'content-type': 'application/json', 'user-agent': 'Firsthand/test' } });
  });

  it('sends a form, or a text with the content type that the plugin names', async () => {
    await http.request({ method: 'PUT', url: `${origin}/ok`, form: { a: 'b c', d: '&' } });
    await http.request({ method: 'PATCH', url: `${origin}/ok`, text: 'a,b', headers: { 'Content-Type': 'text/csv' } });
    expect(seen.map(({ method, body, headers }) => [method, body, headers['content-type']])).toEqual([
      ['PUT', 'a=b+c&d=%26', 'application/x-www-form-urlencoded'],
      ['PATCH', 'a,b', 'text/csv'],
    ]);
  });

  it('keeps a socket for the next request to the same origin', async () => {
    await get('/ok');
    await get('/ok');
    expect(seen).toHaveLength(2);
    expect(connections).toBeLessThanOrEqual(1);
  });

  it('does not follow a redirect', async () => {
    await expect(get('/redirect')).resolves.toMatchObject({ status: 302, headers: { location: '/ok' } });
    expect(seen).toHaveLength(1);
  });

  it('cuts a large answer off, and does not wait for an endless one', async () => {
    expect((await get('/large')).text).toBe('x'.repeat(4096));
    expect((await get('/endless')).text).toHaveLength(4096);
  });

  it('is retryable when the answer is not JSON', async () => {
    const response = await get('/large');
    expect(() => response.json()).toThrow(RetryableError);
  });

  it.each(['/silent', '/stuck'])('is retryable when time is up (%s)', async (path) => {
    await expect(get(path, { timeoutMs: 40 })).rejects.toThrow(RetryableError);
  });

  it('is retryable when the connection breaks or is refused, and tells no URL', async () => {
    await expect(get('/reset?email=ana@example.com')).rejects.toThrow(RetryableError);
    await expect(http.request({ method: 'GET', url: 'http://127.0.0.1:1/?email=ana@example.com' })).rejects.toThrow(/^The request failed on the network \(ECONNREFUSED\)\.$/);
  });

  it('stops at once when the caller aborts', async () => {
    const controller = new AbortController();
    const call = expect(http.request({ method: 'GET', url: `${origin}/silent` }, { signal: controller.signal })).rejects.toThrow(RetryableError);
    setImmediate(() => controller.abort());
    await call;
    await expect(http.request({ method: 'GET', url: `${origin}/ok` }, { signal: controller.signal })).rejects.toThrow(RetryableError);
  });

  it.each<[string, Partial<HttpRequest>]>([
    ['two bodies', { json: {}, text: '' }],
    ['a URL that is none', { url: 'api/users' }],
    ['another protocol', { url: 'file:///etc/passwd' }],
    ['a URL with a password', { url: 'http://me:secret@127.0.0.1/' }],
    ['a header that cannot be sent', { headers: { 'x-a': 'a\r\nx-b: c' } }],
  ])('never sends %s', async (_, request) => {
    await expect(http.request({ method: 'POST', url: `${origin}/ok`, ...request })).rejects.toThrow(InvalidPayload);
    expect(seen).toHaveLength(0);
  });
});

it('opens a socket for each request that is under way, and sends nothing that got one too late', async () => {
  const http = createHttpClient({ allowPrivateAddresses: true, userAgent: 'Firsthand/test' });
  const stop = new AbortController();
  const stuck = Array.from({ length: 60 }, () => http.request({ method: 'GET', url: `${origin}/silent` }, { signal: stop.signal }));
  await expect(http.request({ method: 'GET', url: `${origin}/ok` })).resolves.toMatchObject({ status: 201 });
  stop.abort();
  await Promise.allSettled(stuck);
  seen.length = 0;
  await expect(http.request({ method: 'GET', url: `${origin}/ok` }, { startWithinMs: -1 })).rejects.toThrow(RetryableError);
  await expect(http.request({ method: 'GET', url: `${origin}/ok` }, { startWithinMs: 5_000 })).resolves.toMatchObject({ status: 201 });
  expect(seen).toHaveLength(1);
  await http.close();
});

describe('createHttpClient, with private addresses forbidden', () => {
  const asked: string[] = [];
  let http: HostHttpClient;
  beforeAll(() => {
    http = createHttpClient({
      allowPrivateAddresses: false, userAgent: 'Firsthand/test',
      lookup: (hostname, _options, done) => {
        asked.push(hostname);
        done(null, ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1'].map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })));
      },
    });
  });
  afterAll(() => http.close());

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254'])('refuses the address %s without a connection', async (host) => {
    await expect(http.request({ method: 'GET', url: `http://${host}:${port}/ok` })).rejects.toThrow(InvalidPayload);
    expect(connections).toBe(0);
  });

  it.each(['http', 'https'])('refuses a name that resolves to private addresses, on %s', async (protocol) => {
    await expect(http.request({ method: 'GET', url: `${protocol}://rebound.example:${port}/ok` })).rejects.toThrow(InvalidPayload);
    expect(asked).toContain('rebound.example');
    expect(connections).toBe(0);
  });
});
