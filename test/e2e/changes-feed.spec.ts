import { randomUUID } from 'node:crypto';
import { followChanges, type Change } from '@firsthand/changes-client';
import type { ChangeView } from '../../apps/host/src/admin/changes/change-bodies.js';
import { adminClient, logIn, type AdminAnswer, type AdminClient } from '../support/admin-client.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { documentsIn, placesOf } from '../support/readme-commands.js';
import { freePort, startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** The client's types are the host's. */
const asClient = (change: ChangeView): Change => change;

const databaseName = `test_${randomUUID().slice(0, 8)}`;
let env: Record<string, string>;
let host: TestHost;
let owner: AdminClient;
let secretKey: string;
let sourceId: string;
let receiver: FakeWebhookReceiver;
let ours: string;
const tokens: Record<string, string> = {};
const keyIds: Record<string, string> = {};

interface Heard {
  events: { event: string; id: string | undefined; data: Record<string, unknown> }[];
  isOver(): boolean;
  leave(): Promise<void>;
}

async function listen(token: string, query = '', headers: Record<string, string> = {}): Promise<Heard> {
  const stop = new AbortController();
  // A machine that is busy may be late to read its configuration, and says so.
  const answer = await until(() => fetch(`${host.url}/admin/v1/changes${query}`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...headers }, signal: stop.signal }), ({ status }) => status !== 503);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  const events: Heard['events'] = [];
  let rest = '';
  let isOver = false;
  const reading = (async () => {
    for await (const chunk of answer.body ?? []) {
      rest += Buffer.from(chunk).toString();
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const lines = new Map(rest.slice(0, end).split('\n').map((line) => line.split(/: (.*)/su, 2) as [string, string]));
        rest = rest.slice(end + 2);
        events.push({ event: lines.get('event') ?? '', id: lines.get('id'), data: JSON.parse(lines.get('data') ?? '{}') as Record<string, unknown> });
      }
    }
  })().catch(() => undefined).finally(() => { isOver = true; });
  return { events, isOver: () => isOver, leave: () => { stop.abort(); return reading; } };
}

async function identify(userId: string, traits: Record<string, string>): Promise<void> {
  const body = JSON.stringify({ userId, traits, messageId: randomUUID() });
  const answer = await until(() => fetch(`${host.url}/v1/identify`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${secretKey}:`)}` }, body }), ({ status }) => status !== 503);
  expect(answer.status).toBe(200);
}

/** What is kept; as of {@link listen}. */
const page = (query = '', token = tokens.admin): Promise<AdminAnswer> => until(() => adminClient(host.url, token).get(`/changes${query}`), ({ status }) => status !== 503);

const changesOf = ({ events }: Heard): Record<string, unknown>[] => events.filter(({ event }) => event === 'change').map(({ data }) => data);
const cities = (changes: readonly object[]): unknown[] => (changes as { kind?: string; fields?: { name: string; value?: unknown }[] }[]).flatMap(({ fields = [] }) => fields.filter(({ name }) => name === 'city').map(({ value }) => value));

beforeAll(async () => {
  env = { PORT: String(await freePort()) };
  host = await startHost({ databaseName, env, keepDatabase: true });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  ({ secretKey, connectionId: sourceId } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
  await host.seed.change<{ fields: string[] }>('purposes', 'service', (content) => ({ ...content, fields: ['*'] }));
  for (const role of ['admin', 'marketer', 'integrator']) {
    const { body } = await owner.post('/api-keys', { name: role, roles: [role] });
    [tokens[role], keyIds[role]] = [String(body.apiKey), String(body.id)];
  }
});
afterAll(async () => {
  await receiver?.close();
  await host.stop();
});

it('says that changes are not kept until somebody switches it on, and then from a moment later on', async () => {
  expect((await page()).body).toMatchObject({ code: 'CHANGES_NOT_KEPT' });
  expect((await owner.get('/change-settings')).body).toMatchObject({ isKept: false, keptSince: null });
  const { body: { version } } = await owner.get('/change-settings');
  expect((await owner.put('/change-settings', version, { isKept: true, keptForDays: 3 })).body).toMatchObject({ isKept: true, keptForDays: 3, keptSince: expect.any(String) });
  const first = await page();
  expect([first.status, first.headers.get('retry-after')]).toEqual([409, '2']);
  expect((await until(() => page(), ({ status }) => status === 200)).body).toEqual({ items: [], cursor: expect.stringMatching(/-0$/u), isAtEnd: true });
  // It goes with the configuration, without what only this installation knows.
  const documents = (await owner.get('/configuration')).body.documents as { kind: string; id: string; content: object }[];
  expect(documents).toContainEqual({ kind: 'settings', id: 'changes', content: { isKept: true, keptForDays: 3, feeds: [] } });
  expect((await page('', tokens.integrator)).status).toBe(403);
});

it('streams what changes to whoever follows, each as far as their role shows it, and gives the same in pages', async () => {
  const [full, masked] = [await listen(tokens.admin ?? ''), await listen(tokens.marketer ?? '', '?kinds=profile')];
  await identify('u1', { email: 'ana@example.com', city: 'Shanghai' });
  const told = changesOf(await until(() => full, (heard) => changesOf(heard).length >= 2));
  expect(told.map(({ kind }) => kind)).toEqual(['identity', 'profile']);
  const from = [{ by: 'record', source: sourceId }];
  expect(told[0]).toMatchObject({ from, act: 'added', namespaces: ['email', 'userId'], identities: expect.arrayContaining([{ namespace: 'email', value: 'ana@example.com' }]) });
  expect(told[1]).toMatchObject({ from, version: 1, fields: expect.arrayContaining([{ name: 'email', source: expect.any(String), at: expect.any(String), value: 'ana@example.com' }]) });
  await until(() => masked, (heard) => changesOf(heard).length >= 1);
  expect(JSON.stringify(changesOf(masked))).toContain('a***@example.com');
  expect(JSON.stringify(masked.events)).not.toContain('ana@');
  expect(full.events.filter(({ event }) => event === 'change').every(({ id, data }) => id === data.cursor)).toBe(true);

  const pages: Record<string, unknown>[] = [];
  for (let cursor = 'oldest', isAtEnd = false; !isAtEnd;) {
    const { body } = await page(`?limit=1&after=${cursor}`);
    pages.push(...body.items as Record<string, unknown>[]);
    ({ cursor, isAtEnd } = body as { cursor: string; isAtEnd: boolean });
  }
  expect(pages).toEqual(told);
  expect(asClient(pages[0] as unknown as ChangeView)).toBe(pages[0]);
  const one = (await page('?person=nobody')).body;
  expect(one).toEqual({ items: [], cursor: pages.at(-1)?.cursor, isAtEnd: true });
  expect([(await page('?kinds=other')).status, (await page('?after=x')).status, (await page('?afer=now')).status]).toEqual([400, 400, 400]);
  // A value is the one of now, and there is none of somebody who is gone.
  await identify('u1', { city: 'Hangzhou' });
  await until(() => full, (heard) => cities(changesOf(heard)).length === 2);
  expect(cities((await page()).body.items as object[])).toEqual(['Hangzhou', 'Hangzhou']);
  await Promise.all([full.leave(), masked.leave()]);
});

it('goes on after the last event that was heard, and tells of what was missed', async () => {
  const { body: { items } } = await page();
  const [first, ...others] = (items as { cursor: string }[]).map(({ cursor }) => cursor);
  const resumed = await listen(tokens.admin ?? '', '', { 'last-event-id': first ?? '' });
  await until(() => resumed, (heard) => changesOf(heard).length >= others.length);
  expect(resumed.events.map(({ id }) => id)).toEqual(others);
  await resumed.leave();
  const foreign = 'abc-3';
  expect((await page(`?after=${foreign}`)).body).toMatchObject({ code: 'CHANGES_EXPIRED', status: 410, errors: [{ path: '/oldest', message: expect.stringMatching(/-0$/u) }] });
  const missed = await listen(tokens.admin ?? '', `?after=${foreign}`);
  await until(() => missed, (heard) => changesOf(heard).length >= others.length + 1);
  expect(missed.events[0]).toMatchObject({ event: 'gap', data: { resumesAfter: expect.stringMatching(/-0$/u) } });
  expect(missed.events.slice(1).map(({ id }) => id)).toEqual([first, ...others]);
  await missed.leave();

  // So is what is kept no longer, to whoever had come no further.
  const { changeBlocks } = host.connected.collections;
  const [block, next] = await changeBlocks.find({ last: { $gt: 0 } }, { sort: { last: 1 }, limit: 2 }).toArray();
  await changeBlocks.deleteOne({ _id: block?._id ?? '' });
  expect((await page(`?after=${first}`)).body).toMatchObject({ code: 'CHANGES_EXPIRED', status: 410, errors: [{ path: '/oldest', message: expect.stringMatching(new RegExp(`-${block?.last}$`, 'u')) }] });
  const late = await listen(tokens.admin ?? '', '', { 'last-event-id': first ?? '' });
  await until(() => late, (heard) => changesOf(heard).length >= 1);
  expect(late.events.slice(0, 2)).toMatchObject([{ event: 'gap', data: { resumesAfter: expect.stringMatching(new RegExp(`-${block?.last}$`, 'u')) } }, { event: 'change', id: expect.stringMatching(new RegExp(`-${(next?.last ?? 0) - (next?.count ?? 0) + 1}$`, 'u')) }]);
  await late.leave();
});

it('tells of a decision who made it and from where, and shows what was kept before that was told', async () => {
  const { workspaceId, connected: { store } } = host;
  const { body: { cursor } } = await page('?after=now');
  const decision = { identity: { namespace: 'userId', value: 'u1' }, decisions: [{ purpose: 'service', decision: 'objected' }], method: 'api', submissionId: randomUUID() };
  expect((await owner.post('/consents', decision)).status).toBe(201);
  const standing = { recipient: 'own', decision: 'granted', method: 'event', at: 1 } as const;
  await store.transaction((tx) => tx.insertChangeBlock({ blockId: `${workspaceId}|before`, workspaceId, at: 1, keptUntil: Date.now() + 86_400_000, changes: [{ profileId: 'p-before', version: 1, kind: 'consent', purpose: 'service', standings: [standing] }] }));
  const { body: { items } } = await until(() => page(`?after=${String(cursor)}&kinds=consent`), ({ body }) => (body.items as object[]).length >= 2);
  const [decided, before] = items as ChangeView[];
  expect(decided).toMatchObject({ kind: 'consent', from: [{ by: 'admin', source: null }], standings: expect.arrayContaining([expect.objectContaining({ decision: 'objected', source: null, actor: 'admin' })]) });
  expect(before).toMatchObject({ profileId: 'p-before', from: [], standings: [{ ...standing, at: '1970-01-01T00:00:00.001Z', source: null, actor: null }] });
});

it('tells who enters a segment, and by what', async () => {
  await host.seed.purpose('care', { lawfulBasis: 'contract', separateConsent: [] });
  const segmentId = await host.seed.segment({ id: 'xians', purpose: 'care', condition: { trait: 'city', op: 'eq', value: 'Xian' } });
  const { body: { cursor } } = await page('?after=now');
  await identify('u8', { city: 'Xian' });
  const { body: { items } } = await until(() => page(`?after=${String(cursor)}&kinds=membership`), ({ body }) => (body.items as object[]).length >= 1);
  const { id } = (await owner.get('/profiles/lookup?namespace=userId&value=u8')).body;
  expect(items).toEqual([expect.objectContaining({ kind: 'membership', profileId: id, segmentId, isMember: true, from: [{ by: 'record', source: sourceId }] })]);
});

it('keeps no block past its day', async () => {
  const { changeBlocks } = host.connected.collections;
  expect(await changeBlocks.indexes()).toContainEqual(expect.objectContaining({ key: { expireAt: 1 }, expireAfterSeconds: 0 }));
  expect(await changeBlocks.countDocuments({ expireAt: { $not: { $type: 'date' } } })).toBe(0);
});

it('shows an open stream no more than its reader may see from that moment on', async () => {
  const { body: { apiKey, id } } = await owner.post('/api-keys', { name: 'narrowed', roles: ['admin'] });
  const heard = await listen(String(apiKey), '?kinds=profile');
  await identify('u6', { email: 'zoe@example.com' });
  await until(() => heard, (one) => changesOf(one).length >= 1);
  expect(JSON.stringify(changesOf(heard))).toContain('zoe@example.com');
  await host.seed.change<{ roles: string[] }>('apiKeys', String(id), (content) => ({ ...content, roles: ['marketer'] }));
  await identify('u7', { email: 'amy@example.com' });
  await until(() => heard, (one) => changesOf(one).length >= 2);
  expect([JSON.stringify(changesOf(heard)[1]).includes('a***@example.com'), JSON.stringify(heard.events).includes('amy@'), heard.isOver()]).toEqual([true, false, false]);
  await heard.leave();
});

it('ends a stream whose reader may read no more', async () => {
  const heard = await listen(tokens.marketer ?? '');
  await host.seed.change<{ roles: string[] }>('apiKeys', keyIds.marketer ?? '', (content) => ({ ...content, roles: ['integrator'] }));
  await until(() => heard, (one) => one.isOver());
  expect(heard.events.at(-1)).toMatchObject({ event: 'end', data: { code: 'FORBIDDEN' } });
  await identify('u2', { city: 'Xiamen' });
  expect(JSON.stringify(heard.events)).not.toContain('Xiamen');
});

it('tells webhooks of changes by names alone, signed, in order, and again until they are taken', async () => {
  receiver = await startFakeWebhookReceiver();
  const connect = (recipient: 'processor' | 'third-party') => host.seed.destination({ pluginId: 'webhook', settings: { url: receiver.settings.url }, secrets: { secret: receiver.settings.secret }, recipient });
  const theirs = await connect('third-party');
  ours = await connect('processor');
  const set = async (...connectionIds: string[]) => owner.put('/change-settings', (await owner.get('/change-settings')).body.version, { isKept: true, keptForDays: 3, feeds: connectionIds.map((connectionId) => ({ connectionId, kinds: ['profile'] })) });
  expect((await set(ours, theirs, ours, 'none')).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/feeds/1/connectionId' }, { path: '/feeds/2/connectionId' }, { path: '/feeds/3/connectionId' }] });
  expect((await set(ours)).status).toBe(200);
  const state = async (): Promise<Record<string, unknown>> => ((await owner.get('/change-feeds')).body.items as Record<string, unknown>[])[0] ?? {};
  // It begins with what comes.
  await until(state, ({ behind }) => behind === 0);
  receiver.script({ times: 2, answer: { status: 503 } });
  await identify('u5', { email: 'mia@example.com', firstName: 'Mia' });
  await until(() => receiver.requests.length, (count) => count >= 1);
  expect(await until(state, ({ attempt }) => attempt !== 0)).toMatchObject({ connectionId: ours, behind: 2, failingSince: expect.any(String), nextTryAt: expect.any(String) });
  await identify('u5', { firstName: 'Maria' });
  const changes = await until(() => receiver.messages.flatMap(({ data }) => data.changes as Record<string, unknown>[]), (all) => all.length >= 2);
  expect(changes).toMatchObject([{ kind: 'profile', version: 1, names: expect.arrayContaining(['email', 'firstName']), from: [{ by: 'record', source: sourceId }], sources: [sourceId] }, { kind: 'profile', version: 2, names: ['firstName'], sources: [sourceId] }]);
  expect(changes[0]?.profileId).toBe(changes[1]?.profileId);
  expect(placesOf(receiver.messages[0])).toEqual(placesOf(documentsIn('docs/changes.md')[0]));
  expect(receiver.requests.map(({ text }) => text).join('')).not.toMatch(/mia@|Mia|Maria|u5/u);
  expect(await until(state, ({ attempt }) => attempt === 0)).toMatchObject({ behind: 0, failingSince: null });
  // Switched off and on again it has missed something, and says so.
  const { body: { version } } = await owner.get('/change-settings');
  const { body: off } = await owner.put('/change-settings', version, { isKept: false });
  await owner.put('/change-settings', off.version, { isKept: true, keptForDays: 3, feeds: [{ connectionId: ours }] });
  await until(() => receiver.messages, (all) => all.some(({ type }) => type === 'person.changes-missed'));
  expect(receiver.messages.at(-1)).toMatchObject({ type: 'person.changes-missed', data: { resumesAfter: expect.any(String) } });
  await until(() => page(), ({ status }) => status === 200);
  expect((await page()).body.items).toEqual([]);
});

it('loses a client that follows nothing, nor a webhook, though the host goes away in between', async () => {
  const stop = new AbortController();
  const heard: Change[] = [];
  const following = (async () => {
    for await (const event of followChanges({ url: host.url, token: tokens.admin ?? '', after: 'oldest', kinds: ['profile'], signal: stop.signal, firstWaitMs: 50 })) {
      if (event.type === 'change') heard.push(event.change);
    }
  })();
  const toldBefore = receiver.messages.length;
  expect((await owner.post(`/connections/${ours}/pause`, {})).status).toBe(200);
  await host.configuration.refresh();
  await identify('u3', { city: 'Suzhou' });
  await until(() => heard.length, (count) => count >= 1);
  await host.stop();
  host = await startHost({ databaseName, env });
  expect((await owner.post(`/connections/${ours}/enable`, {})).status).toBe(200);
  await identify('u4', { city: 'Wuxi' });
  await until(() => cities(heard), (all) => all.includes('Wuxi'));
  stop.abort();
  await following;
  expect(cities(heard)).toEqual(['Suzhou', 'Wuxi']);
  expect(new Set(heard.map(({ cursor }) => cursor)).size).toBe(heard.length);
  // The webhook goes on where it was, and not where the host is now.
  const toldSince = () => receiver.messages.slice(toldBefore).flatMap(({ data }) => (data.changes ?? []) as { kind: string; cursor: string }[]).filter(({ kind }) => kind === 'profile').map(({ cursor }) => cursor);
  expect(await until(toldSince, (cursors) => cursors.length >= 2)).toEqual(heard.map(({ cursor }) => cursor));
});
