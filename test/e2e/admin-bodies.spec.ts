import { startHost, type TestHost } from '../support/start-host.js';

let host: TestHost;
let authorization: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
  const session = await fetch(`${host.url}/admin/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword }) });
  authorization = `Bearer ${((await session.json()) as { token: string }).token}`;
});
afterAll(() => host.stop());

async function answerTo(path: string, body: string): Promise<[number, string | undefined, string | null]> {
  const response = await fetch(`${host.url}/admin/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body });
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
