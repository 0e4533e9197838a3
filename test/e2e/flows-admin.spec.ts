import { startFakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeHubspot } from '../support/fake-hubspot.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

let host: TestHost;
let owner: AdminClient;

const ANA = { namespace: 'email', value: 'ana@example.com' };
const wait = { id: 'wait', type: 'delay', span: { days: 1 } };
const note = { id: 'note', type: 'setField', field: 'city', value: 'Lima' };
const FLOW = { name: 'Called', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'api' }, steps: [wait, note] };

beforeAll(async () => {
  host = await startHost();
  const { ownerEmail = '', ownerPassword = '' } = host.firstRun ?? {};
  owner = await logIn(host.url, ownerEmail, ownerPassword);
  await host.seed.purpose('marketing');
  await host.seed.purpose('service', { lawfulBasis: 'contract' });
  await host.seed.agreement(['marketing', 'service'], { id: 'notice' });
  await owner.post('/consents', { identity: ANA, agreement: { agreementId: 'notice', version: 1, language: 'en' }, decisions: [{ purpose: 'marketing', decision: 'granted' }] });
  await owner.post('/flows', { id: 'called', flow: FLOW });
  await owner.post('/flows/called/publish');
});
afterAll(() => host.stop());

const runs = async (query = '') => (await owner.get(`/flows/called/runs${query}`)).body.items as { version: number; stepId: string; state: string; dueAt: string | null; end: string | null }[];
const steps = async (version: number) => (await owner.get(`/flows/called/steps?version=${version}`)).body.steps;

it('calls a flow, shows where people are, and counts each step', async () => {
  const call = { identity: ANA, idempotencyKey: 'k1' };
  expect((await owner.post('/flows/called/trigger', call)).body).toMatchObject({ isRepeated: false });
  expect((await owner.post('/flows/called/trigger', call)).body).toMatchObject({ isRepeated: true });
  expect((await owner.post('/flows/called/trigger', { identity: { ...ANA, value: 'ben@example.com' }, idempotencyKey: 'k2' })).body.code).toBe('NOT_FOUND');
  expect((await owner.post('/flows/called/trigger', { idempotencyKey: 'k2' })).body.code).toBe('INVALID_REQUEST');
  for (const query of ['', '?stepId=wait', '?namespace=email&value=Ana@example.com']) {
    expect(await runs(query)).toEqual([expect.objectContaining({ version: 1, stepId: 'wait', state: 'waiting', end: null })]);
  }
  expect(await runs('?stepId=note')).toEqual([]);
  expect((await owner.get('/flows/called/runs?stepId=gone')).body.code).toBe('NOT_FOUND');
  expect((await owner.get('/flows/called/runs?namespace=email&value=ben@example.com')).body.code).toBe('NOT_FOUND');
  expect(await steps(1)).toEqual([{ stepId: 'wait', type: 'delay', entered: 1, waiting: 1, left: {} }, { stepId: 'note', type: 'setField', entered: 0, waiting: 0, left: {} }]);
});

it('pauses a flow with those who wait in it, says so of them, and resumes it', async () => {
  const explain = async () => (await owner.get(`/profiles/${(await host.connected.collections.profiles.findOne({}))?.profileId}/explain?flowId=called`)).body.reason;
  expect((await owner.post('/flows/called/pause')).body).toMatchObject({ status: 'paused', liveVersion: 1 });
  expect([await runs(), await explain()]).toEqual([[expect.objectContaining({ stepId: 'wait', state: 'paused', dueAt: expect.any(String) })], 'flow-paused']);
  expect((await owner.post('/flows/called/trigger', { identity: ANA, idempotencyKey: 'k3' })).body.code).toBe('CONFLICT');
  const { runs: rows } = host.connected.collections;
  const due = (await rows.findOne({}))?.dueAt;
  await rows.updateMany({}, { $set: { dueAt: 1 } });
  // The worker has come to it.
  expect(await until(runs, ([run]) => run?.dueAt === null)).toMatchObject([{ stepId: 'wait', state: 'paused', end: null }]);
  expect((await owner.post('/flows/called/resume')).body).toMatchObject({ status: 'live' });
  expect(await until(runs, ([run]) => run?.dueAt === new Date(due as number).toISOString())).toMatchObject([{ stepId: 'wait', state: 'waiting' }]);
  expect(await explain()).toBe('run-waits');
});

it('keeps a flow paused whose next version is published or that is rolled back, until it is resumed: those who wait may be moved first', async () => {
  await owner.post('/flows', { id: 'stopped', flow: FLOW });
  await owner.post('/flows/stopped/publish');
  await owner.post('/flows/stopped/pause');
  expect((await owner.post('/flows/stopped/publish')).body).toMatchObject({ status: 'paused', liveVersion: 2 });
  expect((await owner.post('/flows/stopped/rollback', { version: 1 })).body).toMatchObject({ status: 'paused', liveVersion: 1 });
  expect((await owner.post('/flows/stopped/resume')).body).toMatchObject({ status: 'live', liveVersion: 1 });
  expect((await owner.post('/flows/stopped/rollback', { version: 2 })).body).toMatchObject({ status: 'live', liveVersion: 2 });
});

it('publishes a next version, moves runs to it by choice, and rolls back', async () => {
  const { body: { version } } = await owner.get('/flows/called');
  await owner.put('/flows/called', version, { flow: { ...FLOW, steps: [{ id: 'first', type: 'setField', field: 'firstName', value: 'Ana' }, wait, note] } });
  expect((await owner.post('/flows/called/publish')).body).toMatchObject({ liveVersion: 2 });
  expect(await runs('?version=1')).toHaveLength(1);
  expect((await owner.post('/flows/called/move-runs', { from: 1, to: 2 })).body).toEqual({ moved: 1, kept: [], hasMore: false });
  expect((await owner.post('/flows/called/move-runs', { from: 1, to: 9 })).body.code).toBe('NOT_FOUND');
  expect(await runs('?version=1')).toEqual([]);
  expect(await runs()).toEqual([expect.objectContaining({ version: 2, stepId: 'wait' })]);
  expect(await steps(1)).toMatchObject([{ entered: 1, waiting: 0, left: { moved: 1 } }, {}]);
  expect(await steps(2)).toMatchObject([{ entered: 0 }, { stepId: 'wait', entered: 1, waiting: 1 }, {}]);
  expect((await owner.post('/flows/called/rollback', { version: 1 })).body).toMatchObject({ status: 'live', liveVersion: 1 });
  expect((await owner.post('/flows/called/rollback', { version: 9 })).body.code).toBe('NOT_FOUND');
  await host.connected.collections.runs.updateMany({}, { $set: { 'wait.until': 1, dueAt: 1 } });
  const ofAna = () => runs(`?namespace=email&value=${ANA.value}`);
  expect(await until(ofAna, (found) => found.some(({ state }) => state === 'ended'))).toEqual([expect.objectContaining({ version: 2, stepId: 'note', state: 'ended', end: 'ended' })]);
  expect((await host.connected.collections.profiles.findOne({}))?.fields.city).toMatchObject({ value: 'Lima', source: 'flow' });
});

it('keeps time zone, quiet hours and caps', async () => {
  const { body: { version, ...given } } = await owner.get('/flow-settings');
  expect(given).toEqual({ timeZone: 'UTC', quietHours: [], caps: [] });
  const settings = { timeZone: 'Asia/Shanghai', quietHours: [{ channel: 'sms', from: '20:00', to: '08:00' }], caps: [{ channel: '*', limit: 3, per: { days: 7 } }] };
  expect((await owner.put('/flow-settings', version, { ...settings, timeZone: 'Mars/Base' })).body.code).toBe('INVALID_REQUEST');
  expect((await owner.put('/flow-settings', version, { ...settings, caps: [{ channel: '*', limit: 3, per: { days: 91 } }] })).body.code).toBe('INVALID_REQUEST');
  expect((await owner.put('/flow-settings', version, settings)).body).toEqual({ version: Number(version) + 1, ...settings });
  expect((await owner.get('/flow-settings')).body).toEqual({ version: Number(version) + 1, ...settings });
});

it('makes a draft of a ready-made flow, which says what is missing, and tries it', async () => {
  const { items } = (await owner.get('/flows/templates')).body as { items: { id: string }[] };
  expect(items.map(({ id }) => id)).toEqual(['abandoned-cart', 'birthday', 'lapsing-loyalty-member', 'post-purchase', 'price-drop', 'suppress-buyers', 'welcome', 'win-back']);
  expect((await owner.post('/flows/templates/welcome', { parameters: { purpose: 'marketing', wrong: 'x' } })).body.errors).toMatchObject([{ path: '/parameters/connection' }, { path: '/parameters/action' }, { path: '/parameters/wrong' }]);
  expect((await owner.post('/flows/templates/gone', { parameters: {} })).body.code).toBe('NOT_FOUND');
  const { status, body } = await owner.post('/flows/templates/welcome', { id: 'welcome', parameters: { purpose: 'marketing', connection: 'crm', action: 'send-event' } });
  expect([status, body.status]).toEqual([201, 'draft']);
  expect(body.problems).toMatchObject([{ path: '/steps/0/connectionId' }, { path: '/steps/4/connectionId' }]);
});

it('shows every step of a dry run, waits passed over', async () => {
  const { status, body } = await owner.post('/flows/called/dry-run', { version: 2, profileId: (await host.connected.collections.profiles.findOne({}))?.profileId });
  expect([status, body.outcome]).toEqual([200, 'ended']);
  expect(body.steps).toMatchObject([{ stepId: 'first', outcome: 'passed', reason: 'set' }, { stepId: 'wait', outcome: 'waiting', reason: 'delay' }, { stepId: 'note', outcome: 'passed', reason: 'set' }]);
  expect((await host.connected.collections.profiles.findOne({}))?.fields.firstName).toBeUndefined();
});

it('lists the audiences of a destination, and compares one: previewed, then repaired', async () => {
  const hubspot = await startFakeHubspot();
  try {
    const list = hubspot.addList('7');
    const { portalId, apiBaseUrl, accessToken, clientSecret } = hubspot.settings;
    await host.seed.destination({ pluginId: 'hubspot', id: 'lists', settings: { portalId, apiBaseUrl }, secrets: { accessToken, clientSecret } });
    const join = { id: 'join', type: 'deliver', connectionId: 'lists', action: 'list-membership', mapping: { listId: '7' } } as const;
    const flow = { name: 'List', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'segment', segmentId: 'willing', on: 'entered' } as const, steps: [join] };
    await owner.post('/segments', { id: 'willing', name: 'Willing', purpose: 'marketing', condition: { consent: 'marketing' } });
    await owner.post('/segments/willing/publish');
    await until(() => host.connected.collections.profiles.findOne({ 'memberships.willing.isMember': true }), (found) => found !== null);
    await owner.post('/flows', { id: 'unsound', flow: { ...flow, steps: [join, { id: 'crm', type: 'deliver', connectionId: 'lists', action: 'upsert-contact', sync: 'mirror' }] } });
    expect((await owner.get('/flows/unsound')).body.problems).toEqual([{ path: '/steps/1/sync', message: 'the action keeps no members' }]);
    await host.seed.flow({ flowId: 'list', ...flow });

    expect((await owner.get('/connections/gone/audiences')).body.code).toBe('NOT_FOUND');
    expect((await owner.get('/connections/lists/audiences/list.gone')).body.code).toBe('NOT_FOUND');
    expect((await owner.get('/connections/lists/audiences')).body.items).toEqual([
      { id: 'list.join', flowId: 'list', stepId: 'join', action: 'list-membership', segmentId: 'willing', purpose: 'marketing', sync: 'mirror', addsMissing: true, pushGate: null, compare: null }]);
    const compare = async (body: object) => {
      expect((await owner.post('/connections/lists/audiences/list.join/compare', body)).status).toBe(202);
      return (await until(() => owner.get('/connections/lists/audiences/list.join'), ({ body: { compare } }) => (compare as { state: string } | null)?.state === 'done')).body.compare;
    };
    expect(await compare({ preview: true })).toMatchObject({ isPreview: true, counts: { missing: 1, confirmed: 0 } });
    expect(list.members.size).toBe(0);
    expect(await compare({})).toMatchObject({ isPreview: false, counts: { missing: 1 } });
    await until(() => host.connected.collections.audienceMembers.findOne({ 'sets.state': 'in' }), (found) => found !== null);
    expect(list.members.size).toBe(1);
    expect(await compare({})).toMatchObject({ counts: { missing: 0, confirmed: 1 } });
    // Somebody takes her off the list by hand, then she withdraws, and somebody puts her on again.
    const [contact = ''] = list.members;
    list.members.clear();
    expect(await compare({})).toMatchObject({ counts: { listed: 0, unconfirmed: 1 } });
    await until(() => [...list.members], (members) => members.length === 1);
    const out = () => host.connected.collections.audienceMembers.findOne({ 'sets.state': 'out' });
    await owner.post('/consents', { identity: ANA, agreement: { agreementId: 'notice', version: 1, language: 'en' }, decisions: [{ purpose: 'marketing', decision: 'withdrawn' }] });
    await until(out, (found) => found !== null);
    list.members.add(contact);
    expect(await compare({})).toMatchObject({ counts: { listed: 1, surplus: 1 } });
    await until(out, (found) => found !== null);
    expect(list.members.size).toBe(0);
    await host.connected.collections.audienceCompares.updateOne({}, { $set: { dueAt: Date.now() + 3_600_000, end: null } });
    expect((await owner.post('/connections/lists/audiences/list.join/compare', {})).body.code).toBe('CONFLICT');
  } finally {
    await hubspot.close();
  }
});

it('calls an endpoint, goes on with its answer, and shows both; tries it with an answer that is pasted', async () => {
  await owner.post('/consents', { identity: ANA, agreement: { agreementId: 'notice', version: 1, language: 'en' }, decisions: [{ purpose: 'marketing', decision: 'granted' }] });
  const receiver = await startFakeWebhookReceiver();
  receiver.answer = { tier: 'gold', note: { text: 'since May' } };
  const { url, secret } = receiver.settings;
  await host.seed.destination({ pluginId: 'webhook', id: 'desk', recipient: 'own', settings: { url }, secrets: { secret } });
  await host.seed.destination({ pluginId: 'webhook', id: 'stranger', recipient: 'third-party', settings: { url }, secrets: { secret } });
  const ask = { id: 'ask', type: 'call', connectionId: 'desk', action: 'call-endpoint', mapping: { data: { city: '{{profile.city}}' } } };
  const asking = { ...FLOW, steps: [ask, { id: 'gold', type: 'filter', condition: { answer: 'ask', path: 'tier', op: 'eq', value: 'gold' } }, { id: 'level', type: 'setField', field: 'membershipLevel', value: '{{answers.ask.tier}}' }] };
  const { body: { problems } } = await owner.post('/flows', { id: 'asking', flow: { ...asking, steps: [{ ...ask, connectionId: 'stranger' }, { ...ask, id: 'mute', action: 'send-event', mapping: {} }, note] } });
  expect(problems).toMatchObject([{ path: '/steps/0/connectionId' }, { path: '/steps/1/action' }]);
  expect((await owner.put('/flows/asking', 1, { flow: asking })).body.problems).toEqual([]);
  const tried = async (more: object) => (await owner.post('/flows/asking/dry-run', { identity: ANA, ...more })).body;
  expect(await tried({ answers: { ask: { tier: 'gold' } } })).toMatchObject({ outcome: 'ended', steps: [
    { stepId: 'ask', outcome: 'waiting', reason: 'call', delivery: { wouldSend: true, payload: { identities: { email: ANA.value } } } }, { stepId: 'ask', outcome: 'passed', reason: 'answered' }, { stepId: 'gold' }, { stepId: 'level', reason: 'set' },
  ] });
  expect(await tried({})).toMatchObject({ outcome: 'stopped', steps: [{}, { stepId: 'ask', reason: 'no-sample-answer' }] });
  expect((await owner.post('/flows/asking/dry-run', { sample: {}, answers: { ask: {} } })).body).toMatchObject({ outcome: 'stopped', steps: [{ delivery: { wouldSend: false } }, { stepId: 'ask', reason: 'blocked.no-consent' }] });
  expect(receiver.messages).toEqual([]);

  await owner.post('/flows/asking/publish');
  await owner.post('/flows/asking/trigger', { identity: ANA, idempotencyKey: 'q1' });
  const ofAna = async () => (await owner.get(`/flows/asking/runs?namespace=email&value=${ANA.value}`)).body.items as { state: string }[];
  expect(await until(ofAna, (found) => found.some(({ state }) => state === 'ended'))).toEqual([expect.objectContaining({ end: 'ended', endReason: 'set', answers: { ask: receiver.answer } })]);
  expect(receiver.messages).toMatchObject([{ type: 'call', data: { identities: { email: ANA.value }, data: { city: 'Lima' } } }]);
  expect((await host.connected.collections.profiles.findOne({}))?.fields.membershipLevel).toMatchObject({ value: 'gold', source: 'flow' });
  await receiver.close();
});

describe('a tracking plan', () => {
  let secretKey: string;
  const actions = { unplannedEvent: 'flag', missingRequired: 'quarantine', wrongType: 'coerce', valueNotAllowed: 'flag', unplannedProperty: 'flag', badName: 'flag' };
  const send = async (messageIds: readonly string[]): Promise<void> => {
    const response = await fetch(`${host.url}/v1/batch`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch: messageIds.map((messageId) => ({ type: 'track', event: 'Product Viewed', userId: 'u1', messageId, properties: { sku: 'S-1', position: 2, list_id: 'secret-list' } })) }),
    });
    expect(response.status).toBe(200);
  };
  const stored = (count: number) => until(() => host.connected.collections.events.countDocuments({ connectionId: 'shop' }), (found) => found === count);
  const quarantined = () => host.connected.collections.quarantine.find({ connectionId: 'shop' }).toArray();
  const versionOf = async (path: string): Promise<number> => (await owner.get(path)).body.version as number;
  const attach = async (trackingPlan: string | null) => owner.put('/connections/shop', await versionOf('/connections/shop'), { trackingPlan });

  beforeAll(async () => {
    ({ secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'shop', agreementId: 'notice' }));
    await send(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
    await stored(6);
  });

  it('begins from what was seen, and judges nothing before it is published', async () => {
    const { status, body } = await owner.post('/tracking-plans/generate', { id: 'seen', name: 'As seen', connections: ['shop'] });
    expect([status, body.observed, body.leftOut]).toEqual([201, 6, []]);
    expect(body.plan).toMatchObject({ id: 'seen', live: null, connections: [], warnings: [], draft: { events: [{ name: 'Product Viewed', fields: [{ path: 'properties.listId', type: 'string', required: true }, { path: 'properties.position', type: 'integer', required: true }, { path: 'properties.sku', type: 'string', required: true }] }] } });
    expect(JSON.stringify(body)).not.toContain('secret-list');
    expect((await attach('seen')).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/trackingPlan' }] });
    expect((await attach('gone')).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/trackingPlan' }] });
    expect((await owner.post('/tracking-plans/seen/publish')).body).toMatchObject({ live: { version: 1 }, versions: [{ version: 1 }] });
    expect((await attach('seen')).body).toMatchObject({ trackingPlan: 'seen', problem: null });
    expect((await owner.get('/tracking-plans')).body.items).toEqual([expect.objectContaining({ id: 'seen', connections: ['shop'], events: 1 })]);
  });

  it('shows what a new version would change, and puts aside what it does not let through', async () => {
    const fields = [{ path: 'properties.sku', type: 'string', required: true }, { path: 'properties.brand', type: 'string', required: true }, { path: 'properties.mood', type: 'string' }];
    const { status, body } = await owner.put('/tracking-plans/seen', await versionOf('/tracking-plans/seen'), { plan: { actions, events: [{ name: 'Product Viewed', fields }] } });
    expect([status, body.warnings]).toEqual([200, [{ path: '/events/0/fields/2/path', message: expect.stringMatching(/^properties.mood is in no dictionary/) as string }]]);
    const tried = await owner.post('/tracking-plans/seen/dry-run', { days: 1 });
    expect(tried.body).toMatchObject({ judged: 6, fromRaw: 6, isComplete: true, now: { passed: 6, quarantined: 0, refused: 0 }, then: { passed: 0, quarantined: 6, refused: 0 }, quarantine: { judged: 0, wouldPass: 0 } });
    const [event] = tried.body.events as { name: string; violations: { kind: string; path: string; action: string; count: number; eventIds: string[] }[] }[];
    expect(event?.violations).toEqual(expect.arrayContaining([{ kind: 'missingRequired', path: 'properties.brand', action: 'quarantine', count: 6, eventIds: [expect.any(String), expect.any(String), expect.any(String)] }, expect.objectContaining({ kind: 'unplannedProperty', path: 'properties.listId', action: 'flag', count: 6 })]));
    expect(tried.text).not.toContain('secret-list');
    expect((await owner.post('/tracking-plans/seen/publish?dryRun=true')).body).toMatchObject({ effects: [{ effect: 'used-by-connections', ids: ['shop'] }] });
    expect((await owner.get('/tracking-plans/seen')).body.live).toMatchObject({ version: 1 });

    expect((await owner.post('/tracking-plans/seen/publish')).body).toMatchObject({ live: { version: 2 } });
    await send(['m7']);
    expect(await until(quarantined, (rows) => rows.length === 1)).toMatchObject([{ code: 'TRACKING_PLAN_VIOLATED', rule: 'seen:missingRequired', planVersion: 2, places: [{ path: '/properties/brand' }] }]);
    const { body: counted } = await owner.get('/tracking-plans/violations');
    expect(counted.items).toMatchObject([{ connectionId: 'shop', received: 7, violations: { missingRequired: { quarantine: 1 }, unplannedProperty: { flag: 2 } } }]);
    expect(await until(async () => (await owner.get('/balance?connectionId=shop')).body, ({ sources }) => (sources as { parts: { quarantined: number } }[])[0]?.parts.quarantined === 1)).toMatchObject({ difference: 0, sources: [{ received: 7, parts: { applied: 6, quarantined: 1 } }] });
  });

  it('goes back to an earlier version, of which all are kept', async () => {
    const { body: first } = await owner.get('/tracking-plans/seen/versions/1');
    expect(await owner.put('/tracking-plans/seen', await versionOf('/tracking-plans/seen'), { plan: first.plan })).toMatchObject({ status: 200 });
    expect((await owner.post('/tracking-plans/seen/dry-run', {})).body).toMatchObject({ then: { passed: 6 }, now: { quarantined: 6 }, quarantine: { judged: 1, wouldPass: 1 } });
    expect((await owner.post('/tracking-plans/seen/rollback', { version: 9 })).body.code).toBe('NOT_FOUND');
    expect((await owner.post('/tracking-plans/seen/rollback', { version: 1 })).body).toMatchObject({ live: { version: 1 }, versions: [{ version: 1 }, { version: 2 }] });
    await send(['m8']);
    await stored(7);
  });

  it('makes its events known to flows and segments, which else are warned of', async () => {
    const where = [{ path: 'properties.price', op: 'gt', value: 9 }];
    const steps = [{ ...note, value: '{{event.properties.colour}}' }];
    const { status, body } = await owner.post('/flows', { id: 'tasted', flow: { ...FLOW, trigger: { type: 'event', name: 'Shoe Tryed', where: [{ path: 'order.totl', op: 'exists' }] }, steps } });
    expect(status).toBe(201);
    expect(body.problems).toEqual([{ path: '/trigger/where/0/path', message: 'the dictionary has no `order.totl`: use `order.total`' }, { path: '/steps/0/value', message: 'reads `event.properties.colour`: the dictionary has no `properties.colour`' }]);
    const unknown = 'neither the dictionary nor a source that is enabled knows such an event';
    expect(body.warnings).toEqual([{ path: '/trigger/name', message: unknown }]);
    const segment = { id: 'tasters', name: 'T', purpose: 'marketing', condition: { not: { event: 'Shoe Tryed', where } } };
    expect((await owner.post('/segments', { ...segment, condition: { not: { event: 'Shoe Tryed', where: [{ path: 'properties.colour', op: 'exists' }] } } })).body).toMatchObject({ code: 'INVALID_SEGMENT', errors: [{ path: '/condition/not/where/0/path' }] });
    expect((await owner.post('/segments', segment)).body.warnings).toEqual([{ path: '/condition/not/event', message: unknown }]);

    const plan = (await owner.get('/tracking-plans/seen')).body.draft as { events: object[] };
    await owner.put('/tracking-plans/seen', await versionOf('/tracking-plans/seen'), { plan: { ...plan, events: [...plan.events, { name: 'Shoe Tried', fields: [] }] } });
    await owner.post('/tracking-plans/seen/publish');
    const flow = { ...FLOW, trigger: { type: 'event', name: 'Shoe Tryed', where }, steps: [note] };
    expect((await owner.put('/flows/tasted', 1, { flow })).body).toMatchObject({ problems: [], warnings: [{ path: '/trigger/name', message: `${unknown}: use \`Shoe Tried\`` }] });
    expect((await owner.post('/flows/tasted/publish')).body).toMatchObject({ status: 'live', warnings: [{ path: '/trigger/name' }] });
    expect((await owner.put('/flows/tasted', await versionOf('/flows/tasted'), { flow: { ...flow, trigger: { ...flow.trigger, name: 'Shoe Tried' } } })).body.warnings).toEqual([]);
    expect((await owner.put('/segments/tasters', 1, { condition: { event: 'Shoe Tried' } })).body.warnings).toEqual([]);
    await owner.post('/connections/shop/pause');
    expect((await owner.get('/segments/tasters')).body.warnings).toHaveLength(1);
    await owner.post('/connections/shop/enable');
  });

  it('is refused with each place that is wrong, and kept while it is in use', async () => {
    const event = { name: 'Order Completed', schema: { type: 'object', properties: { properties: { $ref: 'https://example.com/x' }, order: { type: 'object', properties: { orderId: { type: 'string', pattern: '^(a+)+$' } } } } } };
    expect((await owner.post('/tracking-plans', { name: 'Bad', plan: { actions, events: [event] } })).body).toMatchObject({
      code: 'INVALID_TRACKING_PLAN', errors: expect.arrayContaining([{ path: '/events/0/schema/properties/properties/$ref', message: expect.any(String) as string }, { path: '/events/0/schema/properties/order/properties/orderId/pattern', message: expect.any(String) as string }]) as unknown,
    });
    const { body: { items } } = await owner.get('/tracking-plans/templates');
    for (const { id } of items as { id: string }[]) {
      expect((await owner.post(`/tracking-plans/templates/${id}`, { id })).body).toMatchObject({ live: null, warnings: [] });
      expect((await owner.call('DELETE', `/tracking-plans/${id}`, { ifMatch: 1 })).status).toBe(204);
    }
    const drop = async () => owner.call('DELETE', '/tracking-plans/seen', { ifMatch: await versionOf('/tracking-plans/seen') });
    expect((await drop()).body).toMatchObject({ code: 'CONFLICT', detail: expect.stringContaining('shop') as string });
    await attach(null);
    expect((await drop()).status).toBe(204);
    expect((await owner.get('/tracking-plans/seen/versions/1')).body.code).toBe('NOT_FOUND');
  });
});
