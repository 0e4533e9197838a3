import { newProfile, stableId, type ConsentState } from '@firsthand/domain';
import { readChannelView, recordConsents, startErasure, unmergePerson, type ChannelView } from '@firsthand/pipeline';
import { SignJWT, type JWTPayload } from 'jose';
import { createFirsthand, type Me } from '../../plugins/wechat-mini-program/client/firsthand-mini-program.js';
import { FakeWx } from '../../plugins/wechat-mini-program/src/fixtures/fake-wx.js';
import { event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeShopify, type FakeShopify } from '../support/fake-shopify.js';
import { seconds } from '../support/fake-shopify-customers.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** What a channel is told of the person who is signed in there. */
describe('what a channel may know', () => {
  let world: World;
  afterEach(() => world.close());

  async function start(): Promise<void> {
    world = await createWorld((parts) => {
      parts.flows = [];
      parts.purposes = [{ ...MARKETING, fields: ['profile.firstName', 'profile.city', 'profile.custom.*'], separateConsent: ['sensitive'] }, { ...MARKETING, key: 'ads' }, SERVICE];
      parts.agreements = parts.agreements.map((version) => ({ ...version, purposes: ['marketing', 'ads', 'service'] }));
      parts.segments = ['marketing', 'ads'].map((purpose) => ({ segmentId: `seen-${purpose}`, version: 1, name: `Seen, for ${purpose}`, purpose, condition: { event: 'Product Viewed' } }));
    });
    world.configuration.current = { ...world.configuration.current, sensitivePaths: ['profile.city'] };
    await decide('granted', ['marketing', 'ads']);
    await world.track([identify(world, 'known', 'u1', { firstName: 'Ana', city: 'Shanghai', email: 'ana@example.com' }), event(world, 'seen', { event: 'Product Viewed' })], { isVerified: true });
    await world.settle();
  }

  async function decide(decision: 'granted' | 'withdrawn' | 'denied', purposes: string[], recipients?: string[]): Promise<void> {
    world.clock.now += 1_000;
    await recordConsents({
      workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'u1' }, decisions: purposes.map((purpose) => ({ purpose, decision, ...(recipients === undefined ? {} : { recipients }) })), agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
    }, options());
  }

  const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES });

  const view = (value = 'u1', profilePurpose: string | null = 'marketing'): Promise<ChannelView> =>
    readChannelView(world.store.store, { configuration: world.configuration.current, connection: { profilePurpose, agreementId: 'terms' }, identity: { namespace: 'userId', value }, now: world.clock.now });

  it('is what its purpose covers, in segments made for it, of who has agreed to it', async () => {
    await start();
    await expect(view()).resolves.toMatchObject({ isKnown: true, isAllowed: true, reason: 'consent-granted', traits: { firstName: 'Ana' }, memberships: [{ segmentId: 'seen-marketing', name: 'Seen, for marketing' }] });
    expect((await view()).traits).toEqual({ firstName: 'Ana' });
    expect((await view('u1', 'ads')).traits).toEqual({ firstName: 'Ana', city: 'Shanghai', email: 'ana@example.com' });
    // What is sensitive needs a consent of its own.
    await decide('granted', ['marketing'], ['sensitive']);
    expect((await view()).traits).toEqual({ firstName: 'Ana', city: 'Shanghai' });
  });

  it('is nothing from the moment of a withdrawal, nor of a restriction, but what was decided', async () => {
    await start();
    await decide('withdrawn', ['marketing']);
    await expect(view()).resolves.toMatchObject({ isKnown: true, isAllowed: false, reason: 'consent-withdrawn', traits: {}, memberships: [] });
    expect((await view()).consents).toContainEqual({ purpose: 'marketing', scope: 'own', isAllowed: false, reason: 'consent-withdrawn', validUntil: null });
    await expect(view('u1', 'ads')).resolves.toMatchObject({ isAllowed: true, memberships: [{ segmentId: 'seen-ads' }] });
    await decide('denied', ['*']);
    await expect(view('u1', 'ads')).resolves.toMatchObject({ isAllowed: false, reason: 'processing-restricted', traits: {}, memberships: [] });
  });

  it('is of both of who are one, as long as they are', async () => {
    await start();
    await world.track([identify(world, 'other', 'u2', { lastName: 'Li' })], { isVerified: true });
    await world.settle();
    await expect(view('u2')).resolves.toMatchObject({ isKnown: true, isAllowed: false, traits: {} });
    await world.track([identify(world, 'one', 'u2', { email: 'ana@example.com' })], { isVerified: true });
    await world.settle();
    await expect(view('u2')).resolves.toMatchObject({ isKnown: true, isAllowed: true, traits: { firstName: 'Ana' }, memberships: [{ segmentId: 'seen-marketing' }] });
    await unmergePerson({ workspaceId: WORKSPACE, loser: (await world.store.collections.merges.findOne({}))?.loser ?? '' }, options());
    await expect(view('u2')).resolves.toMatchObject({ isKnown: true, isAllowed: false, traits: {}, memberships: [] });
  });

  it('is nothing of who is erased, from the moment on at which that begins', async () => {
    await start();
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u1' }], profileId: null }, options());
    for (const purpose of ['marketing', 'ads', 'service']) await expect(view('u1', purpose)).resolves.toMatchObject({ isKnown: false, version: 0, traits: {}, memberships: [] });
    expect((await view()).consents.filter(({ purpose, isAllowed }) => purpose !== 'service' && isAllowed)).toEqual([]);
  });

  it('is nothing without a purpose, under one that there is not, and of who is not known', async () => {
    await start();
    await expect(view('u1', null)).resolves.toMatchObject({ isKnown: true, isAllowed: false, reason: 'purpose-unknown', traits: {}, memberships: [] });
    await expect(view('u1', 'gone')).resolves.toMatchObject({ isAllowed: false, reason: 'purpose-unknown', traits: {} });
    await expect(view('u2')).resolves.toMatchObject({ isKnown: false, version: 0, isAllowed: false, reason: 'no-consent', traits: {}, memberships: [] });
  });
});

describe('GET /v1/me', () => {
  let host: TestHost;
  let owner: AdminClient;
  let key: { id: string; secret: string };
  beforeAll(async () => {
    host = await startHost();
    owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
    await host.seed.purpose('personalisation', { fields: ['profile.firstName'] });
    await host.seed.purpose('served', { lawfulBasis: 'contract', fields: ['profile.firstName'] });
    const agreementId = await host.seed.agreement(['personalisation', 'served'], { id: 'notice' });
    for (const id of ['shop', 'app']) await host.seed.source({ pluginId: 'web', capability: 'events', id, agreementId, profilePurpose: 'personalisation' });
    key = await added('shop');
    await store('u-7', { personalisation: { own: { decision: 'granted', effectiveAt: Date.now() - 1_000, recordId: 'c-1', agreementId, agreementVersion: 1, recordedAt: Date.now() - 1_000 } } } as unknown as ConsentState);
  });
  afterAll(() => host.stop());

  async function added(connectionId: string): Promise<{ id: string; secret: string }> {
    const { status, body } = await owner.post(`/connections/${connectionId}/user-token-keys`, { name: 'Shop server' });
    expect(status).toBe(201);
    await host.configuration.refresh();
    return body as unknown as { id: string; secret: string };
  }

  /** A person as they are after an identify, without waiting for a worker. */
  async function store(userId: string, state: ConsentState): Promise<void> {
    const { workspaceId } = host;
    const now = Date.now();
    const profile = newProfile({ workspaceId, profileId: stableId(workspaceId, 'person', userId), subjectKey: 'k', seenAt: now, now });
    const stored = { ...profile, version: 3, identities: [{ namespace: 'userId', value: userId }], fields: { firstName: { value: 'Ana', at: now, source: 'shop', origin: 'm-1', version: 3 }, city: { value: 'Shanghai', at: now, source: 'shop', origin: 'm-1', version: 3 } } };
    await host.connected.store.transaction(async (tx) => {
      await tx.insertIdentities(workspaceId, new Map([[`userId|${userId}`, profile.profileId]]), now);
      await tx.writeProfiles({ inserted: [{ profile: stored, dueAt: null }], updated: [], deleted: [] });
      await tx.writeConsentStates(workspaceId, new Map([[profile.profileId, state]]));
    });
  }

  function token({ sub = 'u-7', aud = 'shop', by = key, ns, forSeconds = 600 }: { sub?: string; aud?: string; by?: { id: string; secret: string }; ns?: string; forSeconds?: number } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ sub, ...(ns === undefined ? {} : { ns }) }).setProtectedHeader({ alg: 'HS256', kid: by.id }).setAudience(aud).setIssuedAt(now - 120).setExpirationTime(now + forSeconds).sign(new TextEncoder().encode(by.secret));
  }

  /** One that is right, but for what is changed about it; `kid` goes to its header. */
  function signed(changed: Record<string, unknown>, by = key): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const { kid, ...claims } = { kid: by.id as unknown, aud: 'shop', sub: 'u-7', iat: now - 120, exp: now + 600, ...changed };
    return new SignJWT(claims as JWTPayload).setProtectedHeader({ alg: 'HS256', kid: kid as string }).sign(new TextEncoder().encode(by.secret));
  }

  async function me(bearer: string): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
    const response = await fetch(`${host.url}/v1/me`, { headers: { authorization: `Bearer ${bearer}`, origin: 'https://shop.example' } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, headers: response.headers };
  }

  it('tells who is signed in what the channel may know, to pages of any site and to no cache', async () => {
    const { status, body, headers } = await me(await token());
    expect({ status, body }).toMatchObject({ status: 200, body: { isKnown: true, version: 3, purpose: 'personalisation', isAllowed: true, traits: { firstName: 'Ana' }, memberships: [], consents: expect.arrayContaining([expect.objectContaining({ purpose: 'personalisation', scope: 'own', isAllowed: true })]) as unknown } });
    expect(body.traits).toEqual({ firstName: 'Ana' });
    expect([headers.get('cache-control'), headers.get('access-control-allow-origin')]).toEqual(['no-store', '*']);
    await expect(me(await token({ sub: 'somebody else' }))).resolves.toMatchObject({ status: 200, body: { isKnown: false, traits: {} } });
  });

  it('refuses what its connection\'s keys have not signed, and what names nobody', async () => {
    const other = await added('app');
    for (const wrong of [await token({ by: other }), await token({ aud: 'app' }), await token({ aud: 'nowhere' }), await token({ ns: 'shoeSize' }), await token({ ns: 'email', sub: 'no address' }), await token({ forSeconds: -60 }), await token({ forSeconds: 90_000 }), 'x', '']) {
      await expect(me(wrong)).resolves.toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    }
    expect((await fetch(`${host.url}/v1/me`)).status).toBe(401);
    await expect(me(await token({ aud: 'app', by: other }))).resolves.toMatchObject({ status: 200, body: { isKnown: true } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ...[5, null, true, {}, ['u-7'], '', undefined].map((sub): [string, Record<string, unknown>, string] => [`sub ${JSON.stringify(sub)}`, { sub }, '`sub` has to be a string that is not empty, as by String(user.id).']),
    ...[5, null, {}, ['email']].map((ns): [string, Record<string, unknown>, string] => [`ns ${JSON.stringify(ns)}`, { ns }, '`ns` has to be a string, where it is there.']),
    ...['iat', 'exp'].flatMap((claim) => ['2026-11-24', null, {}, undefined].map((value): [string, Record<string, unknown>, string] => [`${claim} ${JSON.stringify(value)}`, { [claim]: value }, `\`${claim}\` has to be a number, of seconds since 1970.`])),
    ...['soon', null, []].map((nbf): [string, Record<string, unknown>, string] => [`nbf ${JSON.stringify(nbf)}`, { nbf }, '`nbf` has to be a number, of seconds since 1970, where it is there.']),
    ...[5, null, {}, ['shop', 5], [['shop']], undefined].map((aud): [string, Record<string, unknown>, string] => [`aud ${JSON.stringify(aud)}`, { aud }, '`aud` has to be a string, or a list of strings.']),
    ...[5, null, {}, ['k'], undefined].map((kid): [string, Record<string, unknown>, string] => [`kid ${JSON.stringify(kid)}`, { kid }, '`kid` in its header has to be a string, the id of the key.']),
  ])('refuses a token with %s, and says what is wrong', async (_, wrong, detail) => {
    await expect(me(await signed(wrong))).resolves.toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED', detail: `The user token is not taken. ${detail}` } });
  });

  it.each([['not to be taken yet', { nbf: 60 }], ['made in time to come', { iat: 60 }]])('refuses a token that is %s; clocks may differ by half a minute', async (_, later) => {
    const [[claim = '', seconds]] = Object.entries(later) as [[string, number]];
    const by = (ahead: number): Record<string, number> => ({ [claim]: Math.floor(Date.now() / 1_000) + ahead });
    await expect(me(await signed(by(seconds)))).resolves.toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED', detail: 'The user token is not taken. It is not signed by its key, is over, or begins later.' } });
    await expect(me(await signed(by(20)))).resolves.toMatchObject({ status: 200, body: { isKnown: true } });
  });

  it('reads no claim that it does not need', async () => {
    await expect(me(await signed({ iss: 5, jti: {}, name: null }))).resolves.toMatchObject({ status: 200, body: { isKnown: true } });
  });

  it('finds its connection wherever `aud` names it in a list, and refuses two that take tokens', async () => {
    for (const id of ['blog', 'forum']) await host.seed.source({ pluginId: 'web', capability: 'events', id, agreementId: 'notice', profilePurpose: 'personalisation' });
    const other = await added('forum');
    const answers = async (aud: unknown, by = key): Promise<unknown> => {
      const { status, body } = await me(await signed({ aud }, by));
      return status === 200 ? body.isKnown : [status, body.code, body.detail];
    };
    const refused = (detail: string): unknown => [401, 'UNAUTHENTICATED', detail];
    for (const aud of [['shop', 'other'], ['other', 'shop'], ['https://api.shop.example', 'blog', 'shop'], ['shop', 'shop'], ['shop']]) expect([aud, await answers(aud)]).toEqual([aud, true]);
    for (const [aud, by] of [[['shop', 'forum'], key], [['forum', 'other', 'shop'], key], [['shop', 'forum'], other]] as const) {
      expect(await answers(aud, by)).toEqual(refused('The user token is not taken. `aud` names more than one connection that takes user tokens: sign one for each.'));
    }
    for (const aud of [[], ['other'], ['blog', 'other']]) expect(await answers(aud)).toEqual(refused('The user token names no connection that takes any.'));
    expect(await answers(['other', 'shop'], other)).toEqual(refused('The user token is not taken. It is signed by none of the keys of this connection.'));
    // Whether a list is of two is told to who has a key of one.
    expect(await answers(['shop', 'forum'], { id: key.id, secret: other.secret })).toEqual(refused('The user token is not taken. It is not signed by its key, is over, or begins later.'));
  });

  it('refuses tokens of a key that was revoked, and all of a connection that is paused', async () => {
    const second = await added('shop');
    await expect(me(await token({ by: second }))).resolves.toMatchObject({ status: 200 });
    await owner.call('DELETE', `/connections/shop/user-token-keys/${second.id}`);
    await host.configuration.refresh();
    await expect(me(await token({ by: second }))).resolves.toMatchObject({ status: 401 });
    await expect(me(await token())).resolves.toMatchObject({ status: 200 });
    await owner.post('/connections/shop/pause', {});
    await host.configuration.refresh();
    await expect(me(await token())).resolves.toMatchObject({ status: 403, body: { code: 'CONNECTION_DISABLED' } });
  });

  describe('in a mini-program', () => {
    let shopify: FakeShopify;
    beforeEach(async () => void (shopify = await startFakeShopify()));
    afterEach(() => shopify.close());

    it('has what another channel has changed, at the next look', async () => {
      const { shop, secret } = shopify.settings;
      await host.seed.source({ pluginId: 'shopify-pos', capability: 'orders', id: 'till', agreementId: 'notice', withoutBasis: 'strip', settings: { shop }, secrets: { secret } });
      await host.seed.source({ pluginId: 'wechat-mini-program', capability: 'client-events', id: 'mini', agreementId: 'notice', profilePurpose: 'served', settings: { appId: 'wx4f4bc4dec97d474b' } });
      const ofTheMini = await added('mini');
      const { id } = shopify.add({ email: 'ana@example.com', firstName: 'Ana' });
      const wx = new FakeWx();
      wx.request = (request) => {
        if (request.data !== undefined) return request.success({ statusCode: 200 });
        void fetch(request.url, { headers: request.header }).then(async (response) => request.success({ statusCode: response.status, data: await response.json() }));
      };
      const userToken = (): Promise<string> => token({ sub: `shopify:${shop}:${id}`, ns: 'customerId', aud: 'mini', by: ofTheMini });
      const firsthand = createFirsthand({ endpoint: host.url, writeKey: 'pk_0', wx, login: false, flushIntervalMs: 50, userToken });
      firsthand.start();
      const look = (isThere: (me: Me<{ firstName: string }> | null) => boolean) => until(() => firsthand.me<{ firstName: string }>(), isThere);
      expect(await shopify.deliver(`${host.url}/hooks/till`)).toEqual([200]);
      await look((me) => me?.traits.firstName === 'Ana');
      shopify.edit(id, { firstName: 'Anna' });
      expect(await shopify.deliver(`${host.url}/hooks/till`, { times: 2 })).toEqual([200, 200]);
      expect(await look((me) => me?.traits.firstName === 'Anna')).toMatchObject({ isKnown: true, isAllowed: true, purpose: 'served', isFresh: true });
    });
  });

  describe('beside a shop', () => {
    let shopify: FakeShopify;
    beforeEach(async () => void (shopify = await startFakeShopify()));
    afterEach(() => shopify.close());

    it('what was decided holds there, and the echo of our own write lifts no withdrawal', async () => {
      const { collections } = host.connected;
      const { shop, secret, accessToken, apiBaseUrl } = shopify.settings;
      await host.seed.purpose('emailMarketing', { separateConsent: [] });
      const agreementId = await host.seed.agreement(['emailMarketing', 'served'], { id: 'newsletter' });
      await host.seed.source({ pluginId: 'shopify-pos', capability: 'orders', id: 'shop-in', agreementId, withoutBasis: 'strip', settings: { shop }, secrets: { secret } });
      const { secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'site', agreementId, withoutBasis: 'strip' });
      await host.seed.destination({ pluginId: 'shopify-pos', id: 'shop-out', settings: { shop, apiBaseUrl }, secrets: { accessToken } });
      const segmentId = await host.seed.segment({ id: 'subscribers', purpose: 'emailMarketing', condition: { consent: 'emailMarketing' } });
      await host.seed.flow({ purpose: 'emailMarketing', trigger: { type: 'segment', segmentId, on: 'both' }, steps: [{ id: 'tell', type: 'deliver', connectionId: 'shop-out', action: 'email-marketing', sync: 'mirror' }] });
      const decideOnSite = async (emailMarketing: boolean, at: number): Promise<void> => {
        const message = { type: 'identify', userId: 'u-9', traits: { email: 'ana@example.com' }, timestamp: new Date(at).toISOString(), context: { consent: { categoryPreferences: { emailMarketing } } } };
        const answer = await fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${secretKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ sentAt: new Date().toISOString(), batch: [message] }) });
        expect(answer.status).toBe(200);
      };
      const consentThere = () => shopify.customers.byId.get(id)?.emailConsent;
      const { id } = shopify.add({ email: 'ana@example.com' });
      await shopify.deliver(`${host.url}/hooks/shop-in`);

      const agreedAt = Date.now() - 60_000;
      await decideOnSite(true, agreedAt);
      await until(consentThere, (consent) => consent?.state === 'SUBSCRIBED');
      expect(consentThere()).toMatchObject({ state: 'SUBSCRIBED', optInLevel: 'SINGLE_OPT_IN', updatedAt: seconds(agreedAt) });
      await decideOnSite(false, Date.now() - 1_000);
      await until(consentThere, (consent) => consent?.state === 'UNSUBSCRIBED');

      // The newest first, and each twice: the yes comes last.
      expect(shopify.outbox.map(({ topic }) => topic)).toEqual(['customers_email_marketing_consent/update', 'customers_email_marketing_consent/update']);
      expect(await shopify.deliver(`${host.url}/hooks/shop-in`, { isReversed: true, times: 2 })).toEqual([200, 200, 200, 200]);
      await until(async () => (await collections.inbox.countDocuments({})) + (await collections.deliveries.countDocuments({ state: 'pending' })), (left) => left === 0);
      const echoes = await collections.events.find({ connectionId: 'shop-in', 'record.name': 'Marketing Consent Updated' }).sort({ 'record.occurredAt': 1 }).toArray();
      expect(echoes.map(({ record }) => record.occurredAt <= agreedAt)).toEqual([true, false]);
      const decisions = await collections.consents.find({ purpose: 'emailMarketing' }).sort({ effectiveAt: 1 }).toArray();
      expect(decisions.map(({ decision, sourceConnectionId }) => [decision, sourceConnectionId])).toEqual([['granted', 'site'], ['denied', 'site']]);
      expect(consentThere()?.state).toBe('UNSUBSCRIBED');
      expect(shopify.outbox).toEqual([]);
    });
  });

  it('shows a secret once, and keeps keys out of the configuration as files', async () => {
    const { body } = await owner.get('/connections/app');
    expect(body).toMatchObject({ profilePurpose: 'personalisation', userTokenKeys: [{ id: expect.any(String) as unknown, name: 'Shop server' }] });
    expect(Object.keys((body.userTokenKeys as object[])[0] ?? {}).sort()).toEqual(['createdAt', 'id', 'name']);
    expect(JSON.stringify((await owner.get('/configuration')).body)).not.toContain('userTokenKeys');
  });
});
