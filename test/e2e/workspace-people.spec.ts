import { createReconcileStore } from '@firsthand/persistence';
import { newReconcile, type FindingRow } from '@firsthand/pipeline';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';

/** Who people are, who is believed about them, and what an admin decides of it. */
let host: TestHost;
let owner: AdminClient;
let basic: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  const { ownerEmail = '', ownerPassword = '' } = host.firstRun ?? {};
  owner = await logIn(host.url, ownerEmail, ownerPassword);
  await owner.post('/dictionary/custom-fields', { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.', example: 42 });
  basic = `Basic ${Buffer.from(`${ownerEmail}:${ownerPassword}`).toString('base64')}`;
});
afterAll(() => host.stop());

const page = (path: string, headers: Record<string, string> = {}) => fetch(host.url + path, { headers });

it('settings of identity, checked by what can hold, with what comes of them', async () => {
  const { body: built } = await owner.get('/identity-settings');
  expect(built).toMatchObject({ namespaces: [], scopes: [], mailboxRules: [], breaker: { maxIdentities: 1_000, maxMerges: 25, withinHours: 24 } });
  const { version, effective: _effective, ...settings } = built as { version: number; effective: unknown };
  const put = (given: object) => owner.put('/identity-settings', version, { ...settings, ...given });
  const wrong = await put({ namespaces: [{ namespace: 'deviceId', maxPerProfile: 1 }], scopes: [{ namespace: 'crmId', scope: 'eu', connectionIds: ['nowhere'] }] });
  expect([wrong.status, wrong.body.errors]).toEqual([400, [expect.objectContaining({ path: '/namespaces/0/maxPerProfile' }), expect.objectContaining({ path: '/scopes/0/connectionIds/0' })]]);
  const changed = await put({ namespaces: [{ namespace: 'phone', maxPerProfile: 2, rank: 5, blockedValues: ['+862164321000'] }], mailboxRules: ['gmail'] });
  expect(changed.status).toBe(200);
  expect((changed.body.effective as object[])[0]).toMatchObject({ namespace: 'phone', rank: 5, maxPerProfile: 2, isShared: false });
  expect((await owner.get('/identity-settings')).body).toEqual(changed.body);
});

it('links that wait for a decision, in pages by their age, and what is decided of them', async () => {
  const { collections, store } = host.connected;
  const ws = host.workspaceId;
  const profile = (profileId: string, ...identities: [string, string][]) => ({ profile: row.profile(profileId, { workspaceId: ws, identities: identities.map(([namespace, value]) => ({ namespace, value })) }), dueAt: null });
  await store.transaction(async (t) => {
    await t.insertIdentities(ws, new Map([['userId|a', 'link-a'], ['userId|b', 'link-b'], ['userId|c', 'link-c'], ['phone|+8613912345678', 'link-a']]), 1);
    await t.writeProfiles({ inserted: [profile('link-a', ['userId', 'a'], ['phone', '+8613912345678']), profile('link-b', ['userId', 'b']), profile('link-c', ['userId', 'c'])], updated: [], deleted: [] });
    await t.writeIdentityLinks(['c', 'b'].map((name, at) => row.identityLink(`link-${name}`, { linkId: `${ws}|link-${name}`, workspaceId: ws, keys: [`userId|${name}`, 'phone|+8613912345678'], at, causeEventId: `${ws}|e-${name}` })));
  });
  const first = (await owner.get('/identity-links?limit=1')).body as { items: { id: string; ends: unknown }[]; nextCursor: string };
  expect(first.items).toEqual([expect.objectContaining({
    id: 'link-c', state: 'pending', reason: 'too-many-of-namespace', namespace: 'userId', limit: 1, isJoined: false, eventId: 'e-c', decidedAt: null,
    ends: [{ namespace: 'userId', value: 'c', profileId: 'link-c' }, { namespace: 'phone', value: '+8613912345678', profileId: 'link-a' }],
  })]);
  const second = (await owner.get(`/identity-links?limit=1&cursor=${first.nextCursor}`)).body as { items: { id: string }[]; nextCursor: null };
  expect([second.items.map(({ id }) => id), second.nextCursor]).toEqual([['link-b'], null]);
  expect((await owner.get('/identity-links?cursor=x')).status).toBe(400);
  expect((await owner.post('/identity-links/link-c/reject', {})).body).toMatchObject({ state: 'rejected', isJoined: false });
  expect((await owner.post('/identity-links/link-c/accept', {})).body).toMatchObject({ code: 'LINK_DECIDED' });
  expect((await owner.post('/identity-links/link-b/accept', {})).body).toMatchObject({ state: 'accepted', isJoined: true });
  expect((await owner.get('/identity-links')).body).toEqual({ items: [], nextCursor: null });
  expect((await collections.profiles.findOne({ _id: `${ws}|link-c` }))?.disowned).toEqual(['phone|+8613912345678']);
  expect((await collections.profiles.findOne({ _id: `${ws}|link-a` }))?.mergedFrom).toEqual(['link-b']);
  const rows = await owner.get('/audit-log?limit=50');
  expect(JSON.stringify(rows.body)).toContain('identity-links/:id/accept');
});

it('a held link with what all links come to, settled by who has seen that', async () => {
  const { collections, store } = host.connected;
  const ws = host.workspaceId;
  const { version, effective: _effective, ...settings } = (await owner.get('/identity-settings')).body as { version: number; effective: unknown };
  expect((await owner.put('/identity-settings', version, { ...settings, namespaces: [{ namespace: 'userId', maxPerProfile: 1 }] })).status).toBe(200);
  const profile = (profileId: string, ...keys: string[]) => row.profile(profileId, { workspaceId: ws, identities: keys.map((key) => ({ namespace: key.split('|')[0] ?? '', value: key.split('|')[1] ?? '' })), verifiedKeys: keys });
  const [PHONE, LATE, FIRST] = ['phone|+8613800002222', 'userId|late', 'userId|first'];
  await store.transaction(async (t) => {
    await t.insertIdentities(ws, new Map([[LATE, 'late'], [PHONE, 'late'], [FIRST, 'first']]), 1);
    const late = { ...profile('late', LATE, PHONE), links: [{ keys: [LATE, PHONE] as [string, string], at: 1_000_000, eventId: `${ws}|e-late`, connectionId: 'till' }] };
    await t.writeProfiles({ inserted: [{ profile: late, dueAt: null }, { profile: profile('first', FIRST), dueAt: null }], updated: [], deleted: [] });
    await t.writeIdentityLinks([row.identityLink('first', { linkId: `${ws}|first`, workspaceId: ws, keys: [FIRST, PHONE], at: 2_000_000, occurredAt: 0, causeEventId: `${ws}|e-first` })]);
  });
  const ends = (userId: string, profileId: string, phoneOf = 'late') => [{ namespace: 'userId', value: userId, profileId }, { namespace: 'phone', value: '+8613800002222', profileId: phoneOf }];
  const seen = (await owner.get('/identity-links/first')).body as { review: { version: string } };
  expect(seen.review).toEqual({
    isJoined: true, joins: [{ ends: ends('first', 'first'), namedAt: '1970-01-01T00:00:00.000Z' }],
    givesWay: [{ ends: ends('late', 'late'), namedAt: '1970-01-01T00:16:40.000Z', reason: 'too-many-of-namespace', namespace: 'userId', limit: 1 }], version: expect.any(String),
  });
  expect((await owner.post('/identity-links/first/settle', {})).body).toMatchObject({ code: 'INVALID_REQUEST' });
  expect((await owner.post('/identity-links/first/settle', { version: 'another' })).body).toMatchObject({ code: 'CONFLICT' });
  const settled = await owner.post('/identity-links/first/settle', { version: seen.review.version });
  expect([settled.status, settled.body]).toEqual([200, expect.objectContaining({ state: 'accepted', isByPriority: true, isJoined: true, review: expect.objectContaining({ isJoined: true, joins: [], givesWay: [] }) })]);
  expect((await owner.get('/identity-links')).body.items).toEqual([expect.objectContaining({ ends: ends('late', 'late', 'first'), state: 'pending', eventId: 'e-late', connectionId: 'till' })]);
  expect((await collections.profiles.findOne({ _id: `${ws}|late` }))?.identities).toEqual([{ namespace: 'userId', value: 'late' }]);
  expect(JSON.stringify((await owner.get('/audit-log?limit=50')).body)).toContain('identity-links/:id/settle');
});

it('suggestions of who may be one person, with what each may see of them, and what is decided of them', async () => {
  const { collections, store } = host.connected;
  const ws = host.workspaceId;
  expect((await owner.get('/identity-matching')).body).toMatchObject({ isOn: false, step: null, nextAt: null, last: null });
  expect((await owner.post('/identity-matching/runs', {})).body).toMatchObject({ code: 'MATCHING_OFF' });
  const { version, effective: _effective, ...settings } = (await owner.get('/identity-settings')).body as { version: number; effective: unknown };
  const matching = { purpose: 'same-person', atLeast: 0.8, everyHours: 12 };
  expect((await owner.put('/identity-settings', version, { ...settings, matching })).body).toMatchObject({ errors: [{ path: '/matching/purpose' }] });
  await owner.post('/purposes', { key: 'same-person', name: { en: 'One person' }, description: { en: 'x' }, lawfulBasis: 'legitimate', fields: ['profile.*', 'identities.*'], expiresAfterDays: null });
  expect((await owner.put('/identity-settings', version, { ...settings, matching })).body).toMatchObject({ matching });
  await host.configuration.refresh();
  expect((await owner.post('/identity-matching/runs', {})).status).toBe(202);
  const asked = Date.now();
  const stands = (await owner.get('/identity-matching')).body as { isOn: boolean; step: string | null; nextAt: string };
  expect(stands).toMatchObject({ isOn: true, step: null });
  expect(Date.parse(stands.nextAt)).toBeGreaterThanOrEqual(asked);

  const field = (value: string) => ({ value, at: 1, source: 's', origin: 'o', version: 1 });
  const profile = (profileId: string, phone: string) => ({ profile: row.profile(profileId, { workspaceId: ws, identities: [{ namespace: 'phone', value: phone }], fields: { name: field('Ana Lima'), birthday: field('1990-05-17') } }), dueAt: null });
  await store.transaction(async (t) => {
    await t.writeProfiles({ inserted: [profile('match-a', '+8613912340001'), profile('match-b', '+8613912340002'), profile('match-c', '+8613912340003')], updated: [], deleted: [] });
    await t.insertIdentities(ws, new Map([['phone|+8613912340001', 'match-a'], ['phone|+8613912340002', 'match-b'], ['phone|+8613912340003', 'match-c']]), 1);
    for (const [at, [name, other]] of [['match-a', 'match-b'], ['match-a', 'match-c'], ['match-b', 'match-gone']].entries()) await t.writeMatch(row.matchSuggestion(`match-${at}`, { suggestionId: `${ws}|match-${at}`, workspaceId: ws, profileIds: [name as string, other as string], probability: 0.99 - at / 100 }));
  });
  const first = (await owner.get('/identity-suggestions?limit=2')).body as { items: { id: string; people: object[] }[]; nextCursor: string };
  expect(first.items.map(({ id }) => id)).toEqual(['match-0', 'match-1']);
  expect(first.items[0]).toMatchObject({ state: 'open', probability: 0.99, rival: 'other', weights: [{ field: 'name', level: 'same', weight: 8 }], people: [
    { profileId: 'match-a', isThere: true, values: { name: ['Ana Lima'], birthday: ['1990-05-17'], phone: ['+8613912340001'] } }, { profileId: 'match-b', isThere: true, values: { phone: ['+8613912340002'] } },
  ] });
  const second = (await owner.get(`/identity-suggestions?limit=2&cursor=${first.nextCursor}`)).body as { items: { id: string; people: object[] }[]; nextCursor: null };
  expect([second.items.map(({ id }) => id), second.nextCursor]).toEqual([['match-2'], null]);
  expect(second.items[0]?.people).toEqual([expect.objectContaining({ isThere: true }), { profileId: 'match-gone', isThere: false, values: {} }]);
  expect((await owner.get('/identity-suggestions?cursor=x')).status).toBe(400);

  const password = 'correct horse battery staple';
  await collections.profiles.updateOne({ _id: `${ws}|match-a` }, { $set: { 'fields.street': field('88 Oak Street') } });
  await owner.post('/users', { email: 'match-officer@example.com', name: 'Kim', roles: ['privacy-officer'], password });
  const officer = await logIn(host.url, 'match-officer@example.com', password);
  await host.configuration.refresh();
  const seen = (await officer.get('/identity-suggestions/match-0')).body as { people: { values: object }[] };
  expect(seen.people[0]?.values).toEqual({ name: ['A**'], birthday: ['***'], phone: ['139****0001'], street: ['88***et'] });
  expect((await officer.post('/identity-suggestions/match-0/accept', {})).status).toBe(403);

  expect((await owner.post('/identity-suggestions/match-1/reject', {})).body).toMatchObject({ state: 'rejected' });
  expect((await owner.post('/identity-suggestions/match-1/accept', {})).body).toMatchObject({ code: 'SUGGESTION_DECIDED' });
  expect((await owner.post('/identity-suggestions/match-0/accept', {})).body).toMatchObject({ state: 'accepted' });
  // Whom it was one of is somebody else now.
  expect((await owner.post('/identity-suggestions/match-2/accept', {})).body).toMatchObject({ code: 'SUGGESTION_OUTDATED' });
  expect((await owner.get('/identity-suggestions')).body).toEqual({ items: [], nextCursor: null });
  expect((await collections.profiles.findOne({ _id: `${ws}|match-a` }))?.mergedFrom).toEqual(['match-b']);
  expect(JSON.stringify((await owner.get('/audit-log?limit=50')).body)).toContain('identity-suggestions/:id/accept');
  expect((await owner.call('DELETE', '/purposes/same-person', { ifMatch: 1 })).body).toMatchObject({ code: 'CONFLICT', detail: expect.stringContaining('the matching of profiles') as unknown });
  const now = (await owner.get('/identity-settings')).body as { version: number };
  expect((await owner.put('/identity-settings', now.version, { ...settings, matching: null })).status).toBe(200);
  expect((await owner.call('DELETE', '/purposes/same-person', { ifMatch: 1 })).status).toBe(204);
});

it('what reconciles found, with what each may see of it, what is decided on it, and when they run by themselves', async () => {
  const { collections, store } = host.connected;
  const ws = host.workspaceId;
  const field = (value: string) => ({ value, at: 1, source: 's', origin: 'o', version: 1 });
  const reconciles = createReconcileStore(host.connected.connection);
  const begun = newReconcile({ reconcileId: `${ws}|rec`, workspaceId: ws, ruleId: 'crm', connectionId: 'hubspot', repair: 'ask', by: null }, 1_000);
  const found = (key: string, more: object) => ({ findingId: `${ws}|rec|${key}`, workspaceId: ws, reconcileId: `${ws}|rec`, profileId: null, kind: 'extra', reason: 'unknown-here', consent: null, fields: [], state: 'open', decision: null, repair: null, at: 2_000, decidedAt: null, ...more }) as FindingRow;
  await store.transaction((t) => t.writeProfiles({ inserted: [{ profile: row.profile('copy-a', { workspaceId: ws, fields: { phone: field('+8613912340009') } }), dueAt: null }], updated: [], deleted: [] }));
  expect(await reconciles.begin(begun)).toBe(true);
  await reconciles.transaction((tx) => tx.writeFindings([found('a', { profileId: 'copy-a', kind: 'different', reason: 'fields-differ', fields: [{ field: 'phone', reason: 'ours-newer' }] }), found('b', {}), found('c', { reason: 'erased' })]));
  const at = '/sync-rules/crm/reconciles';

  expect((await owner.post('/sync-rules/other/reconciles', { repair: 'none' })).body).toMatchObject({ code: 'NOT_FOUND' });
  // Not in force any more, or its system lists nothing.
  expect((await owner.post(at, { repair: 'none' })).body).toMatchObject({ code: 'CANNOT_LIST_RECORDS' });
  expect((await owner.get(at)).body).toMatchObject({ items: [{ id: 'rec', state: 'running', step: 'theirs', repair: 'ask', by: null, startedAt: '1970-01-01T00:00:01.000Z', endedAt: null }], nextCursor: null });
  expect((await owner.get('/sync-rules/other/reconciles/rec')).status).toBe(404);
  // One that goes on is not decided on.
  expect((await owner.post(`${at}/rec/findings/decide`, { decision: 'leave' })).body).toMatchObject({ code: 'CONFLICT' });
  expect((await owner.post(`${at}/rec/cancel`)).body).toMatchObject({ state: 'cancelled' });
  expect((await owner.post(`${at}/rec/cancel`)).body).toMatchObject({ code: 'CONFLICT' });

  const first = (await owner.get(`${at}/rec/findings?limit=2`)).body as { items: object[]; nextCursor: string };
  expect(first.items).toMatchObject([
    { id: 'a', kind: 'different', profileId: 'copy-a', state: 'open', fields: [{ field: 'phone', reason: 'ours-newer', words: expect.any(String) as unknown, ours: '+8613912340009' }] }, { id: 'b', reason: 'unknown-here', words: 'The system holds somebody whom we do not know.' },
  ]);
  expect((await owner.get(`${at}/rec/findings?limit=2&cursor=${first.nextCursor}`)).body).toMatchObject({ items: [{ id: 'c' }], nextCursor: null });
  expect((await owner.get(`${at}/rec/findings?kind=different&state=open`)).body).toMatchObject({ items: [{ id: 'a' }] });
  const password = 'correct horse battery staple';
  for (const role of ['integrator', 'marketer']) await owner.post('/users', { email: `${role}-copies@example.com`, name: 'Kim', roles: [role], password });
  const [integrator, marketer] = [await logIn(host.url, 'integrator-copies@example.com', password), await logIn(host.url, 'marketer-copies@example.com', password)];
  const seen = async (as: AdminClient) => ((await as.get(`${at}/rec/findings?kind=different`)).body as { items: { fields: object[] }[] }).items[0]?.fields[0];
  expect([await seen(integrator), await seen(marketer)]).toEqual([{ field: 'phone', reason: 'ours-newer', words: expect.any(String) }, expect.objectContaining({ ours: '139****0009' })]);
  expect((await marketer.post(`${at}/rec/findings/decide`, { decision: 'leave' })).status).toBe(403);

  expect((await integrator.post(`${at}/rec/findings/decide`, { decision: 'take-theirs', findings: ['a', 'nowhere'] })).body).toEqual({ decided: 1 });
  expect((await integrator.get(`${at}/rec`)).body).toMatchObject({ state: 'running', step: 'repair' });
  expect((await integrator.post(`${at}/rec/cancel`)).status).toBe(200);
  expect((await integrator.post(`${at}/rec/findings/decide`, { decision: 'push-ours' })).body).toEqual({ decided: 2 });
  expect(((await owner.get(`${at}/rec/findings`)).body as { items: { decision: string; repair: string }[] }).items.map(({ decision, repair }) => `${decision} ${repair}`)).toEqual(['take-theirs take', 'push-ours none', 'push-ours erase']);
  expect(await collections.reconcileFindings.countDocuments({ reconcileId: `${ws}|rec`, expireAt: { $type: 'date' } })).toBe(3);

  expect((await owner.get('/reconcile-settings')).body).toMatchObject({ isNightly: false, at: '03:00', timeZone: 'UTC', repair: 'none' });
  const { body: { version } } = await owner.get('/reconcile-settings');
  const nightly = { isNightly: true, at: '04:30', timeZone: 'Asia/Shanghai', repair: 'ask' };
  expect((await owner.put('/reconcile-settings', version, { ...nightly, timeZone: 'Mars/Base' })).body).toMatchObject({ errors: [{ path: '/timeZone' }] });
  expect((await owner.put('/reconcile-settings', version, nightly)).body).toMatchObject(nightly);
  await host.configuration.refresh();
  expect(host.configuration.workspace(ws).reconciling).toMatchObject({ at: '04:30', timeZone: 'Asia/Shanghai', repair: 'ask', since: expect.any(Number) as unknown });
  expect(((await owner.get('/configuration')).body as { documents: { kind: string; id: string; content: object }[] }).documents.find(({ id }) => id === 'reconcile')?.content).toEqual(nightly);
});

describe('who is believed about a field', () => {
  const NOW = Date.parse('2026-03-01T12:00:00Z');
  const field = (value: string, source: string, at: number) => ({ value, at: NOW + at, source, origin: `${source}-${at}`, version: 1 });

  beforeAll(async () => {
    for (const id of ['own-crm', 'own-till']) await owner.post('/connections', { kind: 'source', id, name: id, pluginId: 'web', capability: 'events' });
    await host.connected.store.transaction((t) => t.insertIdentities(host.workspaceId, new Map([['email|believed@example.com', 'believed']]), 1));
    await host.connected.store.transaction((t) => t.writeProfiles({ inserted: [{ dueAt: null, profile: row.profile('believed', {
      workspaceId: host.workspaceId, identities: [{ namespace: 'email', value: 'believed@example.com' }], mergedFrom: ['believed-before'],
      fields: { city: field('Suzhou', 'own-crm', 2), birthday: field('1990-05-17', 'own-crm', 1) }, candidates: { city: [field('Hangzhou', 'own-till', 1)] },
    }) }], updated: [], deleted: [] }));
  });
  afterAll(() => Promise.all(['own-crm', 'own-till'].map((id) => owner.call('DELETE', `/connections/${id}`, { ifMatch: 1 }))));

  const settings = async (fields: object[]) => owner.put('/ownership-settings', ((await owner.get('/ownership-settings')).body as { version: number }).version, { fields });
  const city = async () => ((await owner.post('/profiles/lookup', { namespace: 'email', value: 'Believed@example.com' })).body.traits as { name: string }[]).find(({ name }) => name === 'city');

  it('is the newest until somebody says more, and is told with what lost and why', async () => {
    expect((await owner.get('/ownership-settings')).body).toMatchObject({ defaults: { policy: 'owner-first' }, fields: [], effective: expect.arrayContaining([expect.objectContaining({ field: 'profile.city', masters: [{ channel: 'crm' }], isSet: false, words: 'master channel:crm; then the newest' })]) as unknown });
    expect(await city()).toEqual({
      name: 'city', value: 'Suzhou', source: 'own-crm', at: '2026-03-01T12:00:00.002Z', why: 'newest', rule: 'master channel:crm; then the newest',
      candidates: [{ value: 'Hangzhou', source: 'own-till', at: '2026-03-01T12:00:00.001Z', lostBy: 'newest' }],
    });
  });

  it('is refused with the place of what is not there, and decides what is shown at once', async () => {
    const unknown = await settings([{ field: 'profile.town', masters: [{ connectionId: 'nowhere' }] }]);
    expect([unknown.status, unknown.body.errors]).toEqual([400, [{ path: '/fields/0/field', message: 'is no field of the profile' }, { path: '/fields/0/masters/0/connectionId', message: 'is no source of the workspace' }]]);
    expect((await settings([{ field: 'profile.city', masters: [{ connectionId: 'own-till' }] }, { field: 'profile.birthday', masters: [], refused: [{ connectionId: 'own-crm' }] }, { field: 'profile.custom.shoeSize', policy: 'newest' }])).status).toBe(200);
    expect(await city()).toMatchObject({ value: 'Hangzhou', source: 'own-till', why: 'owner', candidates: [{ value: 'Suzhou', lostBy: 'owner' }] });
    expect((await owner.get('/profiles/believed-before')).status).toBe(404);
    expect((await owner.get('/profiles/believed')).body.unsetTraits).toEqual([expect.objectContaining({ name: 'birthday', why: 'may-not-write', candidates: [expect.objectContaining({ source: 'own-crm', lostBy: 'may-not-write' })] })]);
    expect(await host.connected.collections.profiles.countDocuments({ profileId: 'believed', 'fields.city.value': 'Suzhou' })).toBe(1);
  });

  it('stands in the dictionary, as JSON, page and Markdown', async () => {
    const { entities } = (await owner.get('/dictionary')).body as { entities: { name: string; fields: { path: string; ownership?: { words: string; isSet: boolean } }[] }[] };
    const fields = entities.flatMap((entity) => entity.fields);
    expect(fields.find(({ path }) => path === 'profile.city')?.ownership).toMatchObject({ masters: [{ connectionId: 'own-till' }], isSet: true, words: 'master connection:own-till; then the newest' });
    expect(fields.filter(({ path, ownership }) => !path.startsWith('profile.') && ownership !== undefined)).toEqual([]);
    for (const form of ['', '/markdown']) expect(await (await page(`/dictionary/${host.workspaceId}${form}`, { authorization: basic })).text()).toMatch(/Who is believed[^]*master connection:own-till; then the newest/);
    expect(await (await page('/dictionary')).text()).not.toContain('Who is believed');
  });

  it('keeps what it names from being taken away', async () => {
    const { version } = (await owner.get('/connections/own-till')).body as { version: number };
    expect((await owner.call('DELETE', '/connections/own-till', { ifMatch: version })).body).toMatchObject({ code: 'CONFLICT', errors: [{ path: '/ownership-settings/fields/0/masters/0/connectionId' }] });
    expect((await owner.call('DELETE', '/dictionary/custom-fields/profile.shoeSize?storedValues=drop', { ifMatch: 1 })).body).toMatchObject({ code: 'CONFLICT', errors: [{ path: '/ownership-settings/profile.custom.shoeSize' }] });
  });

  it('goes with the configuration as documents', async () => {
    const { documents } = (await owner.get('/configuration')).body as { documents: { kind: string; id: string; content: { fields: object[] } }[] };
    const ours = documents.find(({ kind, id }) => kind === 'settings' && id === 'ownership');
    expect(ours?.content.fields[0]).toMatchObject({ field: 'profile.city', masters: [{ connectionId: 'own-till' }] });
    const wrong = await owner.post('/configuration', { documents: [{ ...ours, content: { fields: [{ field: 'profile.town' }] } }] });
    expect([wrong.body.code, wrong.body.errors]).toEqual(['INVALID_CONFIGURATION', [{ path: '/settings/ownership/fields/0/field', message: expect.stringContaining('is no field of the profile') as unknown }]]);
    const { body } = await owner.post('/configuration', { documents: [{ ...ours, content: { defaults: { policy: 'newest', priority: [] }, fields: [] } }] });
    expect(body.changes).toEqual([expect.objectContaining({ kind: 'settings', id: 'ownership', change: 'changed' })]);
    expect(await city()).toMatchObject({ value: 'Suzhou', why: 'newest', rule: 'the newest' });
    // The work for everybody who is not read waits with it.
    expect(await host.connected.connection.collection('backfills').countDocuments({ workspaceId: host.workspaceId })).toBeGreaterThan(0);
  });

  it('and so do the settings of changes and reconciles, while unknown ones are refused with their place', async () => {
    const changes = { kind: 'settings', id: 'changes', content: { isKept: true, keptForDays: 5, feeds: [] } };
    const reconcile = { kind: 'settings', id: 'reconcile', content: { isNightly: true, at: '03:30', timeZone: 'Asia/Shanghai', repair: 'ask' } };
    const { body } = await owner.post('/configuration', { documents: [changes, reconcile] });
    expect(body.changes).toEqual([changes, reconcile].map(({ kind, id }) => expect.objectContaining({ kind, id }) as unknown));
    expect((await owner.get('/configuration')).body.documents).toEqual(expect.arrayContaining([changes, reconcile]));
    const unknown = await owner.post('/configuration', { documents: [{ kind: 'settings', id: 'chnges', content: {} }] });
    expect([unknown.body.code, unknown.body.errors]).toEqual(['INVALID_CONFIGURATION', [{ path: '/settings/chnges', message: expect.stringContaining('use access, changes,') as unknown }]]);
  });
});

it('all that happened with a person, in pages that miss nothing and repeat nothing, whatever is of one moment', async () => {
  const [ws, key] = [host.workspaceId, (id: string) => `${host.workspaceId}|${id}`];
  await host.connected.store.transaction(async (t) => {
    await t.writeProfiles({ inserted: [{ profile: row.profile('lived', { workspaceId: ws, identities: [{ namespace: 'userId', value: 'lived' }] }), dueAt: null }, { profile: row.profile('lived-too', { workspaceId: ws }), dueAt: null }], updated: [], deleted: [] });
    await t.insertIdentities(ws, new Map([['userId|lived', 'lived']]), 1);
    await t.insertMerges([{ mergeId: key('merge'), workspaceId: ws, winner: 'lived', loser: 'lived-too', at: 3_000, causeEventId: null, before: { winner: row.profile('lived', { workspaceId: ws }), loser: row.profile('lived-too', { workspaceId: ws }) } }]);
    await t.writeProfiles({ inserted: [], updated: [{ profile: row.profile('lived', { workspaceId: ws, identities: [{ namespace: 'userId', value: 'lived' }], mergedFrom: ['lived-too'], version: 2 }), dueAt: null }], deleted: [{ workspaceId: ws, profileId: 'lived-too' }] });
    await t.insertEvents([['a', 'lived', 3_000], ['b', 'lived-too', 3_000], ['c', 'lived', 4_000]].map(([id, profileId, occurredAt]) => row.event(`lived-${String(id)}`, { eventId: key(`lived-${String(id)}`), workspaceId: ws, profileId: String(profileId), record: row.record({ messageId: String(id), occurredAt: Number(occurredAt) }) })));
    await t.insertDeliveries([1, 2].map((seq) => row.delivery(`lived-${seq}`, { deliveryId: key(`lived-${seq}`), workspaceId: ws, profileId: 'lived', seq, createdAt: 3_000, state: 'delivered' })));
    await t.insertConsentRecords([row.consent('lived-c', { workspaceId: ws, identityKey: 'userId|lived', effectiveAt: 3_000, recordedAt: 5_000 })]);
  });
  const entries: string[] = [];
  let path: string | null = '/profiles/lived-too/timeline?limit=1';
  for (let pages = 0; path !== null && pages < 20; pages += 1) {
    const body = (await owner.get(path)).body as { timeline: Record<string, { id?: string; recordId?: string; loser?: string }>[]; nextCursor: string | null };
    entries.push(...body.timeline.map((entry) => `${entry.kind as unknown as string} ${entry.event?.id ?? entry.delivery?.id ?? entry.consent?.recordId ?? entry.merge?.loser ?? ''}`));
    path = body.nextCursor === null ? null : `/profiles/lived/timeline?limit=1&cursor=${body.nextCursor}`;
  }
  expect(entries).toEqual(['event lived-c', 'consent lived-c', 'delivery lived-1', 'delivery lived-2', 'event lived-a', 'event lived-b', 'merge lived-too']);
  expect(((await owner.get('/profiles/lived/timeline?kind=delivery')).body.timeline as object[]).length).toBe(2);
  for (const cursor of ['x', Buffer.from('1|sale|x').toString('base64url')]) expect((await owner.get(`/profiles/lived/timeline?cursor=${cursor}`)).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/cursor' }] });
});
