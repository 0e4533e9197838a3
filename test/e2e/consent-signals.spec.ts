import { compileMapping, compileSignals, type ConsentRecord, type ConsentSignal, type JsonObject } from '@firsthand/domain';
import shopify from '@firsthand/plugin-shopify-pos';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createNoticeIds, readChannelView, type SourceConnection } from '@firsthand/pipeline';
import { createWorld, MARKETING, SERVICE, WORKSPACE, type World } from '../support/pipeline-world.js';

/** What browsers and consent tools send along: from the event that carries it to the delivery that it stops. */
let world: World;
afterEach(() => world.close());

const EVERYBODY = ['own', 'processor', 'third-party'] as const;
const TABLE: ConsentSignal[] = [
  { signal: 'gpc', purpose: 'marketing', recipients: [...EVERYBODY] },
  { signal: 'tcf', purposes: [1, 3, 4], vendor: 755, purpose: 'marketing', recipients: ['own', 'processor'] },
];
/** Of 1 March 2026: vendor 755, disclosed in both, may have the purposes 1, 3 and 4 by the first and none by the second. */
const GRANTS = 'CQgYw8AQgYw8AAfABBENAwFgALAAAAAAAAYgF5wAgAKgLzAAAAAA.IF5wAgAKgLzA';
const REFUSES = 'CQgYw8AQgYw8AAfABBENAwFgAIAAAAAAAAYgAAAAAAAA.IF5wAgAKgLzA';

async function start(): Promise<void> {
  world = await createWorld((parts) => { parts.sources = [{ connectionId: 'web', readSignals: compileSignals(TABLE) }]; });
  world.clock.now = Date.parse('2026-03-01T12:00:00Z');
}

let sent = 0;
/** One event with this context; gives what could not be read, and what became of its delivery. */
async function see(context: JsonObject, { isVerified = true, ...who }: { isVerified?: boolean; userId?: string | null; anonymousId?: string } = {}): Promise<{ outcome: string; unreadable: string[] }> {
  world.clock.now += 1_000;
  const { unreadableConsents } = await world.track([event(world, `seen ${sent += 1}`, { context, ...who })], { isVerified });
  await world.settle();
  const [row] = await world.store.collections.deliveries.find({ class: 'data' }).sort({ createdAt: -1, seq: -1 }).limit(1).toArray();
  return { outcome: row?.reason ?? row?.state ?? 'none', unreadable: unreadableConsents };
}

const ledger = async (): Promise<Pick<ConsentRecord, 'method' | 'decision' | 'identityKey'>[]> =>
  (await world.store.collections.consents.find({ workspaceId: WORKSPACE }).sort({ recordedAt: 1 }).toArray()).map(({ method, decision, identityKey }) => ({ method, decision, identityKey }));
const DEVICE = { isVerified: false, userId: null, anonymousId: 'd1' };

it('holds an opt-out on a device against the person that it turns out to be, until they say yes again', async () => {
  await start();
  await decide(world, 'granted');
  expect((await see({})).outcome).toBe('delivered');
  expect((await see({ gpc: true }, DEVICE)).outcome).toBe('consent-denied');
  expect((await see({})).outcome).toBe('delivered');
  // Their own server says whose device it is; both become one.
  await world.track([identify(world, 'login', 'u1', {}, { anonymousId: 'd1' })], { isVerified: true });
  expect((await see({})).outcome).toBe('consent-denied');
  // What a consent tool repeats is no change of mind.
  expect((await see({ tcString: GRANTS, consent: { categoryPreferences: { marketing: true } } })).outcome).toBe('consent-denied');
  world.clock.now += 1_000;
  await decide(world, 'granted');
  expect((await see({})).outcome).toBe('delivered');
  expect((await ledger()).map(({ method, identityKey }) => [method, identityKey])).toEqual([['toggle', 'userId|u1'], ['gpc', 'anonymousId|d1'], ['toggle', 'userId|u1']]);
});

it('denies each by a code of its own: nothing said, nothing that is mapped, nothing that can be read, what is over; and sends nothing where it cannot be looked up', async () => {
  await start();
  world.rebuild((parts) => { parts.purposes = [{ ...MARKETING, expiresAfterDays: 1 }, SERVICE]; });
  const flags = async () => (await world.store.collections.events.find({ 'record.name': 'Product Viewed' }).sort({ receivedAt: -1 }).limit(1).toArray())[0]?.record.flags;
  expect([(await see({})).outcome, await flags()]).toEqual(['no-consent', []]);
  expect([(await see({ consent: { categoryPreferences: { C0009: true } } })).outcome, await flags()]).toEqual(['no-consent', ['consent-unmapped']]);
  expect([(await see({ consent: { categoryPreferences: { marketing: 'yes' } } })).outcome, await flags()]).toEqual(['no-consent', ['consent-unreadable']]);
  expect([(await see({ tcString: '?' })).outcome, await flags()]).toEqual(['no-consent', ['consent-unreadable:tcf']]);
  await decide(world, 'granted');
  await world.track([event(world, 'away')], { isVerified: true });
  await world.apply.drain();
  const { store } = world.store;
  const { transaction } = store;
  store.transaction = (work) => transaction.call(store, (tx) => work({ ...tx, findConsentStates: () => Promise.reject(new Error('The store is away.')) })) as never;
  await world.settle();
  expect([world.received.length, await world.store.collections.deliveries.countDocuments({ state: 'pending' })]).toEqual([0, 1]);
  store.transaction = transaction;
  world.clock.now += 60_000;
  expect((await see({})).outcome).toBe('delivered');
  expect(world.received.length).toBe(2);
  world.clock.now += 86_400_000;
  expect((await see({})).outcome).toBe('consent-expired');
});

it('holds an opt-out for somebody who is only claimed on the device, also when the claim is proven', async () => {
  await start();
  const claim = { isVerified: false, userId: 'u1', anonymousId: 'd1' };
  await see({ gpc: '1' }, claim);
  await see({ tcString: GRANTS }, claim);
  await world.track([identify(world, 'login', 'u1', {}, { anonymousId: 'd1' })], { isVerified: true });
  expect((await see({})).outcome).toBe('consent-denied');
});

it('records a signal once, however many events repeat it, and again when it changes', async () => {
  await start();
  for (const tcString of [GRANTS, GRANTS, REFUSES, REFUSES, GRANTS, GRANTS]) await see({ tcString }, DEVICE);
  expect((await ledger()).map(({ method, decision }) => [method, decision])).toEqual([['tcf', 'granted'], ['tcf', 'denied'], ['tcf', 'granted']]);
  // In one batch, too.
  await world.track([1, 2, 3].map((n) => event(world, `together ${n}`, { userId: null, anonymousId: 'd2', context: { tcString: GRANTS, gpc: true } })));
  await world.settle();
  expect((await ledger()).slice(3)).toEqual([{ method: 'gpc', decision: 'denied', identityKey: 'anonymousId|d2' }]);
});

it('lets a string grant and refuse, and one that nobody can read permit nothing and refuse nothing', async () => {
  await start();
  expect(await see({ tcString: 'broken', consent: { categoryPreferences: { marketing: true } } })).toEqual({ outcome: 'no-consent', unreadable: ['tcf'] });
  expect(await see({ tcString: GRANTS })).toEqual({ outcome: 'delivered', unreadable: [] });
  expect(await see({ tcString: 'broken' })).toEqual({ outcome: 'delivered', unreadable: ['tcf'] });
  expect(await see({ tcString: REFUSES })).toEqual({ outcome: 'consent-denied', unreadable: [] });
  expect((await ledger()).map(({ method, decision }) => [method, decision])).toEqual([['tcf', 'granted'], ['tcf', 'denied']]);
});

it('takes a record for refused where a signal refuses collection, and keeps nothing but the refusal', async () => {
  await start();
  world.rebuild((parts) => { parts.sources = [{ connectionId: 'web', readSignals: compileSignals(TABLE), collectionPurpose: 'marketing' }]; });
  await see({ gpc: true }, DEVICE);
  await see({ tcString: GRANTS }, { ...DEVICE, anonymousId: 'd2' });
  expect((await world.store.collections.events.find({}).toArray()).map(({ record }) => record.identities)).toEqual([[{ namespace: 'anonymousId', value: 'd2' }]]);
  expect((await ledger()).map(({ method, decision, identityKey }) => [method, decision, identityKey])).toEqual([['gpc', 'denied', 'anonymousId|d1'], ['tcf', 'granted', 'anonymousId|d2']]);
});

describe('what was shown', () => {
  const HASH = 'a'.repeat(64);
  async function startWithNotice() {
    await start();
    const { current } = world.configuration;
    const versions = (current.agreements.get('terms') ?? []).map((version) => ({ ...version, textHashes: { en: HASH } }));
    const agreements = new Map([['terms', versions]]);
    const notices = createNoticeIds({ secret: Buffer.alloc(32, 7), workspaceId: WORKSPACE, agreements });
    world.configuration.current = { ...current, agreements, notices };
    const issue = (ids = notices) => ids.issue({ agreementId: 'terms', agreementVersion: 1, language: 'en', surface: 'page', origin: 'https://shop.example', servedAt: world.clock.now })?.id as string;
    return { issue, foreign: createNoticeIds({ secret: Buffer.alloc(32, 8), workspaceId: WORKSPACE, agreements }) };
  }
  const consent = (servedNotice: JsonObject): JsonObject => ({ consent: { categoryPreferences: { marketing: true }, servedNotice } });
  const noted = async () => (await world.store.collections.consents.find({}).sort({ recordedAt: 1 }).toArray()).map(({ servedNotice, actor }) => ({ servedNotice, actor }));

  it('is proven by the id that was given when it was shown, and sealed with the decision', async () => {
    const { issue } = await startWithNotice();
    const servedAt = world.clock.now;
    // What comes along is not believed where the id tells it.
    await see(consent({ id: issue(), version: 9, surface: 'pos' }));
    expect(await noted()).toEqual([{
      actor: { kind: 'person' }, servedNotice: { id: expect.any(String) as string, standing: 'served', agreementId: 'terms', agreementVersion: 1, textHash: HASH, language: 'en', surface: 'page', origin: 'https://shop.example', servedAt },
    }]);
  });

  it('is only claimed where the id is made up, of another host or of later, and of an address nothing but the origin is kept', async () => {
    const { issue, foreign } = await startWithNotice();
    const own = issue();
    const later = (() => { world.clock.now += 60_000; const id = issue(); world.clock.now -= 60_000; return id; })();
    for (const [index, id] of ['n1.x.y.z', issue(foreign), `${own}A`, later].entries()) {
      await see(consent({ id, agreementId: 'terms', version: 1, origin: 'https://shop.example/me?mail=ana' }), { userId: `u-${index}` });
    }
    expect((await noted()).map(({ servedNotice }) => servedNotice)).toEqual(Array.from({ length: 4 }, () => expect.objectContaining({ standing: 'claimed', origin: 'https://shop.example' }) as unknown));
  });
});

describe('a file of what was decided elsewhere', () => {
  const HASH = 'b'.repeat(64);
  /** One row of a person with this decision and proof; gives whether marketing may be sent, and the record. */
  async function importOf(isGranted: boolean, proof: JsonObject) {
    await start();
    const { current } = world.configuration;
    const web = current.sources.get('web') as SourceConnection;
    const source = { ...web, source: { ...web.source, trigger: { kind: 'file', formats: ['ndjson'] } as const }, mapping: { apply: () => ({ type: 'identify', identities: { userId: 'u1' }, consents: { marketing: isGranted }, consentProof: proof, messageId: 'row-1' }) } };
    world.configuration.current = { ...current, sources: new Map([['web', web], ['crm', { ...source, connectionId: 'crm' } as unknown as SourceConnection]]), agreements: new Map([['terms', (current.agreements.get('terms') ?? []).map((version) => ({ ...version, textHashes: { en: HASH } }))]]) };
    await world.track([{ row: 1 }], { connectionId: 'crm', isImport: true, isVerified: true });
    await world.settle();
    const [record] = await world.store.collections.consents.find({}).toArray();
    return { outcome: (await see({})).outcome, record };
  }
  const PROOF = { textHash: HASH, decidedAt: '2026-02-01T08:00:00Z', method: 'signature' };

  it('counts where it names a published text, a time and a method', async () => {
    const { outcome, record } = await importOf(true, PROOF);
    expect(outcome).toBe('delivered');
    expect(record).toMatchObject({ method: 'import', importedAs: 'signature', agreementVersion: 1, effectiveAt: Date.parse(PROOF.decidedAt), actor: { kind: 'import' } });
    expect(record?.isUnproven).toBeUndefined();
  });

  it.each([['text', { ...PROOF, textHash: 'c'.repeat(64) }], ['time', { ...PROOF, decidedAt: null }], ['method', { ...PROOF, method: 'hearsay' }], ['anything', {}]])('is kept as unproven without a known %s, and permits nothing', async (_what, proof) => {
    const { outcome, record } = await importOf(true, proof);
    expect(record).toMatchObject({ decision: 'granted', isUnproven: true });
    expect(outcome).toBe('consent-unproven');
  });

  it('refuses without any proof', async () => {
    expect((await importOf(false, {})).outcome).toBe('consent-denied');
  });
});

it('takes a yes that a shop tells again for no older than it is, and one without a moment for none', async () => {
  const source = shopify.sources?.orders as SourceConnection['source'];
  const settings = { shop: 'acme.myshopify.com' };
  world = await createWorld((parts) => {
    parts.flows = [];
    parts.purposes = [{ ...MARKETING, key: 'emailMarketing' }, SERVICE];
    parts.agreements = parts.agreements.map((version) => ({ ...version, purposes: ['emailMarketing', 'service'] }));
    parts.sources = [{ connectionId: 'till', pluginId: 'shopify-pos', capability: 'orders', settings, publicSettings: settings, source, mapping: compileMapping(source.mapping) }];
  });
  let told = 0;
  /** Ten minutes later the shop tells of the customer, with this consent. */
  const tell = async (topic: string, consent: JsonObject, more: JsonObject = {}): Promise<string> => {
    world.clock.now += 600_000;
    const triggeredAt = new Date(world.clock.now).toISOString();
    const body = topic === 'customers/update' ? { id: 7, email: 'ana@example.com', updated_at: triggeredAt, email_marketing_consent: consent, ...more } : { customer_id: 7, email_address: 'ana@example.com', email_marketing_consent: consent };
    const headers = { 'x-shopify-topic': topic, 'x-shopify-shop-domain': settings.shop, 'x-shopify-webhook-id': `w${told += 1}`, 'x-shopify-triggered-at': triggeredAt };
    await world.track([...(source.records?.({ headers, body: Buffer.from(JSON.stringify(body)), query: {} }) ?? [])], { connectionId: 'till', isVerified: true });
    await world.settle();
    return (await readChannelView(world.store.store, {
      configuration: world.configuration.current, connection: { profilePurpose: 'emailMarketing', agreementId: 'terms' }, identity: { namespace: 'customerId', value: `shopify:${settings.shop}:7` }, now: world.clock.now,
    })).reason;
  };
  const [TOPIC, REPEATED] = ['customers_email_marketing_consent/update', 'customers/update'];
  const yes = { state: 'subscribed', consent_updated_at: '2026-03-01T11:00:00Z' };
  expect(await tell(TOPIC, yes)).toBe('consent-granted');
  expect(await tell(TOPIC, { state: 'unsubscribed', consent_updated_at: '2026-03-01T12:15:00Z' })).toBe('consent-denied');
  expect(await tell(REPEATED, yes, { created_at: '2025-03-01T09:00:00Z' })).toBe('consent-denied');
  expect(await tell(REPEATED, { state: 'subscribed', consent_updated_at: null })).toBe('consent-denied');
  expect(await tell(TOPIC, { state: 'subscribed', consent_updated_at: 'just now' })).toBe('consent-denied');
  expect(await tell(REPEATED, { ...yes, consent_updated_at: '2026-03-01T12:55:00Z' })).toBe('consent-granted');
  // Twice a no without a moment, and a yes in between: the second is no duplicate of the first.
  expect(await tell(REPEATED, { state: 'unsubscribed', consent_updated_at: null })).toBe('consent-denied');
  expect(await tell(REPEATED, { ...yes, consent_updated_at: '2026-03-01T13:15:00Z' })).toBe('consent-granted');
  expect(await tell(REPEATED, { state: 'unsubscribed', consent_updated_at: null })).toBe('consent-denied');
});
