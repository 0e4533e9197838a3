import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_REQUEST_SETTINGS, type ConsentDecision, type Identity, type JsonValue } from '@firsthand/domain';
import { createErasureStore, createPersonExportStore, createPrivacyRequestStore, type Stored } from '@firsthand/persistence';
import { carryOutErasures, createEraser, openRequest, recordConsents, serveAccessRequests, startErasure, type ErasureSubject } from '@firsthand/pipeline';
import type { DestinationDefinition } from '@firsthand/plugin-sdk';
import { SignJWT } from 'jose';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { event, identify } from '../support/pipeline-story.js';
import { createWorld, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { TEST_CERTIFICATES } from '../support/test-certificates.js';
import { until } from '../support/until.js';
import { watchLane } from '../support/watch-lane.js';
import { startVendorServer, type VendorServer } from '../support/vendor-server.js';

const email = (value: string): Identity => ({ namespace: 'email', value });
const userId = (value: string): Identity => ({ namespace: 'userId', value });

/** Mal is known by a verified record, and somebody has said over a public key that Eve's address is his: he mistyped it, or wants what is hers. */
describe('an erasure under an identity that somebody else has only claimed', () => {
  const EVE = 'eve@example.com';
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  const options = () => ({
    store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: randomUUID, tombstones: TOMBSTONES,
  });
  const send = async (message: JsonValue, isVerified = true): Promise<void> => {
    await world.track([message], { isVerified });
    await world.settle();
    world.clock.now += 1_000;
  };
  const decide = (identity: Identity, decision: ConsentDecision): Promise<unknown> => recordConsents(
    { workspaceId: WORKSPACE, identity, decisions: [{ purpose: 'marketing', decision }], agreement: decision === 'granted' ? { agreementId: 'terms', version: 1, language: 'en' } : null, method: 'toggle', submissionId: '' }, options());
  const erase = async (over: Partial<ErasureSubject> = {}): Promise<void> => {
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [email(EVE)], profileId: null, ...over }, options());
    const eraser = createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder: 'eraser' });
    for (let turn = 0; turn < 20 && (await world.store.collections.erasures.countDocuments({ finishedAt: null })) > 0; turn += 1) {
      await eraser.tick();
      await world.settle();
      world.clock.now += 60_000;
    }
    expect(await world.store.collections.erasures.countDocuments({ finishedAt: null })).toBe(0);
  };
  const profileIdOf = async (key: string): Promise<string | undefined> => (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|${key}` }))?.profileId;
  const mal = () => world.store.collections.profiles.findOne({ 'identities.value': 'u-mal' });
  const standing = async () => (await world.store.collections.consentStates.findOne({ _id: `${WORKSPACE}|${String((await mal())?.profileId)}` }))?.state.marketing?.processor?.decision;
  /** Collections with a document in which the text is. */
  async function marked(text: string): Promise<string[]> {
    const db = world.store.connection.getClient().db(world.store.connection.name);
    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name as string);
    const found = await Promise.all(names.map(async (name) => ((await db.collection<Stored>(name).find({}).toArray()).some((row) => JSON.stringify(row).includes(text)) ? [name] : [])));
    return found.flat().sort();
  }
  async function claim(): Promise<void> {
    await send(identify(world, 'known', 'u-mal', { firstName: 'Mal' }));
    await decide(userId('u-mal'), 'granted');
    await send(identify(world, 'claim', 'u-mal', { email: EVE }), false);
  }

  it('takes the claim off them and leaves them, also where the request names their profile; what recipients got by it alone is called back', async () => {
    await claim();
    await send(event(world, 'bought', { userId: 'u-mal' }));
    expect(world.received.at(-1)).toMatchObject({ operation: 'send', payload: { email: EVE } });
    const profileId = (await profileIdOf('userId|u-mal')) as string;
    expect(await profileIdOf(`email|${EVE}`)).toBe(profileId);
    world.received.length = 0;
    await erase({ profileId });
    expect(await marked(EVE)).toEqual([]);
    expect(world.received.filter(({ operation }) => operation === 'erase').map(({ payload }) => payload)).toEqual([{ email: EVE }]);
    expect(await mal()).toMatchObject({ profileId, fields: { firstName: { value: 'Mal' } }, disowned: [expect.stringMatching(/^erased\|/)] });
    expect(await standing()).toBe('granted');
    expect(await world.store.collections.events.countDocuments({ profileId, 'record.messageId': 'bought' })).toBe(1);
    // Mal is not shut out by the tombstone of what is not his, and Eve does not come back by him.
    await send(identify(world, 'again', 'u-mal', { email: EVE, city: 'Oslo' }), false);
    expect(await mal()).toMatchObject({ fields: { city: { value: 'Oslo' } } });
    expect((await mal())?.fields.email).toBeUndefined();
    await send(identify(world, 'alone', 'u-other', { email: EVE }));
    expect(await marked(EVE)).toEqual([]);
  });

  it('calls back what recipients got of them by it once nothing is on its way any more: a send of theirs and an erase are in no order', async () => {
    await claim();
    await send(event(world, 'bought', { userId: 'u-mal' }));
    await world.track([event(world, 'again', { userId: 'u-mal' })], { isVerified: true });
    await world.apply.drain();
    const lookTwice = watchLane(world);
    world.configuration.current = { ...world.configuration.current, destinations: new Map([...world.configuration.current.destinations].map(([id, one]) => [id, { ...one, destinations: { ...one.destinations, 'send-event': { ...one.destinations['send-event'] as DestinationDefinition, async send({ payload }) {
      await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [email(EVE)], profileId: null }, options());
      await lookTwice();
      world.received.push({ operation: 'arrived', payload: payload as { email: string }, idempotencyKey: '', at: 0 });
    } } } }])) };
    world.received.length = 0;
    await world.settle();
    world.clock.now += 60_000;
    await world.settle();
    expect(world.received.map(({ operation, payload }) => [operation, payload.email])).toEqual([['arrived', EVE], ['erase', EVE]]);
  });

  it('leaves them where it is asked for twice: by the second time nobody has the identity', async () => {
    await claim();
    const profileId = (await profileIdOf('userId|u-mal')) as string;
    for (const _ of [1, 2]) await erase({ profileId });
    expect(await mal()).toMatchObject({ profileId, fields: { firstName: { value: 'Mal' } } });
  });

  it('leaves standing what was refused under it', async () => {
    await claim();
    await send({ type: 'identify', messageId: 'no', traits: { email: EVE }, context: { consent: { categoryPreferences: { marketing: false } } }, timestamp: new Date(world.clock.now).toISOString() }, false);
    expect(await standing()).toBe('denied');
    await erase();
    expect(await standing()).toBe('denied');
    // Folded anew, from what is left of the ledger.
    await world.store.collections.profiles.updateOne({ 'identities.value': 'u-mal' }, { $set: { mustRefold: true, dueAt: 1 } });
    await world.settle();
    expect([(await mal())?.mustRefold, await standing()]).toEqual([undefined, 'denied']);
  });

  it('erases them too where the request names them by what is theirs', async () => {
    await claim();
    await erase({ identities: [email(EVE), userId('u-mal')] });
    expect([await marked(EVE), await marked('u-mal')]).toEqual([[], []]);
  });

  it('erases nobody for a browser that was only seen with them', async () => {
    await send(identify(world, 'known', 'u-mal', {}));
    await send(event(world, 'seen', { userId: 'u-mal', anonymousId: 'browser-9' }), false);
    expect(await profileIdOf('anonymousId|browser-9')).toBe(await profileIdOf('userId|u-mal'));
    await erase({ identities: [{ namespace: 'anonymousId', value: 'browser-9' }] });
    expect([(await mal())?.identities, await marked('browser-9')]).toEqual([[userId('u-mal')], []]);
  });

  it('leaves a browser that others were seen with too to them, and takes it off who has it', async () => {
    for (const user of ['u-mal', 'u-ann']) {
      await send(identify(world, `known-${user}`, user, {}));
      await send(event(world, `seen-${user}`, { userId: user, anonymousId: 'browser-9' }), false);
    }
    expect(await profileIdOf('anonymousId|browser-9')).toBe(await profileIdOf('userId|u-mal'));
    await erase({ identities: [{ namespace: 'anonymousId', value: 'browser-9' }] });
    expect([await mal(), await profileIdOf('anonymousId|browser-9')]).toMatchObject([{ identities: [userId('u-mal')], disowned: ['anonymousId|browser-9'] }, await profileIdOf('userId|u-ann')]);
  });

  it('erases neither of them where that is asked for twice', async () => {
    for (const user of ['u-mal', 'u-ann']) {
      await send(identify(world, `known-${user}`, user, {}));
      await send(event(world, `seen-${user}`, { userId: user, anonymousId: 'browser-9' }), false);
    }
    const profileId = (await profileIdOf('userId|u-mal')) as string;
    for (const _ of [1, 2]) await erase({ identities: [{ namespace: 'anonymousId', value: 'browser-9' }], profileId });
    expect([(await mal())?.profileId, await profileIdOf('userId|u-mal')]).toEqual([profileId, profileId]);
    expect(await profileIdOf('userId|u-ann')).toBeDefined();
  });

  it('erases who nothing has proven by any of their identities', async () => {
    await send(identify(world, 'claims', 'u-eve', { email: EVE }), false);
    await erase();
    expect([await marked(EVE), await marked('u-eve')]).toEqual([[], []]);
  });

  it('goes by who has the identity when it begins: one that was proven to be another\'s meanwhile, and one that has become a mere claim', async () => {
    await send(identify(world, 'claims', 'u-mal', { email: EVE }), false);
    const profileId = await profileIdOf('userId|u-mal') ?? null;
    const requests = createPrivacyRequestStore(world.store.collections);
    const exports = createPersonExportStore(world.store.connection);
    const ask = async (id: string, kind: 'access' | 'erasure') => {
      await requests.insertPrivacyRequest(openRequest({ requestId: `${WORKSPACE}|${id}`, workspaceId: WORKSPACE, kind, identities: [email(EVE)], profileId, country: null, source: 'page', verification: 'code', actor: { kind: 'person', id: null }, requestedAt: 0 }, DEFAULT_REQUEST_SETTINGS, 0));
      await requests.advancePrivacyRequest(`${WORKSPACE}|${id}`, 'received', { to: 'in-progress', at: 0, actor: { kind: 'user', id: 'u' } });
    };
    const serve = () => serveAccessRequests([WORKSPACE], { requests, exports, store: world.store.store, clock: () => world.clock.now });
    const ordered = async () => (await world.store.collections.personExports.find({}).sort({ _id: 1 }).toArray()).map((row) => [row._id, row.profileId]);
    await ask('a1', 'access');
    await serve();
    expect(await ordered()).toEqual([[`${WORKSPACE}|a1`, profileId]]);
    // Mal's own server says who he is: the address is only claimed for him from then on.
    await send(identify(world, 'known', 'u-mal', { firstName: 'Mal' }));
    await ask('a2', 'access');
    await serve();
    expect([await requests.findPrivacyRequest(`${WORKSPACE}|a2`), (await ordered()).length]).toMatchObject([{ status: 'completed', result: { files: 0 } }, 1]);
    // A guest order says whose it is.
    await send({ type: 'identify', messageId: 'order', anonymousId: 'order-1', traits: { email: EVE }, timestamp: new Date(world.clock.now).toISOString() });
    expect(await profileIdOf(`email|${EVE}`)).not.toBe(profileId);
    await ask('a3', 'access');
    await serve();
    expect((await ordered()).at(-1)).toEqual([`${WORKSPACE}|a3`, await profileIdOf(`email|${EVE}`)]);
    await ask('e1', 'erasure');
    await carryOutErasures([WORKSPACE], { ...options(), requests });
    expect([(await mal())?.profileId, await profileIdOf(`email|${EVE}`)]).toEqual([profileId, undefined]);
  });
});

/** Eve is known by verified records. Over the public key of the site others have put what is theirs beside her account, and their account beside her address. */
describe('who comes with an identity that was only claimed for somebody', () => {
  const EVE = 'eve@example.com';
  const [MAL, MIA, MAX] = ['mal@example.com', 'mia@example.com', 'max@example.com'];
  const folder = mkdtempSync(join(tmpdir(), 'claims-'));
  const [certificateFile, keyFile] = ['certificate.pem', 'key.pem'].map((name) => join(folder, name)) as [string, string];
  const notices: { kind: string; to: string; code?: string }[] = [];
  let host: TestHost;
  let owner: AdminClient;
  let receiver: VendorServer;
  let keys: { writeKey: string; secretKey: string };
  let eve: string;

  const tell = (key: string, body: object) => fetch(`${host.url}/v1/identify`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` }, body: JSON.stringify({ messageId: randomUUID(), ...body }) });
  const holderOf = async (key: string): Promise<string | undefined> => (await host.connected.collections.identities.findOne({ _id: `${host.workspaceId}|${key}` }))?.profileId;
  const privacy = (path: string, body: object) => fetch(`${host.url}/privacy/${host.workspaceId}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const act = (path: string, form: Record<string, string>) => fetch(`${host.url}/privacy/${host.workspaceId}/${path}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ lang: 'en', ...form }) });
  /** Reads a code at an address and gives the token of the page that it opens. */
  async function enter(contact: string): Promise<string> {
    const sent = () => notices.filter(({ kind, to }) => kind === 'one-time-code' && to === contact);
    const before = sent().length;
    expect((await privacy('codes', { contact })).status).toBe(202);
    const { code } = (await until(sent, ({ length }) => length > before)).at(-1) ?? {};
    const opened = await privacy('codes/confirm', { contact, code });
    expect(opened.status).toBe(200);
    return new URL(String((await opened.json() as { url: string }).url)).searchParams.get('token') ?? '';
  }
  const page = async (token: string): Promise<string> => (await fetch(`${host.url}/privacy/${host.workspaceId}?${new URLSearchParams({ token, lang: 'en' }).toString()}`)).text();
  const requestsOf = (value: string) => host.connected.collections.privacyRequests.find({ 'content.identities.value': value }).sort({ createdAt: -1 }).toArray();

  beforeAll(async () => {
    writeFileSync(certificateFile, TEST_CERTIFICATES.rsa.certificate);
    writeFileSync(keyFile, TEST_CERTIFICATES.rsa.privateKey);
    receiver = await startVendorServer(({ text }) => {
      notices.push(JSON.parse(text) as (typeof notices)[number]);
      return { status: 204 };
    });
    host = await startHost({ env: { FIRSTHAND_OPENDSR_CERTIFICATE_FILE: certificateFile, FIRSTHAND_OPENDSR_KEY_FILE: keyFile, FIRSTHAND_NOTIFY_WEBHOOK_URL: `${receiver.url}/`, FIRSTHAND_NOTIFY_WEBHOOK_SECRET: 'a secret of the notices' } });
    owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
    await host.seed.purpose('service', { lawfulBasis: 'contract', fields: ['*'] });
    const agreementId = await host.seed.agreement(['service'], { id: 'notice' });
    keys = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'shop', agreementId, profilePurpose: 'service' });
    await tell(keys.secretKey, { userId: 'u-eve', traits: { email: EVE, firstName: 'Eve' } });
    eve = (await until(() => holderOf(`email|${EVE}`), (found) => found !== undefined)) as string;
    expect((await owner.post('/consents', { identity: userId('u-eve'), decisions: [{ purpose: '*', decision: 'denied', recipients: ['sms'] }] })).status).toBe(201);
    for (const value of [MAL, MIA, MAX]) await tell(keys.writeKey, { userId: 'u-eve', traits: { email: value } });
    await tell(keys.writeKey, { userId: 'u-new', traits: { email: EVE } });
    for (const key of [`email|${MAL}`, `email|${MIA}`, `email|${MAX}`, 'userId|u-new']) expect(await until(() => holderOf(key), (found) => found !== undefined)).toBe(eve);
  });
  afterAll(async () => {
    await host.stop();
    await receiver.close();
    rmSync(folder, { recursive: true });
  });

  it('is shown nothing of them on the page, and neither sees nor takes back what the other asked for', async () => {
    const [hers, his] = [await enter(EVE), await enter(MAL)];
    expect([(await act('requests', { token: hers, kind: 'access' })).status, (await act('requests', { token: his, kind: 'access' })).status]).toEqual([303, 303]);
    const [[ofEve], [ofMal]] = [await requestsOf(EVE), await requestsOf(MAL)];
    expect([ofEve?.content, ofMal?.content]).toMatchObject([{ profileId: eve, verification: 'code' }, { profileId: null, verification: 'code' }]);
    const record = (await host.connected.collections.consents.findOne({ identityKey: 'userId|u-eve' }))?.recordId ?? '';
    const [shown, hidden] = [await page(hers), await page(his)];
    expect([shown.includes(`receipts/${record}`), shown.includes(`${String(ofEve?.id)}/cancel`), shown.includes(`${String(ofMal?.id)}/cancel`)]).toEqual([true, true, false]);
    expect([hidden.includes(`receipts/${record}`), hidden.includes(`${String(ofEve?.id)}/cancel`), hidden.includes(`${String(ofMal?.id)}/cancel`)]).toEqual([false, false, true]);
    const receipt = (token: string) => fetch(`${host.url}/privacy/${host.workspaceId}/receipts/${record}?${new URLSearchParams({ token }).toString()}`).then(({ status }) => status);
    expect([await receipt(hers), await receipt(his)]).toEqual([200, 404]);
    expect([(await act(`requests/${String(ofEve?.id)}/cancel`, { token: his })).status, (await act(`requests/${String(ofMal?.id)}/cancel`, { token: hers })).status]).toEqual([404, 404]);
    expect((await owner.get(`/consents?namespace=email&value=${MAL}`)).body.records).toEqual([]);
    // Staff see who has it, and that it is a claim.
    expect((await owner.get(`/profiles/lookup?namespace=email&value=${MAL}`)).body).toMatchObject({ id: eve, consents: { records: [{ purpose: '*' }] }, identities: expect.arrayContaining([expect.objectContaining({ namespace: 'email', isVerified: false })]) as unknown });
  });

  it('is given no copy of what is theirs, whoever opens the request', async () => {
    const opened = await owner.post('/privacy-requests', { kind: 'access', identity: email(MIA), verification: 'document' });
    expect(opened.body.profileId).toBeNull();
    const { apiKey } = (await owner.post('/api-keys', { name: 'Controller', roles: ['privacy-officer'], scopes: ['create', 'read', 'reveal'].map((action) => `${action}:machineRequest`) })).body as { apiKey: string };
    const machine = (...addresses: string[]) => fetch(`${host.url}/opendsr/v2/requests`, {
      method: 'POST', headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ regulation: 'ccpa', subject_request_id: randomUUID(), subject_request_type: 'access', submitted_time: '2026-11-24T08:00:00Z', subject_identities: addresses.map((identity_value) => ({ identity_type: 'email', identity_value, identity_format: 'raw' })), api_version: '2.0', status_callback_urls: [] }),
    }).then(({ status }) => status);
    expect([await machine(MAX), await machine(EVE)]).toEqual([201, 201]);
    const [[byMachine], [ofEve]] = [await requestsOf(MAX), await requestsOf(EVE)];
    expect([byMachine?.content, ofEve?.content]).toMatchObject([{ source: 'machine', profileId: null }, { source: 'machine', profileId: eve }]);
    for (const id of [String(opened.body.id), String(byMachine?.id)]) {
      expect((await owner.post(`/privacy-requests/${id}/start`, {})).status).toBe(200);
      expect((await until(() => owner.get(`/privacy-requests/${id}`), ({ body }) => body.status === 'completed')).body).toMatchObject({ status: 'completed', result: { files: 0 } });
    }
    const wrong = await owner.post('/privacy-requests', { kind: 'rectification', identity: email(MIA), verification: 'document', details: { fields: { 'profile.city': 'Oslo' } } });
    await owner.post(`/privacy-requests/${String(wrong.body.id)}/start`, {});
    expect((await owner.post(`/privacy-requests/${String(wrong.body.id)}/carry-out`, {})).body.code).toBe('NOT_FOUND');
  });

  it('passes by a code the identity check of what asks for them alone', async () => {
    const requests = createPrivacyRequestStore(host.connected.collections);
    const asked = async (...identities: Identity[]): Promise<string> => {
      const requestId = `${host.workspaceId}|${randomUUID()}`;
      await requests.insertPrivacyRequest(openRequest({ requestId, workspaceId: host.workspaceId, kind: 'portability', identities, profileId: eve, country: null, source: 'hook', verification: null, actor: { kind: 'system', id: null }, requestedAt: Date.now() }, DEFAULT_REQUEST_SETTINGS, Date.now()));
      return requestId;
    };
    const ids = [await asked(email(MAL)), await asked(email(MAL), userId('u-eve')), await asked(email(MAL), email('new@example.com')), await asked(email(EVE), userId('u-eve')), await asked(email(EVE), userId('u-new'))];
    await enter(MAL);
    await enter(EVE);
    expect(await Promise.all(ids.map(async (id) => (await requests.findPrivacyRequest(id))?.status))).toEqual(['received', 'identity-check', 'identity-check', 'received', 'identity-check']);
  });

  it('is erased by themselves: the other stays, and goes on', async () => {
    const token = await enter(MAL);
    expect((await act('requests', { token, kind: 'erasure' })).status).toBe(303);
    const row = (await requestsOf(MAL)).find(({ content }) => content.kind === 'erasure' && content.source === 'page');
    expect(row?.content.profileId).toBeNull();
    expect((await owner.post(`/privacy-requests/${String(row?.id)}/start`, {})).status).toBe(200);
    const done = await until(() => owner.get(`/privacy-requests/${String(row?.id)}`), ({ body }) => body.status === 'completed');
    expect(done.body).toMatchObject({ status: 'completed', result: { counts: { profiles: 1 } } });
    expect((await owner.get(`/profiles/lookup?namespace=email&value=${MAL}`)).status).toBe(404);
    const left = await owner.get(`/profiles/lookup?namespace=userId&value=u-eve`);
    expect(left.body).toMatchObject({ id: eve, traits: expect.arrayContaining([expect.objectContaining({ name: 'firstName', value: 'Eve' })]) as unknown, consents: { records: [{ purpose: '*', decision: 'denied' }] } });
    await tell(keys.writeKey, { userId: 'u-eve', traits: { email: MAL, city: 'Oslo' } });
    const seen = await until(() => host.connected.collections.profiles.findOne({ _id: `${host.workspaceId}|${eve}` }), (profile) => profile?.fields.city !== undefined);
    expect([seen?.fields.city?.value, seen?.fields.email?.value, JSON.stringify(seen).includes(MAL)]).toEqual(['Oslo', EVE, false]);
  });

  it('reads nothing of them by a token of the brand\'s server, and who is known by the public key alone reads what is theirs', async () => {
    const made = (await owner.post('/connections/shop/user-token-keys', { name: 'Shop server' })).body as { id: string; secret: string };
    await host.configuration.refresh();
    const me = async (sub: string, ns?: string) => {
      const token = await new SignJWT({ sub, ...(ns === undefined ? {} : { ns }) }).setProtectedHeader({ alg: 'HS256', kid: made.id }).setAudience('shop').setIssuedAt().setExpirationTime('10m').sign(new TextEncoder().encode(made.secret));
      return (await fetch(`${host.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<{ isKnown: boolean; version: number; traits: Record<string, unknown>; consents: unknown[] }>;
    };
    expect(await me('u-eve')).toMatchObject({ isKnown: true, traits: { firstName: 'Eve', email: EVE } });
    expect(await me('u-new')).toMatchObject({ isKnown: false, version: 0, traits: {} });
    await tell(keys.writeKey, { userId: 'u-eve', anonymousId: 'mals-browser', traits: {} });
    expect(await until(() => holderOf('anonymousId|mals-browser'), (found) => found !== undefined)).toBe(eve);
    expect(await me('mals-browser', 'anonymousId')).toMatchObject({ isKnown: false, traits: {} });

    await tell(keys.writeKey, { userId: 'u-pub', anonymousId: 'pubs-browser', traits: { email: 'pub@example.com', firstName: 'Pub' } });
    expect(await until(() => me('u-pub'), ({ isKnown }) => isKnown)).toMatchObject({ isKnown: true, traits: { firstName: 'Pub', email: 'pub@example.com' } });
    expect(await me('pubs-browser', 'anonymousId')).toMatchObject({ isKnown: true, traits: { firstName: 'Pub' } });
    // The brand's own server says who the new account is: it is somebody of their own from then on.
    await tell(keys.secretKey, { userId: 'u-new', traits: { firstName: 'Nell' } });
    expect(await until(() => me('u-new'), ({ isKnown }) => isKnown)).toMatchObject({ isKnown: true, traits: { firstName: 'Nell' } });
    expect((await me('u-new')).traits).not.toHaveProperty('email');
    expect((await me('u-eve')).traits).toMatchObject({ firstName: 'Eve' });
  });
});
