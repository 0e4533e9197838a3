import type { StoredDelivery, StoredProfile } from '@firsthand/persistence';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import type { Notice } from '@firsthand/pipeline';
import { generateSync } from 'otplib';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';
import { row } from '../support/store-rows.js';
import { ROLE_LETTERS, WHO_MAY } from '../support/who-may.js';

let host: TestHost;
let owner: AdminClient;
type Letter = keyof typeof ROLE_LETTERS;
const as = {} as Record<Letter, AdminClient>;

interface Operation { responses?: Record<string, unknown>; requestBody?: { content: Record<string, { schema: { $ref?: string; example?: unknown } }> } }
interface Document { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, { example?: unknown }> } }
let document: Document;
/** Takes the notices that people get. */
let receiver: Server;
let isReceiving = true;
const notices: Notice[] = [];

/** A client whose key has this role alone. */
async function withRole(role: string): Promise<AdminClient> {
  const { body } = await owner.post('/api-keys', { name: role, roles: [role] });
  return adminClient(host.url, String(body.apiKey));
}

const ANA = 'ana@example.com';
const LOOKUP = `/profiles/lookup?namespace=email&value=${ANA}`;

async function storeAna(): Promise<void> {
  const { workspaceId } = host;
  const field = (value: unknown) => ({ value, at: 1, source: 'crm', origin: 'o', version: 1 });
  const { profiles, identities, deliveries, quarantine } = host.connected.collections;
  await profiles.insertOne({
    ...row.profile('p1', { identities: [{ namespace: 'email', value: ANA }, { namespace: 'phone', value: '+8613812345678' }] }), _id: `${workspaceId}|p1`, schemaVersion: 1, workspaceId, dueAt: null,
    fields: { email: field(ANA), lastName: field('王小明'), city: field('Shanghai'), country: field('CN'), 'custom%2Eallergy': field('peanuts and nuts') },
  } as unknown as StoredProfile);
  await identities.insertOne({ _id: `${workspaceId}|email|${ANA}`, schemaVersion: 1, workspaceId, profileId: 'p1', createdAt: 1 });
  await deliveries.insertMany(['crm', 'ads'].map((connectionId) => ({ ...row.delivery(connectionId), _id: `${workspaceId}|${connectionId}`, schemaVersion: 1, workspaceId, connectionId, state: 'dead', reason: 'refused' }) as unknown as StoredDelivery));
  await quarantine.insertMany(['crm', 'web'].map((connectionId) => ({ _id: `${workspaceId}|q-${connectionId}`, schemaVersion: 1, workspaceId, connectionId, receivedAt: 1, quarantinedAt: Date.now(), code: 'INVALID_RECORD', places: [], raw: `{"email":"${ANA}"}`, mappingVersion: 1, groupId: `${connectionId}.INVALID_RECORD.g` })));
}

beforeAll(async () => {
  await new Promise<void>((resolve) => { receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => {
      if (isReceiving) notices.push(JSON.parse(body) as Notice);
      response.writeHead(isReceiving ? 204 : 500).end();
    });
  }).listen(0, '127.0.0.1', resolve); });
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin', FIRSTHAND_NOTIFY_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, FIRSTHAND_NOTIFY_WEBHOOK_SECRET: 'a secret of the receiver' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  document = (await (await fetch(`${host.url}/docs-json`)).json()) as Document;
  for (const [letter, role] of Object.entries(ROLE_LETTERS)) as[letter as Letter] = await withRole(role);
  await owner.post('/dictionary/custom-fields', { entity: 'profile', name: 'allergy', type: 'string', description: 'What the person must not eat.', pii: 'sensitive' });
  await storeAna();
});
afterAll(async () => {
  await host.stop();
  await new Promise((resolve) => receiver.close(resolve));
});

/** Every route of the admin plane, with its verb. */
function routes(): { verb: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).filter(([path]) => path.startsWith('/admin/'))
    .flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) => ({ verb: method.toUpperCase(), path, operation })));
}

describe('every route', () => {
  it('lets in the roles that it is for, and no other', async () => {
    const ask = async ({ verb, path }: ReturnType<typeof routes>[number]): Promise<[string, string]> => {
      const letIn = await Promise.all(Object.keys(ROLE_LETTERS).map(async (letter) => {
        const { status } = await as[letter as Letter].call(verb, path.replaceAll(/\{\w+\}/g, 'unknown'), { ...(verb === 'GET' ? {} : { body: {} }), ifMatch: 1 });
        expect([verb, path, letter, status]).not.toEqual([verb, path, letter, 401]);
        return status === 403 ? '' : letter;
      }));
      return [`${verb} ${path}`, letIn.join('')];
    };
    const all = routes();
    const found: [string, string][] = [];
    // All at once are more connections than a busy host accepts.
    for (let start = 0; start < all.length; start += 10) found.push(...await Promise.all(all.slice(start, start + 10).map(ask)));
    expect(Object.fromEntries(found)).toEqual(WHO_MAY);
  });
});

describe('masks', () => {
  const traitsOf = ({ body }: { body: Record<string, unknown> }) => Object.fromEntries((body.traits as { name: string; value: unknown }[]).map(({ name, value }) => [name, value]));

  it('show a marketer and a privacy officer enough to recognise, and an owner all but what is sensitive', async () => {
    for (const letter of ['m', 'p'] as const) {
      const seen = await as[letter].get(LOOKUP);
      expect(traitsOf(seen)).toEqual({ email: 'a***@example.com', lastName: '王**', city: 'Sh***ai', country: 'CN', 'custom.allergy': '***' });
      expect((seen.body.identities as { value: string }[]).map(({ value }) => value)).toEqual(['a***@example.com', '138****5678']);
      expect(seen.text).not.toMatch(/ana@|13812345678|小明|peanuts/);
    }
    const full = await owner.get('/profiles/p1');
    expect(traitsOf(full)).toMatchObject({ email: ANA, lastName: '王小明', 'custom.allergy': '***' });
  });

  it('show a raw record to nobody who may not read every class of the dictionary', async () => {
    for (const letter of ['o', 'p', 'i'] as const) expect((await as[letter].get('/quarantine/q-crm')).body.raw).toBeNull();
  });
});

describe('a value in full', () => {
  const body = (over: object = {}) => ({ fields: ['identities.phone', 'traits.custom.allergy'], purpose: 'care', reason: 'complaint', reference: 'CASE-4711', ...over });

  it('is told for a purpose that covers it and a reason, to who may reveal, and is written down first', async () => {
    await owner.post('/purposes', { key: 'care', name: { en: 'Care' }, description: { en: 'Care' }, lawfulBasis: 'contract', fields: ['identities.phone', 'profile.custom.allergy'], expiresAfterDays: null });
    const { status, body: told } = await as.p.post('/profiles/p1/reveal', body());
    expect([status, told]).toEqual([200, { id: 'p1', fields: [{ field: 'identities.phone', values: ['+8613812345678'] }, { field: 'traits.custom.allergy', values: ['peanuts and nuts'] }] }]);
    const { body: log, text } = await owner.get('/audit-log?route=profile.revealed');
    expect(log.items).toEqual([expect.objectContaining({ resourceId: 'p1', outcome: 'revealed', purpose: 'care', reason: 'complaint', reference: 'CASE-4711', fields: ['identities.phone', 'traits.custom.allergy'] })]);
    expect(text).not.toMatch(/13812345678|peanuts/);
    expect((await as.m.post('/profiles/p1/reveal', body())).status).toBe(403);
    for (const [over, code] of [[{ purpose: 'unheard-of' }, 'INVALID_REQUEST'], [{ reason: 'curiosity' }, 'INVALID_REQUEST'], [{ reference: 'call 13812345678' }, 'INVALID_REQUEST'], [{ fields: ['traits.email'] }, 'FORBIDDEN'], [{ fields: ['traits.nothing'] }, 'FORBIDDEN']] as const) {
      expect((await as.p.post('/profiles/p1/reveal', body(over))).body.code).toBe(code);
    }
  });
});

describe('the audit log', () => {
  const collection = () => host.connected.connection.getClient().db(host.databaseName).collection<{ _id: string; seq: number; actorId: string }>('auditTrail');
  const firstBad = async () => (await owner.get('/audit-log/verify')).body.firstBad;

  it('has a row ahead and a row after each write and each look at a person, and no personal data', async () => {
    await owner.get(LOOKUP);
    await owner.get('/profiles/13812345678');
    await owner.get(`/profiles/${ANA}`);
    const { body, text } = await owner.get('/audit-log?limit=6');
    const rows = body.items as { route: string; outcome: string; callId: string; resourceId: string | null }[];
    expect(rows.map(({ route, outcome, resourceId }) => [route.slice('/admin/v1/profiles/'.length), outcome, resourceId])).toEqual([
      [':id', 'NOT_FOUND', null], [':id', 'started', null], [':id', 'NOT_FOUND', null], [':id', 'started', null], ['lookup', 'done', 'p1'], ['lookup', 'started', null]]);
    expect(new Set(rows.map(({ callId }) => callId)).size).toBe(3);
    expect(text).not.toMatch(/13812345678|ana@/);
  });

  it('has a row of each read that shows whom it is about, by the document of the routes', async () => {
    const whole = (schema: unknown, seen = new Set<string>()): string => {
      const text = JSON.stringify(schema ?? null);
      const inside = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name).filter((name) => !seen.has(name));
      for (const name of inside) seen.add(name);
      return text + inside.map((name) => whole(document.components.schemas[name], seen)).join('');
    };
    const reads = routes().filter(({ verb, path, operation: { responses = {} } }) => verb === 'GET' && (/"(profileId|identities|recordId|raw)":/.test(whole(responses['200'])) || path.endsWith('/tail')));
    expect(reads.map(({ path }) => path)).toEqual(expect.arrayContaining(['/admin/v1/deliveries', '/admin/v1/deliveries/{id}', '/admin/v1/deliveries/{id}/explain', '/admin/v1/profiles/{id}', '/admin/v1/consents', '/admin/v1/connections/{id}/tail']));
    for (const { path } of reads) await owner.get(path.replaceAll(/\{\w+\}/g, 'unseen'));
    const rows = (await owner.get('/audit-log?limit=200')).body.items as { route: string; outcome: string }[];
    const seen = new Set(rows.filter(({ outcome }) => outcome === 'started').map(({ route }) => route));
    expect(reads.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1')).filter((route) => !seen.has(route))).toEqual([]);
  });

  it('names the first row that was edited, deleted or moved', async () => {
    expect((await owner.get('/audit-log/verify')).body).toMatchObject({ verified: await collection().countDocuments(), firstBad: null });
    const before = await collection().find().sort({ _id: 1 }).limit(6).toArray();
    const [third, fourth] = [before[2], before[3]];
    if (third === undefined || fourth === undefined) throw new RangeError('There are no rows.');
    const restore = () => Promise.all([third, fourth].map((stored) => collection().replaceOne({ _id: stored._id }, stored, { upsert: true })));
    await collection().updateOne({ _id: third._id }, { $set: { actorId: 'somebody-else' } });
    expect(await firstBad()).toEqual({ seq: 3, problem: 'edited' });
    await restore();
    await collection().deleteOne({ _id: third._id });
    expect(await firstBad()).toEqual({ seq: 3, problem: 'missing' });
    await restore();
    const { _id, ...fourthContent } = fourth;
    await collection().replaceOne({ _id: third._id }, fourthContent);
    expect(await firstBad()).toEqual({ seq: 3, problem: 'missing' });
    await restore();
    expect([_id, await firstBad()]).toEqual([fourth._id, null]);
    expect((await owner.get(`/audit-log/verify?anchorSeq=3&anchorHash=${'0'.repeat(64)}`)).body.firstBad).toEqual({ seq: 3, problem: 'anchor' });
  });

  it('is one chain, however many write at once', async () => {
    const before = await collection().countDocuments();
    const { createAuditTrail } = await import('@firsthand/persistence');
    const writers = [1, 2, 3].map(() => createAuditTrail(host.connected.connection));
    await Promise.all(Array.from({ length: 60 }, (_, index) => writers[index % 3]?.append(host.workspaceId, { callId: `c${index}`, actorKind: 'system', actorId: 'host', method: 'SYSTEM', route: 'many', resourceId: null, outcome: 'done', at: index, purpose: null, reason: null, reference: null, fields: [] })));
    expect(await collection().countDocuments()).toBe(before + 60);
    expect(new Set((await owner.get('/audit-log?route=many&limit=200')).body.items as object[]).size).toBe(60);
    expect(await firstBad()).toBeNull();
  });

  it('can be searched, and taken along as NDJSON and CSV', async () => {
    const ndjson = await owner.get('/audit-log/export?route=profile.revealed');
    expect(ndjson.headers.get('content-type')).toContain('ndjson');
    expect(ndjson.text.trim().split('\n').map((line) => (JSON.parse(line) as { purpose: string }).purpose)).toEqual(['care']);
    const csv = await owner.get('/audit-log/export?route=profile.revealed&format=csv');
    expect(csv.text.split('\r\n').map((line) => line.split(',').length)).toEqual([14, 14, 1]);
    expect((await owner.get('/audit-log?outcome=revealed&from=2999-01-01T00:00:00.000Z')).body.items).toEqual([]);
  });

  it('cannot be written: then nothing happens and nothing is told', async () => {
    const db = host.connected.connection.getClient().db(host.databaseName);
    await db.command({ collMod: 'auditTrail', validator: { nothing: 'fits' } });
    try {
      for (const answer of [await owner.get(LOOKUP), await owner.post('/profiles/p1/reveal', { fields: ['identities.phone'], purpose: 'care', reason: 'complaint' }), await owner.post('/agreements', { id: 'unseen', name: 'Unseen' })]) {
        expect(answer.status).toBeGreaterThanOrEqual(500);
        expect(answer.text).not.toMatch(/ana@|13812345678/);
      }
      expect((await owner.post('/sessions', { email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword })).status).toBeGreaterThanOrEqual(500);
    } finally {
      await db.command({ collMod: 'auditTrail', validator: {} });
    }
    expect((await owner.get('/agreements/unseen')).status).toBe(404);
    expect(await firstBad()).toBeNull();
  });
});

describe('accounts', () => {
  const password = 'correct horse battery staple';
  const anyone = () => adminClient(host.url);
  const tokenOf = (notice: Notice | undefined): string => new URL(notice?.link ?? 'http://none/').searchParams.get('token') ?? '';

  it('are opened by a link, once, and not before', async () => {
    const invitation = { email: 'mia@example.com', name: 'Mia', roles: ['marketer'], language: 'zh-CN' };
    const { status, body } = await owner.post('/invitations', invitation);
    expect([status, body.link]).toEqual([201, null]);
    const notice = notices.at(-1);
    expect(notice).toMatchObject({ kind: 'invitation', to: 'mia@example.com', language: 'zh-CN', workspaceName: 'Main' });
    expect((await anyone().post('/sessions', { email: 'mia@example.com', password })).status).toBe(401);
    const stored = JSON.stringify(await host.connected.connection.getClient().db(host.databaseName).collection('accountTokens').find().toArray());
    expect(stored).not.toContain(tokenOf(notice).split('.')[2]);
    const taken = await Promise.all([1, 2, 3].map(() => anyone().post('/invitations/accept', { token: tokenOf(notice), password })));
    expect(taken.map((answer) => answer.status).sort()).toEqual([201, 401, 401]);
    expect((await (await logIn(host.url, 'mia@example.com', password)).get('/account')).body).toMatchObject({ email: 'mia@example.com', roles: ['marketer'] });
    expect((await owner.post('/invitations', invitation)).body.code).toBe('CONFLICT');
    expect((await owner.get('/audit-log?route=account.opened')).text).not.toContain('mia@');
  });

  it('are not opened where nobody can be told, or by a token of another kind', async () => {
    isReceiving = false;
    expect((await owner.post('/invitations', { email: 'lost@example.com', name: 'Lost', roles: ['analyst'] })).status).toBe(503);
    isReceiving = true;
    expect(await host.repository.list('accountTokens', host.workspaceId)).toEqual([]);
    const { body } = await owner.post('/invitations', { email: 'kim@example.com', name: 'Kim', roles: ['analyst'] });
    expect((await anyone().post('/password-resets/confirm', { token: tokenOf(notices.at(-1)), password })).status).toBe(401);
    // An hour of another clock: what is over opens nothing.
    const row = await host.repository.get<object>('accountTokens', host.workspaceId, String(body.id));
    await host.repository.put('accountTokens', host.workspaceId, row.id, { ...row.content, expiresAt: Date.now() - 1 }, Date.now());
    expect((await anyone().post('/invitations/accept', { token: tokenOf(notices.at(-1)), password })).status).toBe(401);
  });

  it('get a new password by a link that ends every session, and say nothing to strangers', async () => {
    const session = await logIn(host.url, 'mia@example.com', password);
    expect((await anyone().post('/password-resets', { email: 'stranger@example.com' })).status).toBe(204);
    expect((await anyone().post('/password-resets', { email: 'mia@example.com' })).status).toBe(204);
    const notice = await until(() => Promise.resolve(notices.at(-1)), (last) => last?.kind === 'password-reset');
    expect(notices.some(({ to }) => to === 'stranger@example.com')).toBe(false);
    const page = await fetch(notice?.link ?? '');
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining(tokenOf(notice))]);
    const form = new URLSearchParams({ token: tokenOf(notice), password: `${password}, new` });
    expect((await fetch(`${host.url}/account/password-reset`, { method: 'POST', body: form })).status).toBe(200);
    expect((await fetch(`${host.url}/account/password-reset`, { method: 'POST', body: form })).status).toBe(401);
    expect((await session.get('/account')).status).toBe(401);
    expect((await anyone().post('/sessions', { email: 'mia@example.com', password })).status).toBe(401);
  });

  it('have sessions that end one by one', async () => {
    const [first, second] = [await logIn(host.url, 'mia@example.com', `${password}, new`), await logIn(host.url, 'mia@example.com', `${password}, new`)];
    const { body } = await second.get('/account/sessions');
    const other = (body.items as { id: string; isCurrent: boolean }[]).find(({ isCurrent }) => !isCurrent);
    const { body: mia } = await second.get('/account');
    const foreign = (await host.repository.list<{ userId: string }>('sessions', host.workspaceId)).find(({ content }) => content.userId !== mia.id);
    expect((await second.call('DELETE', `/account/sessions/${foreign?.id ?? ''}`)).status).toBe(404);
    expect((await second.call('DELETE', `/account/sessions/${other?.id ?? ''}`)).status).toBe(204);
    expect([(await first.get('/account')).status, (await second.get('/account')).status]).toEqual([401, 200]);
    expect((await second.call('DELETE', '/account/sessions/current')).status).toBe(204);
    expect((await second.get('/account')).status).toBe(401);
  });

  it('lose a role at the next request', async () => {
    const session = await logIn(host.url, 'mia@example.com', `${password}, new`);
    expect((await session.get('/flows')).status).toBe(200);
    const mia = ((await owner.get('/users')).body.items as { id: string; version: number; email: string }[]).find(({ email }) => email === 'mia@example.com');
    expect((await owner.put(`/users/${mia?.id ?? ''}`, mia?.version, { roles: ['analyst'] })).status).toBe(200);
    expect((await session.get('/profiles/p1')).status).toBe(401);
    expect((await (await logIn(host.url, 'mia@example.com', `${password}, new`)).get('/profiles/p1')).status).toBe(403);
  });

  it('have keys that are limited to scopes', async () => {
    const { body } = await owner.post('/api-keys', { name: 'Reader', roles: ['owner'], scopes: ['read:segment'] });
    const reader = adminClient(host.url, String(body.apiKey));
    expect([(await reader.get('/segments')).status, (await reader.post('/segments', {})).status, (await reader.get('/profiles/p1')).status, (await reader.get('/account')).status]).toEqual([200, 403, 403, 403]);
  });
});

describe('a second factor', () => {
  let recoveryCodes: string[] = [];
  const password = 'correct horse battery staple';
  const login = (code?: string) => adminClient(host.url).post('/sessions', { email: 'pia@example.com', password, ...(code === undefined ? {} : { code }) });

  it('is asked for once it is confirmed; a code and a recovery code open once each', async () => {
    await owner.post('/users', { email: 'pia@example.com', name: 'Pia', roles: ['privacy-officer'], password });
    const pia = await logIn(host.url, 'pia@example.com', password);
    expect((await pia.post('/account/second-factor', { password: 'not the password' })).status).toBe(401);
    const { body } = await pia.post('/account/second-factor', { password });
    const secret = String(body.secret);
    expect(body.otpauthUrl).toMatch(/^otpauth:\/\/totp\/.*Main/);
    expect((await login()).status).toBe(201);
    const at = (seconds: number) => generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + seconds });
    expect((await pia.post('/account/second-factor/confirm', { code: '000000x' })).status).toBe(401);
    const confirmed = await pia.post('/account/second-factor/confirm', { code: at(-30) });
    recoveryCodes = confirmed.body.recoveryCodes as string[];
    const [recovery = ''] = recoveryCodes;
    expect((await login()).body.code).toBe('SECOND_FACTOR_REQUIRED');
    const code = at(30);
    expect([(await login(code)).status, (await login(code)).status]).toEqual([201, 401]);
    expect([(await login(recovery)).status, (await login(recovery)).status]).toEqual([201, 401]);
    const stored = JSON.stringify(await host.connected.connection.getClient().db(host.databaseName).collection('secondFactors').find().toArray());
    expect([stored.includes(secret), stored.includes(recovery)]).toEqual([false, false]);
  });

  it('may be asked of owners and privacy officers before anything else', async () => {
    await owner.post('/users', { email: 'paul@example.com', name: 'Paul', roles: ['privacy-officer'], password });
    const paul = await logIn(host.url, 'paul@example.com', password);
    const { body } = await as.o.get('/access-settings');
    // A role of the workspace's own with an owner's power: the name does not matter.
    await owner.post('/roles', { id: 'keys', name: 'Keys', permissions: [{ actions: ['read', 'create'], subjects: ['apiKey'] }] });
    await owner.post('/users', { email: 'karl@example.com', name: 'Karl', roles: ['keys'], password });
    const [karl, byKey] = [await logIn(host.url, 'karl@example.com', password), await withRole('keys')];
    expect((await as.o.put('/access-settings', body.version, { minimumGroupSize: 20, secondFactor: 'required' })).status).toBe(200);
    expect([(await paul.get('/purposes')).status, (await owner.get('/purposes')).status, (await karl.get('/api-keys')).status, (await paul.get('/account')).status]).toEqual([403, 403, 403, 200]);
    expect((await paul.post('/account/second-factor', { password })).status).toBe(201);

    // Nor is a key, which can have none, a way around it: it goes on with all else.
    const keyOf = (role: string) => ({ name: 'k', roles: [role] });
    const { body: someone } = await owner.get('/account');
    for (const role of ['owner', 'privacy-officer', 'analyst']) for (const client of [owner, paul, karl, as.o, as.p, byKey]) expect([role, (await client.post('/api-keys', keyOf(role))).status]).toEqual([role, 403]);
    const protectedCalls = [
      as.o.post('/users', { email: 'y@example.com', name: 'Y', roles: ['owner'], password }), as.o.post('/invitations', { email: 'y@example.com', name: 'Y', roles: ['owner'] }), as.o.put(`/users/${String(someone.id)}`, 1, { password }),
      as.o.post(`/users/${String(someone.id)}/password-reset`), as.o.post('/roles', { id: 'mine', name: 'Mine', permissions: [] }), as.p.put('/access-settings', Number(body.version) + 1, { minimumGroupSize: 20, secondFactor: 'optional' }),
      as.o.put('/access-settings', Number(body.version) + 1, { minimumGroupSize: 20, secondFactor: 'optional' }),
    ];
    expect((await Promise.all(protectedCalls)).map((answer) => answer.status)).toEqual(protectedCalls.map(() => 403));
    expect([(await as.o.get('/purposes')).status, (await as.o.get('/users')).status, (await as.p.get('/profiles/p1')).status, (await as.a.get('/flows')).status]).toEqual([200, 200, 200, 200]);

    const withFactor = adminClient(host.url, String((await login(recoveryCodes.pop())).body.token));
    expect((await withFactor.put('/access-settings', Number(body.version) + 1, { minimumGroupSize: 20, secondFactor: 'optional' })).status).toBe(200);
    expect([(await paul.get('/purposes')).status, (await as.o.post('/api-keys', keyOf('analyst'))).status]).toEqual([200, 201]);
  });

  it('cannot be guessed', async () => {
    for (let tries = 0; tries < 5; tries += 1) await login('999999');
    const { body } = await login('999999');
    expect(body.code).toBe('RATE_LIMITED');
  });
});

describe('a role of the workspace’s own', () => {
  it('is checked against what there is, and against what its maker has', async () => {
    const role = (permissions: object[]) => owner.post('/roles', { id: 'odd', name: 'Odd', permissions });
    for (const permission of [
      { actions: ['read'], subjects: ['profile'], fields: ['traits.nothing'] }, { actions: ['read'], subjects: ['flow'], conditions: { connectionId: ['crm'] } },
      { actions: ['read'], subjects: ['personalData'], fields: ['email'] }, { actions: ['fly'], subjects: ['profile'] },
    ]) expect((await role([permission])).body.code).toBe('INVALID_REQUEST');
    // Reading what is sensitive without a reason is nobody's to give.
    expect((await role([{ actions: ['read'], subjects: ['personalData'] }])).body.code).toBe('FORBIDDEN');
    expect((await owner.post('/users', { email: 'x@example.com', name: 'X', roles: ['odd'], password: 'correct horse battery' })).body.code).toBe('INVALID_REQUEST');
    const { body } = await owner.get('/roles/grammar');
    expect(body.subjects).toEqual(expect.arrayContaining([expect.objectContaining({ subject: 'profile', fields: expect.arrayContaining(['timeline', 'traits.city', 'identities.phone']) as unknown })]));
  });

  it('gives nobody who makes users more than they have', async () => {
    await owner.post('/roles', { id: 'staffing', name: 'Staffing', permissions: [{ actions: ['read', 'create', 'update'], subjects: ['user', 'role', 'apiKey'] }] });
    const staffing = await withRole('staffing');
    const user = { email: 'new@example.com', name: 'New', password: 'correct horse battery' };
    expect((await staffing.post('/users', { ...user, roles: ['owner'] })).body.code).toBe('FORBIDDEN');
    expect((await staffing.post('/api-keys', { name: 'k', roles: ['analyst'] })).body.code).toBe('FORBIDDEN');
    expect((await staffing.post('/roles', { id: 'more', name: 'More', permissions: [{ actions: ['read'], subjects: ['profile'] }] })).body.code).toBe('FORBIDDEN');
    expect((await staffing.post('/users', { ...user, roles: ['staffing'] })).status).toBe(201);
    expect((await owner.call('DELETE', '/roles/staffing', { ifMatch: 1 })).body.code).toBe('CONFLICT');
  });

  it('shows its fields only: not in a detail, not by a filter, not by an error', async () => {
    await owner.post('/roles', { id: 'support', name: 'Support', permissions: [
      { actions: ['read'], subjects: ['profile'], fields: ['traits.city', 'identities.email'] }, { actions: ['read'], subjects: ['personalData'], fields: ['personal'] },
      { actions: ['read'], subjects: ['delivery'], fields: ['state', 'connectionId'] }, { actions: ['create', 'read', 'preview'], subjects: ['segment'] },
      { actions: ['create', 'read', 'update', 'operate'], subjects: ['flow'] },
    ] });
    const support = await withRole('support');
    expect((await support.get(LOOKUP)).body).toEqual({ id: 'p1', version: 1, identities: [{ namespace: 'email', value: ANA, isVerified: false }], traits: [{ name: 'city', value: 'Shanghai', source: 'crm', at: expect.any(String), why: 'only-source', rule: expect.any(String), candidates: [] }] });
    for (const value of ['%2B8613812345678', '%2B8613800000000']) expect((await support.get(`/profiles/lookup?namespace=phone&value=${value}`)).body).toMatchObject({ code: 'FORBIDDEN', errors: [{ path: '/namespace', message: 'is not for your role to read' }] });
    expect((await support.get('/profiles/p1/disclosures')).body).toEqual({ id: 'p1' });
    const { body } = await support.get('/deliveries?state=dead');
    expect((body.items as object[]).map((item) => Object.keys(item).sort())).toEqual([['connectionId', 'id', 'state'], ['connectionId', 'id', 'state']]);
    for (const reason of ['refused', 'nothing']) expect((await support.get(`/deliveries?reason=${reason}`)).body).toMatchObject({ code: 'FORBIDDEN', errors: [{ path: '/reason', message: expect.any(String) as unknown }] });
    const condition = (trait: string) => ({ purpose: 'marketing', condition: { trait, op: 'exists' } });
    await owner.post('/purposes', { key: 'marketing', name: { en: 'M' }, description: { en: 'M' }, lawfulBasis: 'consent', fields: ['*'], expiresAfterDays: null });
    expect((await support.post('/segments/preview', condition('city'))).status).toBe(200);
    expect((await support.post('/segments/preview', condition('lastName'))).body).toMatchObject({ code: 'FORBIDDEN', errors: [{ path: '/condition/trait', message: expect.any(String) as unknown }] });
    expect((await support.post('/segments', { name: 'S', ...condition('lastName') })).body.code).toBe('FORBIDDEN');
    const flow = (trait: string) => ({ name: 'F', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'event', name: 'Order Completed' }, steps: [{ id: 'only', type: 'filter', condition: { trait, op: 'exists' } }, { id: 'set', type: 'setField', field: 'city', value: 'Shanghai' }] });
    expect((await support.post('/flows', { id: 'seen', flow: flow('city') })).status).toBe(201);
    expect((await support.post('/flows', { flow: flow('lastName') })).body).toMatchObject({ code: 'FORBIDDEN', errors: [{ path: '/steps/0/condition/trait' }] });
    expect((await support.put('/flows/seen', 1, { flow: flow('lastName') })).body.code).toBe('FORBIDDEN');
    expect((await owner.post('/flows', { id: 'unseen', flow: flow('lastName') })).status).toBe(201);
    expect((await support.post('/flows/unseen/dry-run', { profileId: 'p1' })).body.code).toBe('FORBIDDEN');
    expect((await support.post('/flows/seen/dry-run', { profileId: 'p1' })).status).toBe(200);
    expect((await support.post('/flows/seen/dry-run', { identity: { namespace: 'phone', value: '+8613812345678' } })).body).toMatchObject({ code: 'FORBIDDEN', errors: [{ path: '/namespace' }] });
  });

  it('reaches its rows only, and is changed for its holders at their next request', async () => {
    const permissions = [{ actions: ['read', 'operate'], subjects: ['delivery'], conditions: { connectionId: ['crm'] } }, { actions: ['read'], subjects: ['quarantine'], conditions: { connectionId: ['crm'] } }];
    const { body: made } = await owner.post('/roles', { id: 'crm-only', name: 'CRM only', permissions });
    const crmOnly = await withRole('crm-only');
    const idsOf = async (path: string) => ((await crmOnly.get(path)).body.items as { id: string }[]).map(({ id }) => id);
    expect([await idsOf('/deliveries'), await idsOf('/deliveries?connectionId=ads'), await idsOf('/quarantine')]).toEqual([['crm'], [], ['q-crm']]);
    for (const path of ['/deliveries', '/quarantine']) {
      const [theirs, unknown] = [await crmOnly.get(`${path}/${path === '/deliveries' ? 'ads' : 'q-web'}`), await crmOnly.get(`${path}/unknown`)];
      expect([theirs.status, theirs.body.code, theirs.body.detail]).toEqual([404, unknown.body.code, unknown.body.detail]);
    }
    expect((await crmOnly.post('/deliveries/replay', { ids: ['ads'] })).body.replayed).toBe(0);
    expect((await crmOnly.post('/deliveries/replay', { ids: ['crm'] })).body.replayed).toBe(1);
    // The tail shows every row of a connection.
    expect((await crmOnly.get('/connections/crm/tail')).status).toBe(403);
    expect((await owner.put('/roles/crm-only', made.version, { permissions: [{ actions: ['read'], subjects: ['plugin'] }] })).status).toBe(200);
    expect([(await crmOnly.get('/deliveries')).status, (await crmOnly.get('/plugins')).status]).toEqual([403, 200]);
  });
});
