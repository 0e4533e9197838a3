import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

let host: TestHost;
let owner: AdminClient;
let integrator: AdminClient;
let secretKey: string;
const AT = '/mappings/shop';
const FIRST = { type: '{{type}}', name: '{{event}}', messageId: '{{messageId}}', 'identities.phone': '{{mobile}}', 'profile.city': '{{town}}' };
const BROWSER = { namespace: 'anonymousId', value: 'browser-1' };
const PHONE_TEST = { name: 'a national number', sample: { event: 'Shop Visited', mobile: '13912345678' }, expected: { name: 'Shop Visited', identities: [{ namespace: 'phone', value: '+8613912345678' }] } };

beforeAll(async () => {
  host = await startHost();
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  integrator = adminClient(host.url, String((await owner.post('/api-keys', { name: 'i', roles: ['integrator'] })).body.apiKey));
  ({ secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'shop', defaultCountry: 'CN' }));
});
afterAll(() => host.stop());

async function send(messageId: string, more: object): Promise<void> {
  const response = await fetch(`${host.url}/v1/track`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`, 'content-type': 'application/json' }, body: JSON.stringify({ type: 'track', event: 'Shop Visited', messageId, anonymousId: 'browser-1', ...more }) });
  expect(response.status).toBe(200);
}

/** Of the event with this message id, once it is stored. */
async function stored(messageId: string) {
  return until(() => host.connected.collections.events.findOne({ workspaceId: host.workspaceId, 'record.messageId': messageId }), (event) => event !== null);
}

describe('versions', () => {
  it('leave records to the plugin’s mapping while there is only a draft', async () => {
    expect((await owner.get(AT)).body).toMatchObject({ version: 0, liveVersion: 0, isOwn: false, draft: null, mapping: expect.anything() });
    const wrong = { ...PHONE_TEST, expected: { ...PHONE_TEST.expected, profile: { city: 'Suzhou' } } };
    const draft = await owner.put(AT, 0, { mapping: FIRST, tests: [wrong] });
    expect([draft.status, draft.body.version, draft.body.liveVersion, draft.body.draft]).toEqual([200, 1, 0, { mapping: FIRST, tests: [wrong] }]);
    expect((await owner.put(AT, 0, { mapping: FIRST })).body.code).toBe('VERSION_MISMATCH');
    await send('m-0', { userId: 'u-0', mobile: '13912345670' });
    expect(await stored('m-0')).toMatchObject({ mappingVersion: 0, record: { identities: [{ namespace: 'userId', value: 'u-0' }, BROWSER] } });
  });

  it('are not published while a test fails, and say where, what was expected and what came', async () => {
    const tested = await owner.post(`${AT}/test`);
    expect([tested.status, tested.body]).toEqual([200, { passed: false, tests: [{ name: 'a national number', passed: false, mismatches: [{ path: '/profile/city', expected: 'Suzhou', got: null }] }] }]);
    for (const call of [`${AT}/publish`, `${AT}/publish?dryRun=true`]) {
      const refused = await owner.post(call);
      expect([refused.status, refused.body.code, refused.body.errors]).toEqual([422, 'MAPPING_TEST_FAILED', [{ path: '/tests/0/expected/profile/city', message: 'in "a national number": expected "Suzhou", got nothing' }]]);
    }
    expect((await owner.get(`${AT}/versions`)).body).toEqual({ items: [], nextCursor: null });
    expect((await owner.get(AT)).body).toMatchObject({ version: 1, liveVersion: 0 });
  });

  it('map records from the moment they are published, and are named by them', async () => {
    expect((await owner.put(AT, 1, { mapping: FIRST, tests: [PHONE_TEST] })).status).toBe(200);
    const tried = await owner.post(`${AT}/publish?dryRun=true`);
    expect((tried.body.wouldWrite as { kind: string; change: string }[]).map(({ kind, change }) => [kind, change])).toEqual([['mappingVersions', 'created'], ['mappings', 'updated']]);
    expect((await owner.call('POST', `${AT}/publish`, { ifMatch: 1 })).body.code).toBe('VERSION_MISMATCH');
    expect((await owner.post(`${AT}/publish`)).body).toMatchObject({ version: 3, liveVersion: 1, isOwn: true, mapping: FIRST });
    await send('m-1', { mobile: '13912345671', town: 'Suzhou' });
    expect(await stored('m-1')).toMatchObject({ mappingVersion: 1, record: { identities: [{ namespace: 'phone', value: '+8613912345671' }], profile: { city: 'Suzhou' } } });
  });

  it('keep their tests: those of the draft stay when a call leaves them out', async () => {
    const second = { ...FIRST, 'profile.region': '{{province}}' };
    expect((await owner.put(AT, 3, { mapping: second })).body.draft).toEqual({ mapping: second, tests: [PHONE_TEST] });
    expect((await owner.post(`${AT}/publish`)).body).toMatchObject({ liveVersion: 2 });
    const { body } = await owner.get(`${AT}/versions`);
    expect(body.items).toEqual([expect.objectContaining({ version: 2, mapping: second, tests: [PHONE_TEST] }), { version: 1, mapping: FIRST, tests: [PHONE_TEST], publishedAt: expect.any(String) }]);
    await send('m-2', { mobile: '13912345672', province: 'Jiangsu' });
    expect(await stored('m-2')).toMatchObject({ mappingVersion: 2, record: { profile: { region: 'Jiangsu' } } });
  });

  it('are gone back to, the plugin’s own too, and keep their numbers', async () => {
    expect((await owner.post(`${AT}/rollback`, { version: 1 })).body).toMatchObject({ liveVersion: 1, mapping: FIRST });
    await send('m-3', { mobile: '13912345673', province: 'Jiangsu' });
    expect(await stored('m-3')).toMatchObject({ mappingVersion: 1, record: { profile: {} } });
    expect((await owner.post(`${AT}/rollback`, { version: 9 })).body.code).toBe('NOT_FOUND');
    expect((await owner.post(`${AT}/rollback`, { version: 0 })).body).toMatchObject({ liveVersion: 0, isOwn: false });
    await send('m-4', { userId: 'u-4', mobile: '13912345674' });
    expect(await stored('m-4')).toMatchObject({ mappingVersion: 0, record: { identities: [{ namespace: 'userId', value: 'u-4' }, BROWSER] } });
    expect((await owner.post(`${AT}/publish`)).body).toMatchObject({ liveVersion: 3 });
    const gone = await owner.call('DELETE', AT, { ifMatch: (await owner.get(AT)).body.version });
    expect([gone.status, gone.body.code]).toEqual([409, 'CONFLICT']);
  });

  it('are not gone back to while one of their tests fails by now', async () => {
    const { body: { version } } = await owner.get('/connections/shop');
    expect((await owner.put('/connections/shop', version, { defaultCountry: 'DE' })).status).toBe(200);
    const refused = await owner.post(`${AT}/rollback`, { version: 1 });
    expect([refused.body.code, refused.body.errors]).toEqual(['MAPPING_TEST_FAILED', [{ path: '/tests/0/expectedError', message: 'in "a national number": expected nothing, got "MISSING_IDENTITY"' }]]);
    expect((await owner.get(AT)).body).toMatchObject({ liveVersion: 3 });
    await owner.put('/connections/shop', Number(version) + 1, { defaultCountry: 'CN' });
    expect((await owner.post(`${AT}/rollback`, { version: 1 })).body).toMatchObject({ liveVersion: 1 });
  });

  it('refuse samples with what may be somebody’s address', async () => {
    const { body: { version } } = await owner.get(AT);
    const real = await owner.put(AT, version, { mapping: FIRST, tests: [{ ...PHONE_TEST, sample: { mail: 'somebody@gmail.com' } }] });
    expect([real.status, real.body.errors, real.text.includes('gmail')]).toEqual([400, [{ path: '/tests/0/sample/mail', message: expect.any(String) }], false]);
    const neither = await owner.put(AT, version, { mapping: FIRST, tests: [{ name: 't', sample: {} }] });
    expect(neither.body.code).toBe('INVALID_REQUEST');
  });

  it('are made of a ready-made mapping, which is a draft like any other', async () => {
    await host.seed.source({ pluginId: 'csv', capability: 'contacts', id: 'files' });
    const { items } = (await integrator.get('/mappings/templates')).body as { items: { id: string; tests: object[] }[] };
    expect(items.length).toBeGreaterThan(5);
    for (const [at, { id, tests }] of items.entries()) {
      const draft = await integrator.put('/mappings/files/template', at, { template: id });
      expect([id, draft.status, (draft.body.draft as { tests: object[] }).tests.length]).toEqual([id, 200, tests.length]);
      expect([id, (await integrator.post('/mappings/files/test')).body.passed]).toEqual([id, true]);
    }
    expect((await integrator.put('/mappings/files/template', 0, { template: 'customer' })).body.code).toBe('VERSION_MISMATCH');
    expect((await integrator.put('/mappings/files/template', items.length, { template: 'none' })).body.code).toBe('NOT_FOUND');
    expect((await integrator.get('/mappings/files')).body.liveVersion).toBe(0);
    expect((await integrator.call('DELETE', '/mappings/files', { ifMatch: items.length })).status).toBe(204);
    expect((await integrator.get('/mappings/files')).body).toMatchObject({ version: 0, draft: null });
  });
});

describe('a preview', () => {
  it('says of each field where it comes from, what it is and what was lost', async () => {
    const { status, body } = await owner.post('/mappings/preview', { connectionId: 'shop', mapping: { name: '{{event}}', 'identities.phone': '{{mobile}}', 'order.currency': '{{code}}' }, sample: { event: 'A B', mobile: '139 1234 5678', code: 'yuan', voucher: 'x' } });
    expect([status, body.unmapped, body.error]).toEqual([200, ['voucher'], null]);
    expect(body.fields).toEqual([
      { target: 'name', sources: ['event'], type: 'string', outcome: 'kept', reason: null, value: 'A B', given: null },
      { target: 'identities.phone', sources: ['mobile'], type: 'string', outcome: 'coerced', reason: null, value: '+8613912345678', given: '139 1234 5678' },
      { target: 'order.currency', sources: ['code'], type: 'currency', outcome: 'dropped', reason: 'does-not-fit', value: null, given: 'yuan' },
    ]);
  });

  it('of a stored record is for who may see raw records', async () => {
    await send('m-5', { town: 'nowhere' });
    const quarantined = await until(() => host.connected.collections.quarantine.findOne({ workspaceId: host.workspaceId, connectionId: 'shop' }), (row) => row !== null);
    const [eventId, quarantineId] = [(await stored('m-1'))?._id, quarantined?._id].map((id) => String(id).slice(host.workspaceId.length + 1));
    const asked = async (by: AdminClient, from: object, version?: unknown) => by.post('/mappings/preview', { connectionId: 'shop', stored: from, version });
    expect((await asked(owner, { eventId }, 2)).body).toMatchObject({ sample: { kind: 'event', raw: { messageId: 'm-1' } }, record: { profile: { city: 'Suzhou' } } });
    expect((await asked(owner, { eventId }, 0)).body).toMatchObject({ record: { identities: [BROWSER] } });
    expect((await asked(owner, { quarantineId })).body).toMatchObject({ sample: { kind: 'quarantine', raw: { messageId: 'm-5' } }, record: null, error: { code: 'MISSING_IDENTITY' } });
    expect((await asked(owner, { newest: true })).body).toMatchObject({ sample: { kind: 'quarantine', id: quarantineId } });
    for (const from of [{ eventId }, { quarantineId }, { newest: true }]) expect([(await asked(integrator, from)).status, (await integrator.post('/mappings/suggestions', { connectionId: 'shop', stored: from })).status]).toEqual([403, 403]);
    expect((await asked(owner, { eventId: 'none' })).status).toBe(404);
    await host.seed.source({ pluginId: 'web', capability: 'events', id: 'other' });
    expect((await owner.post('/mappings/preview', { connectionId: 'other', stored: { eventId } })).status).toBe(404);
    const log = await owner.get('/audit-log?route=/admin/v1/mappings/preview');
    expect([log.status, (log.body.items as unknown[]).length > 0]).toEqual([200, true]);
  });
});

it('counts what a mapping does with the newest stored records, and shows no value', async () => {
  const { status, body, text } = await integrator.post('/mappings/coverage', { connectionId: 'shop', version: 2, newest: 4 });
  expect([status, body.records, body.isComplete]).toEqual([200, 4, true]);
  expect((body.outcomes as { code: string | null }[]).map(({ code }) => code).sort()).toEqual(['MISSING_IDENTITY', null]);
  expect(body.fields).toEqual(expect.arrayContaining([{ path: 'town', records: 1, isMapped: true }, { path: 'mobile', records: 3, isMapped: true }, { path: 'userId', records: 1, isMapped: false }]));
  expect((body.fields as { isMapped: boolean }[])[0]?.isMapped).toBe(false);
  expect(body.targets).toEqual(expect.arrayContaining([{ target: 'identities.phone', type: 'string', kept: 0, coerced: 3, truncated: 0, dropped: 0, empty: 0 }]));
  expect(text).not.toMatch(/1391234|nowhere|Jiangsu/);
});

it('proposes targets, and applies nothing', async () => {
  const before = (await owner.get(AT)).text;
  const { status, body } = await integrator.post('/mappings/suggestions', { connectionId: 'shop', version: 'draft', sample: { mobile: '13912345678', order_no: 'A-1', 实付金额: '5.00' } });
  const found = (body.suggestions as { source: string; target: string; value: unknown }[]).map(({ source, target, value }) => [source, target, value]);
  expect([status, found]).toEqual([200, expect.arrayContaining([['order_no', 'order.orderId', '{{order_no}}'], ['实付金额', 'order.total', '{{money 实付金额 "CNY"}}'], ['mobile', 'profile.phone', '{{mobile}}']])]);
  expect(found.map(([, target]) => target)).not.toContain('identities.phone');
  expect((await owner.get(AT)).text).toBe(before);
});
