import { createConfigurationRepository, type ConfigurationRepository, type ConnectedStore } from '@firsthand/persistence';
import { closeStore, deleteDocuments, openEmptyStore } from '../support/empty-databases.js';

const ws = 'acme';
let connected: ConnectedStore;
let repository: ConfigurationRepository;

beforeAll(async () => {
  connected = await openEmptyStore();
  repository = createConfigurationRepository(connected.connection);
});
afterEach(() => deleteDocuments(connected.connection.getClient().db(connected.connection.name)));
afterAll(() => closeStore(connected));

const version = async () => (await repository.readVersions()).get(ws) ?? 0;

it('creates, reads, replaces and deletes, and grows the configuration version with each write', async () => {
  const content = { name: 'VIP', mapping: { 'profile.email': { $const: null }, $when: '{{a}}' } };
  const created = await repository.create('segments', ws, 'vip', content, 10);
  expect(created).toEqual({ id: 'vip', workspaceId: ws, version: 1, createdAt: 10, updatedAt: 10, content });
  expect(await repository.get('segments', ws, 'vip')).toEqual(created);
  expect(await version()).toBe(1);
  const updated = await repository.update('segments', ws, 'vip', 1, { name: 'Very VIP' }, 20);
  expect(updated).toEqual({ ...created, version: 2, updatedAt: 20, content: { name: 'Very VIP' } });
  expect(await repository.get('segments', ws, 'vip')).toEqual(updated);
  await repository.delete('segments', ws, 'vip', 2);
  await expect(repository.get('segments', ws, 'vip')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await version()).toBe(3);
});

it('refuses what is stale, missing or taken, and then changes nothing', async () => {
  await repository.create('flows', ws, 'f', { n: 1 }, 1);
  await expect(repository.create('flows', ws, 'f', { n: 2 }, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(repository.update('flows', ws, 'f', 2, { n: 2 }, 1)).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
  await expect(repository.delete('flows', ws, 'f', 2)).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
  await expect(repository.update('flows', ws, 'g', 1, {}, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(repository.update('flows', 'other', 'f', 1, {}, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await repository.get('flows', ws, 'f')).toMatchObject({ version: 1, content: { n: 1 } });
  expect(await version()).toBe(1);
});

it('refuses what is larger than a document may be, and then changes nothing', async () => {
  const ofMb = (mb: number) => ({ versions: Array.from({ length: mb }, () => 'x'.repeat(1024 * 1024 - 100)) });
  await repository.create('flows', ws, 'f', ofMb(16), 1);
  const before = await version();
  for (const mb of [17, 18]) {
    await expect(repository.update('flows', ws, 'f', 1, ofMb(mb), 2)).rejects.toMatchObject({ code: 'CONFIGURATION_TOO_LARGE' });
    await expect(repository.put('flows', ws, 'f', ofMb(mb), 2)).rejects.toMatchObject({ code: 'CONFIGURATION_TOO_LARGE' });
    await expect(repository.create('flows', ws, 'g', ofMb(mb), 2)).rejects.toMatchObject({ code: 'CONFIGURATION_TOO_LARGE' });
  }
  expect([(await repository.get('flows', ws, 'f')).version, await version()]).toEqual([1, before]);
});

it('lets one of many concurrent updates of the same version through', async () => {
  await repository.create('purposes', ws, 'p', { n: 0 }, 1);
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, (_, n) => repository.update('purposes', ws, 'p', 1, { n }, 1)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(['VERSION_MISMATCH', 'CONFLICT']).toContain(outcome.reason.code);
  expect(await version()).toBe(2);
});

it('gives an id to one thing of each workspace', async () => {
  for (const workspaceId of ['acme', 'other']) {
    const taken = await Promise.allSettled([1, 2].map(() => repository.create('connections', workspaceId, 'crm', {}, 1)));
    expect(taken.map((outcome) => (outcome.status === 'fulfilled' ? 'made' : (outcome.reason as { code: string }).code)).sort()).toEqual(['CONFLICT', 'made']);
  }
});

it('has one user per address and workspace', async () => {
  await repository.create('users', ws, 'u1', { email: 'ana@example.com' }, 1);
  const error: unknown = await repository.create('users', ws, 'u2', { email: 'ana@example.com' }, 1).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CONFLICT' });
  expect((error as Error).message).not.toContain('ana');
  await repository.create('users', 'other', 'u1', { email: 'ana@example.com' }, 1);
});

it('lists by id, in pages, either way, by content, and never across workspaces', async () => {
  for (const [id, color] of [['a', 'red'], ['b', 'blue'], ['c', 'red']] as const) await repository.create('apiKeys', ws, id, { look: { color } }, 1);
  for (const other of ['acme2', 'acmf', 'acm']) await repository.create('apiKeys', other, 'x', { look: { color: 'red' } }, 1);
  const ids = async (page?: Parameters<ConfigurationRepository['list']>[2]) => (await repository.list('apiKeys', ws, page)).map(({ id }) => id);
  expect(await ids()).toEqual(['a', 'b', 'c']);
  expect(await ids({ after: 'a', limit: 1 })).toEqual(['b']);
  expect(await ids({ order: 'descending', after: 'c' })).toEqual(['b', 'a']);
  expect(await ids({ where: { 'look.color': 'red' } })).toEqual(['a', 'c']);
});

it('reads no more of a list than it is asked for', async () => {
  for (const n of [1, 2]) await repository.create('trackingPlanVersions', ws, `p.${n}`, { planId: 'p', version: n, plan: { events: [] } }, n);
  expect(await repository.list('trackingPlanVersions', ws, { where: { planId: 'p' }, only: ['version'], order: 'descending' })).toEqual([2, 1].map((n) => ({ id: `p.${n}`, workspaceId: ws, version: 1, createdAt: n, updatedAt: n, content: { version: n } })));
});

it('gives the whole list where no page is asked for, however long it is', async () => {
  const rows = Array.from({ length: 1_001 }, (_, index) => ({ _id: `${ws}|p${index}` as never, workspaceId: ws, id: `p${index}`, version: 1, createdAt: 1, updatedAt: 1, content: {} }));
  await connected.connection.collection('purposes').insertMany(rows);
  expect(await repository.list('purposes', ws)).toHaveLength(1_001);
});

it('writes several as one, or none', async () => {
  await repository.transaction(async (inner) => {
    const created = await inner.create('connections', ws, 'web', { status: 'draft' }, 1);
    await inner.update('connections', ws, 'web', created.version, { status: 'enabled' }, 2);
    await inner.put('privacyRequests', ws, '001', { action: 'enabled' }, 2);
  });
  expect(await repository.get('connections', ws, 'web')).toMatchObject({ version: 2, content: { status: 'enabled' } });
  await expect(repository.transaction(async (inner) => {
    await inner.create('connections', ws, 'app', {}, 1);
    await inner.create('connections', ws, 'web', {}, 1);
  })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(repository.get('connections', ws, 'app')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await version()).toBe(2);
});

it('puts whatever the version, and does not disturb the snapshot with what is not in it', async () => {
  await repository.put('privacyRequests', ws, 'crm', { cursor: 1 }, 1);
  expect(await repository.put('privacyRequests', ws, 'crm', { cursor: 2 }, 2)).toMatchObject({ version: 2, createdAt: 1, content: { cursor: 2 } });
  expect(await version()).toBe(0);
});

it('reads all at one moment', async () => {
  await repository.create('purposes', ws, 'p', { n: 0 }, 1);
  let isWriting = true;
  const writing = (async () => {
    for (let n = 1; n <= 20; n += 1) await repository.update('purposes', ws, 'p', n, { n }, n);
    isWriting = false;
  })();
  while (isWriting) {
    const { version: read, kinds } = await repository.readAll(ws);
    expect(kinds.purposes.map(({ content }) => content)).toEqual([{ n: read - 1 }]);
  }
  await writing;
  expect(await repository.readAll('nobody')).toMatchObject({ version: 0, kinds: { flows: [], users: [] } });
});
