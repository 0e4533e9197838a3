import { createHash } from 'node:crypto';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { privacyForm } from '../support/privacy-form.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** A workspace set up through REST alone, and the story of one customer in it. */
let host: TestHost;
let owner: AdminClient;
let receiver: FakeWebhookReceiver;
let writeKey: string;
const EMAIL = 'ana@example.com';
const LOOKUP = `/profiles/lookup?namespace=email&value=${encodeURIComponent('Ana@Example.com')}`;
const TEXTS = { en: 'We use your contact data to tell you about our products.', 'zh-CN': '我们使用您的联系方式向您介绍我们的产品。' };

interface Profile {
  id: string;
  traits: { name: string; value: unknown; source: string }[];
  timeline: { name: string; connectionId: string }[];
  memberships: { segmentId: string; isMember: boolean }[];
  consents: { purposes: { purpose: string; recipient: string; isAllowed: boolean; reason: string }[] };
  deliveries: { id: string; state: string; reason: string | null; operation: string; evidence: { isAllowed: boolean; reason: string; recordId: string | null; agreementVersion: number | null }[]; outcomes: { outcome: string }[] }[];
}
interface BalanceLine { connectionId: string; difference: number; parts: Record<string, number> }

async function profile(): Promise<Profile> {
  return (await owner.get(LOOKUP)).body as unknown as Profile;
}

async function track(event: object): Promise<number> {
  const response = await fetch(`${host.url}/v1/track`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`, 'content-type': 'application/json' }, body: JSON.stringify(event) });
  return response.status;
}

async function balanced(): Promise<{ difference: number; sources: BalanceLine[]; destinations: BalanceLine[] }> {
  return (await owner.get('/balance')).body as never;
}

beforeAll(async () => {
  receiver = await startFakeWebhookReceiver();
  host = await startHost();
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
});
afterAll(async () => {
  await host.stop();
  await receiver.close();
});

describe('setting up', () => {
  it('makes purposes and an agreement, whose versions never change', async () => {
    const purpose = { key: 'marketing', name: { en: 'Marketing', 'zh-CN': '营销' }, description: { en: 'We write to you.', 'zh-CN': '我们会联系您。' }, lawfulBasis: 'consent', fields: ['*'], expiresAfterDays: 730 };
    expect((await owner.post('/purposes', purpose)).status).toBe(201);
    expect((await owner.post('/purposes', { ...purpose, key: 'service', name: { en: 'Service' }, lawfulBasis: 'contract', separateConsent: [] })).status).toBe(201);
    expect((await owner.post('/agreements', { id: 'privacy-notice', name: 'Privacy notice' })).status).toBe(201);
    const unknown = await owner.post('/agreements/privacy-notice/versions', { purposes: ['gone'], texts: TEXTS });
    expect([unknown.status, unknown.body.errors]).toEqual([400, [{ path: '/purposes/0', message: 'there is no such purpose' }]]);
    const nobody = await owner.post('/purposes', { ...purpose, key: 'sharing', recipients: ['nobody'] });
    expect([nobody.status, nobody.body.errors]).toEqual([400, [{ path: '/recipients/0', message: 'there is no such destination connection' }]]);
    const { body, status } = await owner.post('/agreements/privacy-notice/versions', { purposes: ['marketing', 'service'], texts: TEXTS });
    expect([status, (body.versions as { version: number; textHashes: Record<string, string> }[])[0]]).toEqual([201, expect.objectContaining({
      version: 1, textHashes: { en: createHash('sha256').update(TEXTS.en).digest('hex'), 'zh-CN': createHash('sha256').update(TEXTS['zh-CN']).digest('hex') },
    })]);
  });

  it('takes nothing in from a source before it says how data was collected', async () => {
    const made = await owner.post('/connections', { kind: 'source', id: 'online-shop', name: 'Online shop', pluginId: 'web', capability: 'events', defaultCountry: 'CN' });
    expect([made.status, made.body.status, made.etag]).toEqual([201, 'draft', '"1"']);
    const missing = await owner.post('/connections/online-shop/enable');
    expect([missing.status, missing.body.code]).toEqual([422, 'PROVENANCE_MISSING']);
    const bought = await owner.put('/connections/online-shop', 1, { provenance: { collection: 'third-party', statement: 'Bought.' }, agreementId: 'privacy-notice' });
    const refused = await owner.post('/connections/online-shop/enable');
    expect([bought.status, refused.status, refused.body.code]).toEqual([200, 403, 'PROVENANCE_THIRD_PARTY']);
    const own = await owner.put('/connections/online-shop', bought.body.version, { provenance: { collection: 'first-party', statement: 'Collected by our own shop.' } });
    expect((await owner.post('/connections/online-shop/enable')).body.status).toBe('enabled');
    const gone = await owner.put('/connections/online-shop', Number(own.body.version) + 1, { provenance: null });
    expect([gone.status, gone.body.code]).toEqual([422, 'PROVENANCE_MISSING']);
    const key = await owner.post('/connections/online-shop/write-keys', { kind: 'secret', name: 'Server' });
    writeKey = String(key.body.writeKey);
    expect(writeKey).toMatch(/^sk_/);
    expect((await owner.get('/connections/online-shop')).text).not.toContain(writeKey);
  });

  it('wants If-Match for an update', async () => {
    const without = await owner.call('PUT', '/connections/online-shop', { body: { name: 'Shop' } });
    expect([without.status, without.body.code]).toEqual([428, 'PRECONDITION_REQUIRED']);
    const stale = await owner.put('/connections/online-shop', 1, { name: 'Shop' });
    expect([stale.status, stale.body.code]).toEqual([412, 'VERSION_MISMATCH']);
  });

  it('seals secrets and shows them masked', async () => {
    const wrong = await owner.post('/connections', { kind: 'destination', id: 'crm', name: 'CRM', pluginId: 'webhook', settings: { url: 'no url', secret: 'x' } });
    expect([wrong.status, wrong.body.code, (wrong.body.errors as { path: string }[]).map(({ path }) => path)]).toEqual([422, 'INVALID_SETTINGS', ['/settings/url', '/settings/secret']]);
    const { body, text } = await owner.post('/connections', { kind: 'destination', id: 'crm', name: 'CRM', pluginId: 'webhook', settings: receiver.settings, recipient: 'processor', country: 'CN' });
    expect(body.settings).toEqual({ url: receiver.url, secret: '********', arrays: false });
    expect(text).not.toContain(receiver.settings.secret);
    const stored = JSON.stringify(await host.repository.get('connections', host.workspaceId, 'crm'));
    expect(stored).not.toContain(receiver.settings.secret);
    const renamed = await owner.put('/connections/crm', body.version, { name: 'Our CRM', settings: body.settings });
    expect(renamed.status).toBe(200);
    const moved = await owner.put('/connections/crm', renamed.body.version, { settings: { ...(body.settings as object), url: `${receiver.url}/elsewhere` } });
    expect([moved.status, moved.body.errors]).toEqual([422, [{ path: '/settings/secret', message: 'is to be entered again when an address changes' }]]);
    expect((await owner.post('/connections/crm/enable')).body.status).toBe('enabled');
    expect((await owner.post('/connections/crm/test')).body).toMatchObject({ outcome: 'passed' });
  });

  it('refuses a mapping with the places that are wrong, and previews without storing', async () => {
    const refused = await owner.put('/mappings/online-shop', 0, { mapping: { 'profile.shoeSise': '{{size}}', name: '{{nope event}}' } });
    expect([refused.status, refused.body.code, (refused.body.errors as { path: string }[]).map(({ path }) => path).sort()]).toEqual([422, 'INVALID_MAPPING', ['/name', '/profile.shoeSise']]);
    const preview = await owner.post('/mappings/preview', { connectionId: 'online-shop', mapping: { name: '{{event}}', 'identities.email': '{{mail}}' }, sample: { event: 'Order Completed', mail: 'ANA@Example.com' } });
    expect(preview.body).toMatchObject({ record: { name: 'Order Completed', identities: [{ namespace: 'email', value: EMAIL }] }, error: null });
    expect((await owner.get('/mappings/online-shop')).body).toMatchObject({ version: 0, isOwn: false });
  });

  it('refuses a segment and a flow that name what is not there', async () => {
    const segment = await owner.post('/segments', { id: 'buyers', name: 'Buyers', purpose: 'marketing', condition: { all: [{ trait: 'shoeSise', op: 'eq', value: 1 }, { segment: 'gone' }, { trait: 'city', op: 'gt', value: true }] } });
    expect([segment.status, segment.body.code, (segment.body.errors as { path: string }[]).map(({ path }) => path)]).toEqual([422, 'INVALID_SEGMENT', ['/condition/all/2/value']]);
    const flow = { name: 'Buyers', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'event', name: 'Order Completed' }, steps: [{ id: 'send', type: 'deliver', connectionId: 'gone', action: 'send-event' }] };
    const draft = await owner.post('/flows', { id: 'buyers', flow });
    expect([draft.status, draft.body.problems]).toEqual([201, [{ path: '/steps/0/connectionId', message: 'there is no such destination connection' }]]);
    expect((await owner.post('/flows/buyers/publish')).body.code).toBe('INVALID_FLOW');
    const better = await owner.put('/flows/buyers', 1, { flow: { ...flow, steps: [{ id: 'send', type: 'deliver', connectionId: 'crm', action: 'send-event' }] } });
    expect(better.body.problems).toEqual([]);
  });

  it('says what a flow would do, and why', async () => {
    const sample = { profile: {}, identities: [{ namespace: 'email', value: EMAIL }], consents: [] as string[] };
    const event = { name: 'Order Completed', properties: {} };
    const without = await owner.post('/flows/buyers/dry-run', { sample, event });
    expect(without.body).toMatchObject({ startsOnTrigger: true, outcome: 'ended', steps: [{ stepId: 'send', delivery: { wouldSend: false, reason: 'no-consent', payload: null } }] });
    const granted = await owner.post('/flows/buyers/dry-run', { sample: { ...sample, consents: ['marketing'] }, event });
    expect(granted.body).toMatchObject({ steps: [{ delivery: { wouldSend: true, reason: 'consent-granted', recipient: 'processor' } }] });
    expect(receiver.messages.filter(({ type }) => type !== 'connection.tested')).toEqual([]);
  });

  it('publishes', async () => {
    expect((await owner.post('/flows/buyers/publish')).body).toMatchObject({ status: 'live', liveVersion: 1 });
    expect((await owner.post('/segments', { id: 'buyers', name: 'Buyers', purpose: 'marketing', condition: { event: 'Order Completed' } })).status).toBe(201);
    expect((await owner.post('/segments/buyers/publish')).body).toMatchObject({ status: 'live', published: { version: 1 } });
  });
});

describe('a customer', () => {
  const order = (id: string) => ({ event: 'Order Completed', messageId: id, context: { traits: { email: EMAIL } }, userId: 'u-1', properties: { order_id: id, total: 59.9, currency: 'CNY' } });

  it('who has not agreed gets nothing sent, and the block is proven', async () => {
    await fetch(`${host.url}/v1/identify`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`, 'content-type': 'application/json' }, body: JSON.stringify({ userId: 'u-1', traits: { email: EMAIL, city: 'Shanghai' }, messageId: 'i-1' }) });
    expect(await track(order('o-1'))).toBe(200);
    // The view's parts are read one after the other: its deliveries may be newer than its timeline.
    const found = await until(profile, ({ deliveries, timeline }) => deliveries?.[0]?.state === 'blocked' && timeline.some(({ name }) => name === 'Order Completed'));
    expect(found.deliveries).toEqual([expect.objectContaining({ state: 'blocked', reason: 'no-consent', evidence: [expect.objectContaining({ isAllowed: false, reason: 'no-consent' })], outcomes: [] })]);
    expect(found.timeline.map(({ name }) => name)).toEqual(expect.arrayContaining(['Order Completed', 'Profile Updated']));
    expect(found.traits).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'city', value: 'Shanghai', source: 'online-shop' })]));
    expect(await balanced()).toMatchObject({ difference: 0, destinations: [{ connectionId: 'crm', parts: { 'blocked.no-consent': 1 } }] });
  });

  it('is explained: why one did not arrive, and why a flow has sent another person nothing', async () => {
    const { deliveries: [blocked], id } = await profile();
    const why = await owner.get(`/deliveries/${blocked?.id}/explain`);
    expect(why.body).toMatchObject({
      words: expect.stringContaining('The person has not decided'), event: { name: 'Order Completed', raw: { event: 'Order Completed' } }, identity: { profileId: id }, flow: { id: 'buyers', stepId: 'send' },
      consents: [{ isAllowed: false, reason: 'no-consent' }], consentNow: { isAllowed: false },
    });
    expect((await owner.get(`/profiles/${id}/explain?flowId=buyers`)).body).toMatchObject({ reason: 'has-deliveries', deliveries: [{ state: 'blocked', words: expect.any(String) }], now: { startsOnTrigger: true } });
    await track({ event: 'Product Viewed', messageId: 'v-1', userId: 'u-2', properties: {} });
    const lookup = () => owner.get('/profiles/lookup?namespace=userId&value=u-2');
    const other = await until(lookup, ({ status }) => status === 200);
    expect((await owner.get(`/profiles/${String(other.body.id)}/explain?flowId=buyers&stepId=send`)).body).toMatchObject({ reason: 'event-never-came', deliveries: [] });
    expect([(await owner.get('/deliveries/nothing/explain')).status, (await owner.get(`/profiles/${id}/explain?flowId=nothing`)).status, (await owner.get(`/profiles/${id}/explain?flowId=buyers&stepId=none`)).status]).toEqual([404, 404, 404]);
    const keys = await (await fetch(`${host.url}/.well-known/jwks.json`)).json() as { keys: object[] };
    expect(keys.keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.any(String), use: 'sig', alg: 'EdDSA' }]);
  });

  it('is explained: the first thing that stands in the way of a flow that has sent nothing', async () => {
    const { body: { id } } = await owner.get('/profiles/lookup?namespace=userId&value=u-2');
    const viewed = { type: 'event', name: 'Product Viewed' };
    const send = { id: 'send', type: 'deliver', connectionId: 'crm', action: 'send-event' };
    const make = async (flowId: string, over: object): Promise<void> => {
      expect((await owner.post('/flows', { id: flowId, flow: { name: flowId, purpose: 'service', acceptsHistorical: false, trigger: viewed, steps: [send], ...over } })).body.problems).toEqual([]);
    };
    const publish = async (flowId: string, over: object = {}): Promise<void> => {
      await make(flowId, over);
      expect((await owner.post(`/flows/${flowId}/publish`)).body.status).toBe('live');
    };
    const reasonOf = async (flowId: string) => (await owner.get(`/profiles/${String(id)}/explain?flowId=${flowId}`)).body.reason;
    await publish('waiting', { steps: [{ id: 'later', type: 'delay', span: { days: 1 } }, send] });
    await track({ event: 'Product Viewed', messageId: 'v-2', userId: 'u-2', properties: { price: 5 } });
    expect(await until(() => reasonOf('waiting'), (reason) => reason === 'run-waits')).toBe('run-waits');
    await make('draft', {});
    await publish('refused', { purpose: 'marketing' });
    await publish('dear', { trigger: { ...viewed, where: [{ path: 'properties.price', op: 'gt', value: 9 }] } });
    await owner.post('/segments', { id: 'dear-viewers', name: 'Dear viewers', purpose: 'service', condition: { event: 'Cart Viewed' } });
    await owner.post('/segments/dear-viewers/publish');
    await publish('entered', { trigger: { type: 'segment', segmentId: 'dear-viewers', on: 'entered' } });
    await publish('open');
    const flows = ['draft', 'refused', 'dear', 'entered', 'open'];
    const reasons = async () => Object.fromEntries(await Promise.all(flows.map(async (flowId) => [flowId, await reasonOf(flowId)] as const)));
    expect(await reasons()).toEqual({ draft: 'flow-not-live', refused: 'no-consent', dear: 'trigger-does-not-match', entered: 'not-in-segment', open: 'would-start-now' });
    for (const flowId of ['waiting', ...flows.slice(1)]) expect((await owner.post(`/flows/${flowId}/pause`)).body.status).toBe('paused');
  });

  it('who agrees over REST is in the segment, and a blocked delivery can be taken up again', async () => {
    const body = { identity: { namespace: 'email', value: 'Ana@Example.com' }, decisions: [{ purpose: 'marketing', decision: 'granted' }], submissionId: 's-1' };
    const without = await owner.post('/consents', body);
    expect([without.status, without.body.errors]).toEqual([400, [{ path: '/agreement', message: expect.any(String) }]]);
    const given = { ...body, agreement: { agreementId: 'privacy-notice', version: 1, language: 'en' } };
    expect((await owner.post('/consents', given)).status).toBe(201);
    expect((await owner.post('/consents', given)).status).toBe(201);
    expect(((await owner.get(`/consents?namespace=email&value=${EMAIL}`)).body.records as unknown[]).length).toBe(1);
    const replayed = await owner.post('/deliveries/replay', { filter: { connectionId: 'crm', state: 'blocked' } });
    expect(replayed.body).toMatchObject({ replayed: 1, hasMore: false });
    expect((await balanced()).difference).toBe(0);
    const found = await until(profile, ({ deliveries, memberships }) => deliveries.every(({ state }) => state === 'delivered') && memberships.length > 0);
    expect(found.memberships).toEqual([expect.objectContaining({ segmentId: 'buyers', isMember: true })]);
    expect(found.deliveries[0]).toMatchObject({ state: 'delivered', outcomes: [{ outcome: 'delivered' }] });
    expect(found.deliveries[0]?.evidence.map(({ reason, agreementVersion }) => [reason, agreementVersion])).toEqual([['no-consent', null], ['consent-granted', 1]]);
    expect(await balanced()).toMatchObject({ difference: 0, destinations: [{ parts: { delivered: 1 } }] });
    const count = await owner.post('/segments/preview', { purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } });
    expect(count.body).toMatchObject({ matching: 1, members: 1, isComplete: true });
    expect(count.text).not.toContain(EMAIL);
  });

  it('is in a segment that is published later, with nothing new of them', async () => {
    await owner.post('/segments', { id: 'locals', name: 'Locals', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } });
    await owner.post('/segments/locals/publish');
    const { memberships } = await until(profile, (found) => found.memberships.some(({ segmentId }) => segmentId === 'locals'));
    expect(memberships).toContainEqual(expect.objectContaining({ segmentId: 'locals', isMember: true }));
  });

  it('sees and withdraws on the privacy page without a script', async () => {
    const notice = await fetch(`${host.url}/privacy/${host.workspaceId}`, { headers: { 'accept-language': 'zh-CN,zh;q=0.9' } });
    const shown = await notice.text();
    expect([notice.status, notice.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(shown).toContain('<html lang="zh-CN">');
    expect(shown).toContain('营销');
    expect(shown).not.toContain('<form');
    expect(shown).not.toContain('<script');

    const { body } = await owner.post('/privacy-links', { identity: { namespace: 'email', value: EMAIL } });
    const url = String(body.url).replace(/^https?:\/\/[^/]+/, host.url);
    expect(url).not.toContain('ana');
    const page = await (await fetch(`${url}&lang=en`)).text();
    const onBoxes = [...page.matchAll(/<input type="checkbox"[^>]*name="([^"]+)"[^>]* checked>/g)].map((match) => match[1]);
    expect(onBoxes).toEqual([expect.stringMatching(/-own$/)]);
    expect(page).toContain('agreed');

    const token = new URL(url).searchParams.get('token') ?? '';
    /** Saves the page as it is shown now, with all switches off but these. */
    const save = async (fields: Record<string, string>): Promise<Response> => {
      const hidden = Object.entries(privacyForm(await (await fetch(`${url}&lang=en`)).text())).filter(([name]) => !onBoxes.includes(name));
      return fetch(`${host.url}/privacy/${host.workspaceId}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ ...Object.fromEntries(hidden), act: 'save', ...fields }) });
    };
    expect((await save({ token: `${token}x`, [onBoxes[0] ?? '']: 'on' })).status).toBe(401);
    const saved = await save({});
    expect(saved.status).toBe(303);
    expect(await (await fetch(host.url + String(saved.headers.get('location')))).text()).toContain('Your choices are saved');
    expect((await profile()).consents.purposes.filter(({ purpose }) => purpose === 'marketing').map(({ reason }) => reason)).toEqual(Array(5).fill('consent-withdrawn'));

    await track(order('o-2'));
    const found = await until(profile, ({ deliveries }) => deliveries.some(({ reason }) => reason === 'consent-withdrawn'));
    expect(found.deliveries.find(({ reason }) => reason === 'consent-withdrawn')).toMatchObject({ state: 'blocked' });
    expect(receiver.messages.map(({ type }) => type).filter((type) => type !== 'connection.tested')).toEqual(['event', 'person.removed']);

    expect((await save({ [onBoxes[0] ?? '']: 'on' })).status).toBe(303);
    const again = (await profile()).consents.purposes.filter(({ purpose }) => purpose === 'marketing').map(({ recipient, isAllowed }) => [recipient, isAllowed]);
    expect(again).toEqual([['own', true], ['processor', true], ['third-party', false], ['sensitive', false], ['minor', false]]);
  });

  it('is in no line of the audit log', async () => {
    const rows: { route: string; outcome: string; resourceId: string | null }[] = [];
    let text = '';
    // Each look at a customer is a row, and waiting for one takes as many as the machine is slow.
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await owner.get(`/audit-log?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      rows.push(...(page.body.items as typeof rows));
      text += page.text;
      cursor = page.body.nextCursor as string | null;
    }
    expect(rows).toEqual(expect.arrayContaining([
      expect.objectContaining({ route: '/admin/v1/connections/:id/enable', outcome: 'PROVENANCE_THIRD_PARTY', resourceId: 'online-shop' }),
      expect.objectContaining({ route: '/admin/v1/consents', outcome: 'done' }), expect.objectContaining({ route: '/admin/v1/profiles/lookup', outcome: 'done' }),
    ]));
    expect(text.toLowerCase()).not.toMatch(/ana@|ana%40|u-1"|shanghai/);
  });
});

describe('lists', () => {
  it('come in pages that miss nothing and repeat nothing', async () => {
    const ids: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await owner.get(`/audit-log?limit=7${cursor}`);
      ids.push(...(body.items as { id: string }[]).map(({ id }) => id));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${String(body.nextCursor)}`;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(20);
    const deliveries: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await owner.get(`/deliveries?limit=1${cursor}`);
      deliveries.push(...(body.items as { id: string }[]).map(({ id }) => id));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${String(body.nextCursor)}`;
    }
    expect(new Set(deliveries).size).toBe(await host.connected.collections.deliveries.countDocuments({}));
    expect((await owner.get('/deliveries?cursor=nonsense')).status).toBe(400);
    expect((await owner.get('/deliveries?limit=0')).body.errors).toEqual([expect.objectContaining({ path: '/limit' })]);
  });

  it('show what could not be used', async () => {
    await track({ event: 'Order Completed', messageId: 'q-1', anonymousId: 'undefined' });
    const rows = await until(async () => (await owner.get('/quarantine')).body.items as { id: string; code: string }[], (items) => items.length > 0);
    expect(rows).toEqual([expect.objectContaining({ code: 'MISSING_IDENTITY' })]);
    expect((await owner.get(`/quarantine/${rows[0]?.id}`)).body).toMatchObject({ raw: { event: 'Order Completed' } });
    expect((await balanced()).difference).toBe(0);
    expect((await adminClient(host.url).get('/quarantine')).status).toBe(401);
  });
});
