import { startHost, type TestHost } from '../support/start-host.js';

let host: TestHost;
let authorization: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
  const session = await fetch(`${host.url}/admin/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword }) });
  authorization = `Bearer ${((await session.json()) as { token: string }).token}`;
});
afterAll(() => host.stop());

async function answerTo(path: string, body: string, headers: Record<string, string> = {}): Promise<[number, string | undefined, string | null]> {
  const response = await fetch(`${host.url}/admin/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json', authorization, ...headers }, body });
  return [response.status, ((await response.json()) as { code?: string }).code, response.headers.get('content-type')];
}

const nested = (levels: number): string => `${'{"all":['.repeat(levels)}${']}'.repeat(levels)}`;
const PROBLEM = 'application/problem+json; charset=utf-8';

it('answers a body that is no JSON by its own code', async () => {
  expect(await answerTo('/mappings/preview', '{"mapping":')).toEqual([400, 'MALFORMED_JSON', PROBLEM]);
});

it.each([['/mappings/preview', `{"mapping":{},"sample":${nested(10_000)}}`], ['/flows', `{"name":"f","steps":[{"type":"filter","condition":${nested(2_500)}}]}`]])(
  'refuses a body on %s that is nested so deep that walking through it would overflow', async (path, body) => {
    expect(await answerTo(path, body)).toEqual([400, 'PAYLOAD_TOO_COMPLEX', PROBLEM]);
  });

it.each(['gzip', 'deflate', 'br'])('answers a body that is no %s by its own code', async (encoding) => {
  expect(await answerTo('/mappings/preview', '{"connectionId":"shop"}', { 'content-encoding': encoding })).toEqual([400, 'MALFORMED_ENCODING', PROBLEM]);
});

it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', ''])('refuses a body of the type "%s"', async (type) => {
  expect(await answerTo('/purposes', '{"key":"marketing"}', { 'content-type': type })).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE', PROBLEM]);
});

it('takes JSON with a charset, and a call that needs no body without one', async () => {
  expect(await answerTo('/purposes', '{"key":5}', { 'content-type': 'application/json; charset=utf-8' })).toEqual([400, 'INVALID_REQUEST', PROBLEM]);
  const response = await fetch(`${host.url}/admin/v1/connections/nowhere/pause`, { method: 'POST', headers: { authorization } });
  expect(response.status).toBe(404);
});

it('takes a form on a privacy page', async () => {
  const response = await fetch(`${host.url}/privacy/${host.workspaceId}`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'token=none' });
  expect(response.status).not.toBe(415);
});
