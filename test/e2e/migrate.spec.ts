import { randomUUID } from 'node:crypto';
import { isSealIntact, type LedgerConsent, type Profile } from '@firsthand/domain';
import { connectStore, consentRecord, createAuditTrail, createPrivacyRequestStore, migrate, type ConnectedStore, type Migration } from '@firsthand/persistence';
import { quarantineGroupId, verifyAuditChain, type DeliveryRow } from '@firsthand/pipeline';
import { row } from '../support/store-rows.js';

let connected: ConnectedStore;

beforeEach(async () => {
  connected = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName: `migrate-${randomUUID()}`, log: { info: () => undefined, warn: () => undefined } });
});
afterEach(async () => {
  await connected.connection.dropDatabase();
  await connected.close();
});

const run = { schemaVersion: 1, workspaceId: 'w', flowId: 'f', flowVersion: 1, profileId: 'p', eventId: null, segmentId: null, resumeAtStep: 1, startedAt: 1, dueAt: 2 };
const db = () => connected.connection.getClient().db(connected.connection.name);

it('creates every collection with its indexes, once, however many processes start', async () => {
  await Promise.all([1, 2, 3].map(() => migrate(connected.connection)));
  const names = (await db().listCollections().toArray()).map(({ name }) => name as string);
  expect(names).toEqual(expect.arrayContaining([...Object.keys(connected.collections), 'configVersions', 'auditTrail', 'schema']));
  expect(await db().collection('schema').find().toArray()).toEqual([{ _id: 'schema', version: 47, lockedBy: null, lockedUntil: 0 }]);
  expect((await db().collection('rawRecords').indexes()).some(({ expireAfterSeconds }) => expireAfterSeconds === 0)).toBe(true);
});

it('makes the same of a new database at once as of an older one step by step', async () => {
  const indexesOf = async (): Promise<unknown> => Object.fromEntries(await Promise.all((await db().listCollections().toArray()).map(async ({ name }) => (
    [name as string, (await db().collection(name as string).indexes()).map(({ v, ...index }) => JSON.stringify(index)).sort()]))));
  await migrate(connected.connection);
  const made = await indexesOf();
  await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 1 } });
  await migrate(connected.connection);
  expect(await indexesOf()).toEqual(made);
});

it('skips for a new database what is for stored data and what it has just done, and nothing for an older one', async () => {
  const ran: string[] = [];
  const step = (name: string) => () => { ran.push(name); return Promise.resolve(); };
  const [make, bringUp] = [step('make'), step('bring up')];
  const migrations: Migration[] = [{ version: 1, run: make }, { version: 2, run: bringUp, isForStoredData: true }, { version: 3, run: make }];
  await migrate(connected.connection, migrations);
  expect(ran.splice(0)).toEqual(['make']);
  expect(await db().collection('schema').findOne({})).toMatchObject({ version: 3 });
  await db().collection('schema').updateOne({}, { $set: { version: 1 } });
  await migrate(connected.connection, migrations);
  expect(ran).toEqual(['bring up', 'make']);
});

it('names the runs that wait by their workspace, orders the inbox anew, and says of what kind each segment is', async () => {
  await migrate(connected.connection);
  await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 4 } });
  await connected.collections.inbox.createIndex({ dueAt: 1, claimedUntil: 1, workspaceId: 1, partition: 1, count: 1, _id: 1 });
  await connected.collections.inbox.insertOne({ _id: 'w|older', dueAt: 1, claimedUntil: 0, workspaceId: 'w', partition: 0, count: 0, records: '[]' } as never);
  await connected.collections.runs.insertMany([{ ...run, _id: 'older' }, { ...run, _id: 'w|newer' }]);
  const segments = db().collection<{ _id: string; content: object }>('segments');
  await segments.insertMany([{ _id: 'w|older', content: { name: 'S' } }, { _id: 'w|list', content: { kind: 'static' } }]);
  await migrate(connected.connection);
  expect((await segments.find().sort({ _id: 1 }).toArray()).map(({ content }) => content)).toEqual([{ kind: 'static' }, { name: 'S', kind: 'conditions' }]);
  expect((await connected.collections.runs.find().sort({ _id: 1 }).toArray())).toEqual([{ ...run, _id: 'w|newer' }, { ...run, _id: 'w|older' }]);
  expect((await connected.collections.inbox.indexes()).map(({ key }) => Object.keys(key)[0])).toEqual(['_id', 'isImport']);
  expect((await connected.store.inbox.claim({ now: 2, leaseMs: 1, maxRecords: 1 })).documents).toHaveLength(1);
});

it('takes up who is in audiences from what was sent: not for certain, so that the next one is sent', async () => {
  await migrate(connected.connection);
  await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 7 } });
  const sent = (name: string, over: Partial<DeliveryRow>) => row.delivery(name, { connectionId: 'ads', action: 'audience', segmentId: 'vips', state: 'delivered', ...over });
  await connected.store.transaction(async (t) => {
    await t.addDisclosures([...['in', 'out', 'blocked'].map((profileId) => row.disclosure({ connectionId: 'ads', action: 'audience', profileId })), row.disclosure({ profileId: 'in' })]);
    await t.insertDeliveries([
      sent('d1', { profileId: 'in', operation: 'addMembers' }), sent('d2', { profileId: 'out', operation: 'addMembers' }), sent('d3', { profileId: 'out', seq: 2, operation: 'removeMembers', class: 'suppression' }),
      sent('d4', { profileId: 'blocked', operation: 'addMembers', state: 'blocked' }), sent('d5', { profileId: 'in', connectionId: 'crm', action: 'upsert-contact' }),
    ]);
  });
  await migrate(connected.connection);
  const holders = [{ flowId: 'f', flowVersion: 1, stepId: 's', segmentId: 'vips', purpose: 'marketing' }];
  expect((await connected.collections.audienceMembers.find().toArray()).map(({ _id, sets }) => [_id, sets])).toEqual([
    ['acme|ads|audience|in', [{ identifiers: { email: 'ana@example.com' }, state: 'open', digest: null, at: 5, deliveryId: 'acme|d1', holders }]],
    ['acme|ads|audience|out', [{ identifiers: { email: 'ana@example.com' }, state: 'out', digest: null, at: 5, deliveryId: 'acme|d2', holders: [] }]],
  ]);
});

it('seals older consent records for the chain, and lays salts apart, also those of who was merged away', async () => {
  const { collections } = connected;
  await migrate(connected.connection);
  await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 7 } });
  await collections.consents.insertOne({ _id: 'acme|r1', schemaVersion: 1, ...row.consent('r1') });
  await collections.profiles.insertOne({ ...row.profile('p1'), _id: 'acme|p1', schemaVersion: 1, salt: 'salt-1', dueAt: null } as never);
  const before = { winner: { ...row.profile('p1'), salt: 'salt-1' }, loser: { ...row.profile('p0'), salt: 'salt-0' } };
  await collections.merges.insertOne({ _id: 'acme|m', schemaVersion: 1, workspaceId: 'acme', winner: 'p1', loser: 'p0', at: 1, causeEventId: null, before });
  await migrate(connected.connection);
  const sealed = await collections.consents.findOne();
  expect(isSealIntact(consentRecord(sealed!) as LedgerConsent)).toBe(true);
  expect(await collections.unsealedConsents.find().toArray()).toEqual([expect.objectContaining({ workspaceId: 'acme', consents: [{ recordId: 'r1', hash: sealed!.seal!.hash }] })]);
  expect(await collections.salts.find().sort({ _id: 1 }).toArray()).toEqual([0, 1].map((n) => ({ _id: `acme|p${n}`, schemaVersion: 1, workspaceId: 'acme', salt: `salt-${n}` })));
  expect(JSON.stringify([await collections.profiles.find().toArray(), await collections.merges.find().toArray()])).not.toContain('salt');
});

it('marks whose consents were folded by older rules, and nobody else', async () => {
  await migrate(connected.connection);
  const { profiles, consentStates } = connected.collections;
  for (const id of ['decided', 'silent']) await profiles.insertOne({ ...row.profile(id), _id: `w|${id}`, schemaVersion: 1, dueAt: null });
  await consentStates.insertOne({ _id: 'w|decided', schemaVersion: 1, workspaceId: 'w', profileId: 'decided', state: {} });
  await consentStates.insertOne({ _id: 'w|gone', schemaVersion: 1, workspaceId: 'w', profileId: 'gone', state: {} });
  await db().collection('schema').updateOne({}, { $set: { version: 13 } });
  await migrate(connected.connection);
  expect((await profiles.find({}).sort({ _id: 1 }).toArray()).map(({ _id, mustRefold, dueAt }) => ({ _id, mustRefold, dueAt }))).toEqual([
    { _id: 'w|decided', mustRefold: true, dueAt: 1 }, { _id: 'w|silent', mustRefold: undefined, dueAt: null },
  ]);
});

it('tells apart by age what is due at one time, in the place of an index that did not', async () => {
  await migrate(connected.connection);
  const { deliveries } = connected.collections;
  const partialFilterExpression = { state: 'pending', attempt: { $gt: 0 } } as const;
  await deliveries.createIndex({ workspaceId: 1, connectionId: 1, dueAt: 1 }, { partialFilterExpression });
  await deliveries.dropIndex('workspaceId_1_connectionId_1_dueAt_1_createdAt_1_seq_1');
  await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 38 } });
  await migrate(connected.connection);
  expect((await deliveries.indexes()).filter(({ key }) => Object.keys(key)[2] === 'dueAt')).toEqual([
    expect.objectContaining({ key: { workspaceId: 1, connectionId: 1, dueAt: 1, createdAt: 1, seq: 1 }, partialFilterExpression }),
  ]);
});

it('gives requests that only waited a status, a due date and a history', async () => {
  await migrate(connected.connection);
  await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 13 } });
  const older = { kind: 'erasure', status: 'pending', identities: [{ namespace: 'crmId', value: 'c' }], profileId: 'p', connectionId: 'crm', eventId: 'w|e', requestedAt: 1, receivedAt: 2, dueAt: null };
  await db().collection<{ _id: string }>('privacyRequests').insertMany([true, false].map((isVerified) => ({ _id: `w|${isVerified}`, schemaVersion: 1, id: String(isVerified), workspaceId: 'w', version: 1, createdAt: 2, updatedAt: 2, content: { ...older, isVerified } })));
  for (let times = 0; times < 2; times += 1) {
    await migrate(connected.connection);
    const found = await createPrivacyRequestStore(connected.collections).findPrivacyRequests({ workspaceId: 'w', limit: 9 });
    expect(found.map(({ requestId, status, verification, dueAt, history }) => [requestId, status, verification, dueAt, history.map(({ to }) => to)])).toEqual([
      ['w|false', 'identity-check', null, 2 + 30 * 86_400_000, ['identity-check']], ['w|true', 'received', 'source', 2 + 30 * 86_400_000, ['received']],
    ]);
    await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 13 } });
  }
});

it('makes a version of each mapping that was only ever replaced, under the number that its records have', async () => {
  await migrate(connected.connection);
  const older = { _id: 'w|shop', schemaVersion: 1, id: 'shop', workspaceId: 'w', version: 4, createdAt: 1, updatedAt: 2, content: { mapping: { name: '{{event}}' } } };
  const mappings = db().collection<{ _id: string }>('mappings');
  await mappings.insertOne(older);
  for (let times = 0; times < 2; times += 1) {
    await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 22 } });
    await migrate(connected.connection);
    const { mapping } = older.content;
    expect(await mappings.find().toArray()).toEqual([{ ...older, content: { draft: { mapping, tests: [] }, live: { version: 4, mapping, publishedAt: 2 }, lastVersion: 4 } }]);
    expect(await db().collection('mappingVersions').find().toArray()).toEqual([{ _id: 'w|shop.000004', schemaVersion: 1, id: 'shop.000004', workspaceId: 'w', version: 1, createdAt: 2, updatedAt: 2, content: { connectionId: 'shop', version: 4, mapping, tests: [], publishedAt: 2 } }]);
  }
});

it('moves the audit log of earlier days into a chain, also after a crash in between', async () => {
  await migrate(connected.connection);
  const older = (id: string) => ({ _id: `w|${id}`, schemaVersion: 1, id, workspaceId: 'w', version: 2, createdAt: 1, updatedAt: 1, content: { actorKind: 'user', actorId: 'u', method: 'PUT', route: '/r', resourceId: null, outcome: 'done', at: 1 } });
  await db().collection<{ _id: string }>('auditLog').insertMany([older('1'), older('2')]);
  for (const id of ['1', '2']) {
    await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 10 } });
    await db().collection<{ _id: string }>('auditLog').insertOne(older(id)).catch(() => undefined);
    if (id === '2') await db().collection<{ _id: string }>('auditLog').insertOne(older('1'));
    await migrate(connected.connection);
  }
  const trail = createAuditTrail(connected.connection);
  await trail.append('w', { callId: '3', actorKind: 'user', actorId: 'u', method: 'PUT', route: '/r', resourceId: null, outcome: 'done', at: 2, purpose: null, reason: null, reference: null, fields: [] });
  expect(await verifyAuditChain(trail.read('w'))).toMatchObject({ verified: 3, firstBad: null });
  expect((await trail.find('w', {}, { limit: 9 })).map(({ callId }) => callId)).toEqual(['3', '2', '1']);
});

it('runs each migration once and in order, and goes on after the one that failed', async () => {
  const ran: number[] = [];
  let isBroken = true;
  const step = (version: number, run = () => Promise.resolve()): Migration => ({
    version,
    async run() {
      ran.push(version);
      await run();
    },
  });
  const migrations = [step(1), step(2, () => (isBroken ? Promise.reject(new RangeError('broken')) : Promise.resolve())), step(3)];
  await expect(migrate(connected.connection, migrations)).rejects.toThrow(RangeError);
  isBroken = false;
  await Promise.all([migrate(connected.connection, migrations), migrate(connected.connection, migrations)]);
  expect(ran).toEqual([1, 2, 2, 3]);
});

it('notes on profiles which of their identities are somebody else’s as well, whoever was merged away', async () => {
  await migrate(connected.connection);
  const { profiles, identities } = connected.collections;
  const identity = (value: string) => ({ namespace: 'anonymousId', value });
  const people: Record<string, Partial<Profile>> = { first: { identities: [identity('tablet'), identity('own')] }, later: { identities: [identity('tablet'), identity('old|er'), identity('gone')], mergedFrom: ['older'] }, other: { identities: [identity('tablet')] } };
  for (const [id, over] of Object.entries(people)) await profiles.insertOne({ ...row.profile(id, over), _id: `w|${id}`, workspaceId: 'w', schemaVersion: 1, dueAt: null });
  const owners = { 'w|anonymousId|tablet': 'first', 'w|anonymousId|own': 'first', 'w|anonymousId|old|er': 'older', 'v|anonymousId|gone': 'first' };
  await identities.insertMany(Object.entries(owners).map(([_id, profileId]) => ({ _id, schemaVersion: 1, workspaceId: _id.slice(0, 1), profileId, createdAt: 1 })));
  await db().collection('schema').updateOne({}, { $set: { version: 38 } });
  await migrate(connected.connection);
  expect((await profiles.find({}).sort({ _id: 1 }).toArray()).map(({ profileId, sharedKeys }) => [profileId, sharedKeys])).toEqual([['first', undefined], ['later', ['anonymousId|tablet']], ['other', ['anonymousId|tablet']]]);
});

it('notes on identities that others are known by as well that these may have agreed to anything until now, and on no others', async () => {
  await migrate(connected.connection);
  const { profiles, identities } = connected.collections;
  for (const [id, sharedKeys] of [['p1', ['anonymousId|tablet', 'anonymousId|gone']], ['p2', ['anonymousId|tablet']], ['p3', undefined]] as const) {
    await profiles.insertOne({ ...row.profile(id, sharedKeys === undefined ? {} : { sharedKeys: [...sharedKeys] }), _id: `w|${id}`, workspaceId: 'w', schemaVersion: 1, dueAt: null });
  }
  await identities.insertMany(['w|anonymousId|tablet', 'w|anonymousId|own', 'v|anonymousId|tablet'].map((_id) => ({ _id, schemaVersion: 1, workspaceId: _id.slice(0, 1), profileId: 'p3', createdAt: 1, ...(_id.startsWith('w|anonymousId|t') ? { agreedAt: { 'news|own': 5 } } : {}) })));
  await db().collection('schema').updateOne({}, { $set: { version: 44 } });
  const before = Date.now();
  await migrate(connected.connection);
  const found = new Map((await identities.find({}).toArray()).map(({ _id, agreedAt }) => [_id, agreedAt]));
  const { all, ...rest } = found.get('w|anonymousId|tablet') ?? {};
  expect([rest, found.get('w|anonymousId|own'), found.get('v|anonymousId|tablet'), found.size]).toEqual([{ 'news|own': 5 }, undefined, undefined, 3]);
  expect(all).toBeGreaterThanOrEqual(before - 1_000);
  expect(all).toBeLessThanOrEqual(Date.now() + 1_000);
});

it('gives quarantined records the group of their cause', async () => {
  await migrate(connected.connection);
  const cause = { connectionId: 'till', code: 'MISSING_IDENTITY', places: [{ path: '/identities', message: 'none' }], mappingVersion: 2 };
  const older = { _id: 'w|q', schemaVersion: 1, workspaceId: 'w', ...cause, receivedAt: 1, quarantinedAt: 2, raw: '{}' };
  await connected.collections.quarantine.insertOne(older as never);
  await db().collection('schema').updateOne({}, { $set: { version: 22 } });
  for (let time = 0; time < 2; time += 1) await migrate(connected.connection);
  expect(await connected.collections.quarantine.find().toArray()).toEqual([{ ...older, groupId: quarantineGroupId('w', cause) }]);
});

it('lets two workspaces have a connection of the same id', async () => {
  await migrate(connected.connection);
  const connections = db().collection<{ _id: string }>('connections');
  await connections.createIndex({ id: 1 }, { unique: true });
  await db().collection('schema').updateOne({}, { $set: { version: 43 } });
  for (let time = 0; time < 2; time += 1) await migrate(connected.connection);
  await connections.insertMany(['v', 'w'].map((workspaceId) => ({ _id: `${workspaceId}|crm`, workspaceId, id: 'crm' })));
  await expect(connections.countDocuments({ id: 'crm' })).resolves.toBe(2);
});

it('refuses a database that a newer version has written', async () => {
  await migrate(connected.connection, [{ version: 99, run: () => Promise.resolve() }]);
  await expect(migrate(connected.connection)).rejects.toMatchObject({ code: 'NEWER_SCHEMA' });
  await migrate(connected.connection, [{ version: 99, run: () => Promise.reject(new RangeError('ran again')) }]);
});

it('goes on to read bare ids of HubSpot where they can be of one account alone, and nowhere else', async () => {
  await migrate(connected.connection);
  const connections = db().collection<{ _id: string; content: { settings: object } }>('connections');
  const add = (workspaceId: string, id: string, pluginId: string, settings: object) => connections.insertOne({ _id: `${workspaceId}|${id}`, workspaceId, id, content: { pluginId, settings } } as never);
  const maps = (workspaceId: string, id: string, target: string) => db().collection<{ _id: string }>('mappings').insertOne({ _id: `${workspaceId}|${id}`, workspaceId, id, content: { live: { mapping: { [target]: '{{id}}' } } } } as never);
  await add('one', 'crm', 'hubspot', { portalId: '7' });
  await add('one', 'crm-poll', 'hubspot', { portalId: '7' });
  await add('one', 'set', 'hubspot', { portalId: '7', bareIds: false });
  await add('one', 'shop', 'webhook', {});
  await maps('one', 'shop', 'identities.customerId');
  await maps('one', 'crm', 'identities.crmId');
  await add('two', 'eu', 'hubspot', { portalId: '7' });
  await add('two', 'us', 'hubspot', { portalId: '8' });
  await add('mixed', 'hub', 'hubspot', { portalId: '7' });
  await add('mixed', 'other', 'csv', {});
  await maps('mixed', 'other', 'identities.crmId');
  // A second account that was deleted, and what of others is no sign of one.
  const named = (workspaceId: string, id: string, connectionId: string, namespace: string) => db().collection<{ _id: string }>('events').insertOne({ _id: `${workspaceId}|${id}`, workspaceId, connectionId, profileId: 'p', record: { identities: [{ namespace, value: '512' }] } } as never);
  await add('left', 'hub-left', 'hubspot', { portalId: '7' });
  await named('left', 'e1', 'gone', 'crmId');
  for (const [id, connectionId, namespace] of [['e1', 'crm', 'crmId'], ['e2', 'gone', 'email'], ['e3', 'firsthand', 'crmId'], ['e4', '@rectification', 'crmId']] as const) await named('one', id, connectionId, namespace);
  const settings = async () => Object.fromEntries((await connections.find().toArray()).map(({ _id, content }) => [_id, content.settings]));
  const before = await settings();
  for (let times = 0; times < 2; times += 1) {
    await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 38 } });
    await migrate(connected.connection);
    expect(await settings()).toEqual({ ...before, 'one|crm': { portalId: '7', bareIds: true }, 'one|crm-poll': { portalId: '7', bareIds: true } });
  }
});

it('gives people and accounts of an address in letters of its country the spelling that it has now, beside the one that consents have', async () => {
  await migrate(connected.connection);
  const [old, now] = ['ana@exämple.com', 'ana@xn--exmple-cua.com'];
  const identities = db().collection<{ _id: string; profileId: string }>('identities');
  const own = (profileId: string, ...values: string[]) => ({ schemaVersion: 1, workspaceId: 'w', profileId, identities: values.map((value) => ({ namespace: 'email', value })), verifiedKeys: [`email|${values[0]}`] });
  const profiles = db().collection<{ _id: string; identities: { value: string }[]; verifiedKeys: string[] }>('profiles');
  await profiles.insertMany([{ _id: 'w|root', ...own('root', old, 'zoe@example.com') }, { _id: 'w|bo', ...own('bo', 'bo@straße.de') }, { _id: 'w|other', ...own('other', 'bo@xn--strae-oqa.de') }]);
  const row = (value: string, profileId: string) => ({ _id: `w|email|${value}`, schemaVersion: 1, workspaceId: 'w', profileId, createdAt: 5 });
  await identities.insertMany([row(old, 'merged'), row('zoe@example.com', 'root'), row('bo@straße.de', 'bo'), row('bo@xn--strae-oqa.de', 'other')] as never);
  await db().collection<{ _id: string }>('aliases').insertOne({ _id: 'w|merged', workspaceId: 'w', to: 'root' } as never);
  await db().collection<{ _id: string }>('users').insertMany([{ _id: 'w|u1', workspaceId: 'w', content: { email: old } }, { _id: 'w|u2', workspaceId: 'w', content: { email: 'bo@straße.de' } }, { _id: 'w|u3', workspaceId: 'w', content: { email: 'bo@xn--strae-oqa.de' } }] as never);
  for (let times = 0; times < 2; times += 1) {
    await db().collection<{ _id: string }>('schema').updateOne({ _id: 'schema' }, { $set: { version: 42 } });
    await migrate(connected.connection);
    expect(await identities.find({ _id: { $regex: 'exämple|exmple|stra' } }).sort({ _id: 1 }).toArray()).toEqual([
      row(old, 'merged'), row(now, 'merged'), row('bo@straße.de', 'bo'), row('bo@xn--strae-oqa.de', 'other')].sort((a, b) => (a._id < b._id ? -1 : 1)));
    expect((await profiles.find().sort({ _id: 1 }).toArray()).map((person) => [person._id, person.identities.map(({ value }) => value), person.verifiedKeys])).toEqual([
      ['w|bo', ['bo@straße.de'], ['email|bo@straße.de']], ['w|other', ['bo@xn--strae-oqa.de'], ['email|bo@xn--strae-oqa.de']], ['w|root', [old, now, 'zoe@example.com'], [`email|${old}`, `email|${now}`]]]);
    expect((await db().collection('users').find().sort({ _id: 1 }).toArray()).map(({ content }) => (content as { email: string }).email)).toEqual([now, 'bo@straße.de', 'bo@xn--strae-oqa.de']);
  }
});
