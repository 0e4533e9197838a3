import { createDictionary } from '@firsthand/domain';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';

let host: TestHost;
let owner: AdminClient;
let admin: AdminClient;
let integrator: AdminClient;
const PASSWORD = 'correct horse battery staple';

interface Response { content?: Record<string, { schema?: unknown; example?: unknown; examples?: object }> }
interface Operation { security?: unknown; responses: Record<string, Response>; parameters?: { name: string }[]; summary?: string; description?: string; requestBody?: { content: Record<string, { schema: unknown }> } }
type Document = { paths: Record<string, Record<string, Operation>>; components: { securitySchemes: Record<string, unknown>; schemas: Record<string, { example?: unknown; properties?: Record<string, { description?: string }> }> } };

async function openApi(): Promise<Document> {
  return (await (await fetch(`${host.url}/docs-json`)).json()) as Document;
}

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  for (const role of ['admin', 'integrator']) {
    await owner.post('/users', { email: `${role}@example.com`, name: role, roles: [role], password: PASSWORD });
  }
  [admin, integrator] = await Promise.all([logIn(host.url, 'admin@example.com', PASSWORD), logIn(host.url, 'integrator@example.com', PASSWORD)]);
});
afterAll(() => host.stop());

describe('routes', () => {
  const PUBLIC = ['GET /.well-known/jwks.json', 'POST /admin/v1/sessions', 'POST /admin/v1/invitations/accept', 'POST /admin/v1/password-resets', 'POST /admin/v1/password-resets/confirm', 'GET /dictionary', 'GET /dictionary.md', 'GET /opendsr/v2/certificate.pem', 'GET /opendsr/v2/discovery', 'GET /privacy.js', 'GET /privacy/{workspace}', 'POST /privacy/{workspace}', 'POST /privacy/{workspace}/codes', 'POST /privacy/{workspace}/codes/confirm', 'GET /privacy/{workspace}/confirmations', 'POST /privacy/{workspace}/confirmations', 'POST /privacy/{workspace}/confirmations/codes', 'POST /privacy/{workspace}/copies/{id}', 'GET /privacy/{workspace}/exports/{id}', 'POST /privacy/{workspace}/exports/{id}', 'POST /privacy/{workspace}/requests', 'POST /privacy/{workspace}/requests/lift-restriction', 'POST /privacy/{workspace}/requests/{id}/cancel'];

  it('are closed without credentials, all but the listed ones', async () => {
    const { paths } = await openApi();
    const open: string[] = [];
    let count = 0;
    for (const [path, operations] of Object.entries(paths)) {
      if (/^\/(v1|hooks|import)\b/.test(path)) continue;
      for (const method of Object.keys(operations)) {
        count += 1;
        const verb = method.toUpperCase();
        const hasBody = verb === 'POST' || verb === 'PUT';
        const response = await fetch(host.url + path.replaceAll(/\{\w+\}/g, host.workspaceId), { method: verb, redirect: 'manual', ...(hasBody ? { headers: { 'content-type': 'application/json' }, body: '{}' } : {}) });
        if (PUBLIC.includes(`${verb} ${path}`)) {
          open.push(`${verb} ${path}`);
          continue;
        }
        expect([verb, path, response.status]).toEqual([verb, path, 401]);
        expect(response.headers.get('content-type')).toContain('application/problem+json');
      }
    }
    expect(open.sort()).toEqual([...PUBLIC].sort());
    expect(count).toBeGreaterThan(60);
  });

  it('stand in the document with permission, errors, schema and example', async () => {
    const { paths, components } = await openApi();
    expect(Object.keys(components.securitySchemes)).toEqual(expect.arrayContaining(['session', 'api-key']));
    for (const [path, operations] of Object.entries(paths).filter(([name]) => name.startsWith('/admin/'))) {
      for (const [method, { summary, description, responses, requestBody }] of Object.entries(operations)) {
        const name = `${method} ${path}`;
        expect([name, typeof summary, /Needs the permission|No credentials/.test(description ?? '')]).toEqual([name, 'string', true]);
        expect([name, Object.keys(responses).some((status) => status.startsWith('2')), Object.keys(responses).some((status) => status.startsWith('5'))]).toEqual([name, true, true]);
        for (const [status, { content = {} }] of Object.entries(responses).filter(([code]) => code !== '204')) {
          const [media] = Object.values(content);
          expect([name, status, media?.schema !== undefined, (media?.example ?? media?.examples) !== undefined]).toEqual([name, status, true, true]);
        }
        const schema = requestBody?.content['application/json']?.schema;
        if (schema !== undefined) expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(['400', '413', '415'])]);
        if ((method === 'post' || method === 'put') && requestBody !== undefined) {
          expect([name, schema !== undefined && JSON.stringify(schema) !== '{}']).toEqual([name, true]);
          expect([name, hasExample(schema, components.schemas)]).toEqual([name, true]);
        }
      }
    }
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v1/track', '/admin/v1/flows/{id}/dry-run']));
  });

  it('of every plane, the data plane too, say what they answer: a schema for each body, and an example of all but whole pages', async () => {
    const { paths, components } = await openApi();
    const bare: string[] = [];
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        for (const [status, { content = {} }] of Object.entries(responses).filter(([code]) => code !== '204' && !code.startsWith('3'))) {
          const media = Object.entries(content);
          const isSaid = media.length > 0 && media.every(([type, { schema, example, examples }]) => typeOf(schema, components.schemas) !== undefined && (/^text\/(html|markdown)$/.test(type) || (example ?? examples) !== undefined));
          if (!isSaid) bare.push(`${method} ${path} ${status}`);
        }
      }
    }
    expect(bare).toEqual([]);
    expect(Object.keys(paths).filter((path) => /^\/(v1|hooks|import)\b/.test(path)).length).toBeGreaterThan(9);
  });

  /** What kind of schema it is; undefined for one that says nothing, or that is nowhere. */
  function typeOf(schema: unknown, schemas: object): string | undefined {
    const { $ref, type, anyOf, oneOf, allOf } = (schema ?? {}) as { $ref?: string; type?: string; anyOf?: unknown[]; oneOf?: unknown[]; allOf?: unknown[] };
    if ($ref !== undefined) return typeOf((schemas as Record<string, unknown>)[$ref.split('/').at(-1) ?? ''], schemas);
    return type ?? (anyOf ?? oneOf ?? allOf)?.map((one) => typeOf(one, schemas)).find((one) => one !== undefined);
  }

  it('describe the canonical entities by the dictionary', async () => {
    const { components: { schemas } } = await openApi();
    for (const [entity, id] of [['profile', 'CanonicalProfile'], ['order', 'CanonicalOrder'], ['product', 'CanonicalProduct'], ['store', 'CanonicalStore']]) {
      const listed = createDictionary().fields.filter((field) => field.entity === entity && !field.name.includes('.'));
      const shown = schemas[id as string]?.properties ?? {};
      expect(Object.entries(shown).map(([name, { description }]) => [name, description])).toEqual(listed.map(({ name, description }) => [name, description]));
    }
  });

  it('refuse a page that is none, as the document says', async () => {
    const { paths } = await openApi();
    const lists = Object.entries(paths).filter(([path, { get }]) => path.startsWith('/admin/') && get?.parameters?.some(({ name }) => name === 'limit'));
    expect(lists.length).toBeGreaterThan(10);
    for (const [path, { get }] of lists) {
      for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=']) {
        const { status, body } = await owner.get(`${path.replaceAll(/\{\w+\}/g, 'x')}?${query}`);
        expect([path, query, status, body.code]).toEqual([path, query, 400, 'INVALID_REQUEST']);
      }
      expect([path, Object.keys(get?.responses ?? {})]).toEqual([path, expect.arrayContaining(['400'])]);
    }
  });

  function hasExample(schema: unknown, schemas: Document['components']['schemas']): boolean {
    const { $ref, example } = schema as { $ref?: string; example?: unknown };
    return example !== undefined || ($ref !== undefined && schemas[$ref.split('/').at(-1) ?? '']?.example !== undefined);
  }

  it('answer under Swagger UI without a script from elsewhere', async () => {
    const response = await fetch(`${host.url}/docs/`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('swagger-ui');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it.each(['Bearer', 'Bearer x', 'Bearer eyJhbGciOiJub25lIn0.e30.', 'Basic abc', `Bearer fh_${'a'.repeat(43)}`])('refuse %s', async (authorization) => {
    const { status, body } = await adminClient(host.url).call('GET', '/plugins', { headers: { authorization } });
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('a login', () => {
  it('tells nothing about which part is wrong, and slows guessing down', async () => {
    const client = adminClient(host.url);
    const wrong = await client.post('/sessions', { email: 'admin@example.com', password: 'not the password' });
    const unknown = await client.post('/sessions', { email: 'nobody@example.com', password: 'not the password' });
    expect([wrong.status, wrong.body.detail]).toEqual([unknown.status, unknown.body.detail]);
    for (let tries = 1; tries < 5; tries += 1) await client.post('/sessions', { email: 'nobody@example.com', password: 'not the password' });
    const limited = await client.post('/sessions', { email: 'nobody@example.com', password: 'not the password' });
    expect([limited.status, limited.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('ends with the account', async () => {
    const { body } = await owner.post('/users', { email: 'leaver@example.com', name: 'Leaver', roles: ['admin'], password: PASSWORD });
    const leaver = await logIn(host.url, 'leaver@example.com', PASSWORD);
    expect((await leaver.get('/plugins')).status).toBe(200);
    expect((await owner.put(`/users/${String(body.id)}`, body.version, { isDisabled: true })).status).toBe(200);
    expect((await leaver.get('/plugins')).status).toBe(401);
    expect((await adminClient(host.url).post('/sessions', { email: 'leaver@example.com', password: PASSWORD })).status).toBe(401);
  });
});

describe('a session', () => {
  it.each<[string, object]>([['password', { password: `${PASSWORD}, another` }], ['roles', { roles: ['integrator'] }]])('ends when its account gets other %s', async (what, change) => {
    const { body } = await owner.post('/users', { email: `${what}@example.com`, name: what, roles: ['admin'], password: PASSWORD });
    const session = await logIn(host.url, `${what}@example.com`, PASSWORD);
    expect((await owner.put(`/users/${String(body.id)}`, body.version, { name: 'Renamed' })).status).toBe(200);
    expect((await session.get('/plugins')).status).toBe(200);
    expect((await owner.put(`/users/${String(body.id)}`, Number(body.version) + 1, change)).status).toBe(200);
    expect((await session.get('/plugins')).status).toBe(401);
  });
});

describe('roles', () => {
  it('let an integrator connect systems and see no customer', async () => {
    expect((await integrator.get('/connections')).status).toBe(200);
    for (const path of ['/profiles/lookup?namespace=email&value=ana@example.com', '/consents?namespace=email&value=ana@example.com', '/users', '/api-keys', '/audit-log', '/privacy-requests']) {
      expect([path, (await integrator.get(path)).status]).toEqual([path, 403]);
    }
  });

  it('refuse a write that carries a field of another role', async () => {
    const made = await integrator.post('/connections', { kind: 'source', name: 'Site', pluginId: 'web', capability: 'events', provenance: { collection: 'first-party', statement: 'We say so.' } });
    expect([made.status, made.body.code, made.body.errors]).toEqual([403, 'FORBIDDEN', [{ path: '/provenance', message: expect.any(String) }]]);
    const plain = await integrator.post('/connections', { kind: 'source', name: 'Site', pluginId: 'web', capability: 'events' });
    expect(plain.status).toBe(201);
    const change = await integrator.put(`/connections/${String(plain.body.id)}`, plain.body.version, { name: 'Other', agreementId: 'a' });
    expect([change.status, change.body.errors]).toEqual([403, [{ path: '/agreementId', message: expect.any(String) }]]);
    expect((await integrator.put(`/connections/${String(plain.body.id)}`, plain.body.version, { name: 'Other' })).body.name).toBe('Other');
  });

  it('keep an admin from raising anybody', async () => {
    const { body } = await admin.get('/users');
    const me = (body.items as { id: string; version: number; email: string }[]).find(({ email }) => email === 'admin@example.com');
    expect((await admin.put(`/users/${me?.id}`, me?.version, { roles: ['owner'] })).status).toBe(403);
    expect((await admin.post('/users', { email: 'x@example.com', name: 'x', roles: ['owner'], password: PASSWORD })).status).toBe(403);
  });

  it('keep the last owner', async () => {
    const { body } = await owner.get('/users');
    const me = (body.items as { id: string; version: number; roles: string[] }[]).find(({ roles }) => roles.includes('owner'));
    const answer = await owner.call('DELETE', `/users/${me?.id}`, { ifMatch: me?.version });
    expect([answer.status, answer.body.code]).toEqual([409, 'CONFLICT']);
  });

  it('hold for API keys, which are shown once and can be revoked', async () => {
    const { body } = await owner.post('/api-keys', { name: 'Deployment', roles: ['integrator'] });
    const client = adminClient(host.url, String(body.apiKey));
    expect((await client.get('/connections')).status).toBe(200);
    expect((await client.get('/profiles/lookup?namespace=email&value=ana@example.com')).status).toBe(403);
    expect((await owner.get('/api-keys')).text).not.toContain(String(body.apiKey));
    expect((await owner.call('DELETE', `/api-keys/${String(body.id)}`, { ifMatch: body.version })).status).toBe(204);
    expect((await client.get('/connections')).status).toBe(401);
  });
});

describe('an API key', () => {
  it('ends at the time that it was made for', async () => {
    const statusUntil = async (expiresAt: number): Promise<number> => {
      const { body } = await owner.post('/api-keys', { name: 'For a while', roles: ['integrator'], expiresAt: new Date(expiresAt).toISOString() });
      return (await adminClient(host.url, String(body.apiKey)).get('/connections')).status;
    };
    expect([await statusUntil(Date.now() + 3_600_000), await statusUntil(Date.now() - 1)]).toEqual([200, 401]);
  });
});

describe('an invitation', () => {
  it('is handed to the inviter, once, where the host has no way to send it', async () => {
    const { status, body } = await owner.post('/invitations', { email: 'kim@example.com', name: 'Kim', roles: ['analyst'] });
    const link = new URL(String(body.link));
    expect([status, `${link.origin}${link.pathname}`]).toEqual([201, `${host.url}/account/invitation`]);
    expect((await fetch(link)).status).toBe(200);
    const password = `${PASSWORD}, of Kim`;
    const taken = await adminClient(host.url).post('/invitations/accept', { token: link.searchParams.get('token'), password });
    expect(taken.status).toBe(201);
    expect((await (await logIn(host.url, 'kim@example.com', password)).get('/account')).body).toMatchObject({ email: 'kim@example.com', roles: ['analyst'] });
    const shown = (await Promise.all(['/users', '/audit-log'].map((path) => owner.get(path)))).map(({ text }) => text).join();
    expect(shown).not.toContain(link.searchParams.get('token'));
    const reset = await owner.post(`/users/${String(taken.body.userId)}/password-reset`);
    expect([reset.status, String(reset.body.link).startsWith(`${host.url}/account/password-reset?token=`)]).toEqual([200, true]);
  });
});

describe('a quarantined record', () => {
  it('is shown as it came to who may see customers, and to others without it', async () => {
    const row = { _id: `${host.workspaceId}|q`, schemaVersion: 1, workspaceId: host.workspaceId, connectionId: 'web', receivedAt: 1, quarantinedAt: Date.now(), code: 'INVALID_RECORD', places: [], groupId: 'web.INVALID_RECORD.g', raw: '{"email":"ana@example.com"}', mappingVersion: 1 };
    await host.connected.collections.quarantine.insertOne(row);
    expect((await owner.get('/quarantine/q')).body.raw).toEqual({ email: 'ana@example.com' });
    const { status, text } = await integrator.get('/quarantine/q');
    expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ code: 'INVALID_RECORD', raw: null })]);
    for (const client of [owner, integrator]) expect((await client.get('/quarantine')).text).not.toContain('ana@');
  });
});

describe('nothing', () => {
  it('of passwords and hashes is ever shown', async () => {
    const shown = (await Promise.all(['/users', '/api-keys', '/connections', '/audit-log'].map((path) => owner.get(path)))).map(({ text }) => text).join();
    expect(shown).not.toMatch(/argon2|passwordHash|"hash"|sealedSecrets/);
  });
});
