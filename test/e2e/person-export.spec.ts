import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createSigner } from '@firsthand/access';
import { createConfigurationRepository, createPersonExportStore, createPrivacyRequestStore, PERSON_DATA } from '@firsthand/persistence';
import { actingIdentity, carryOutAct, correctPerson, createPersonExportWorker, EXPORT_LEASE_MS, exportPeople, LIST_EXPORT_ACTION, objectTo, openRequest, orderPersonExport, peopleInTime, serveAccessRequests, setRestriction, startErasure, unmergePerson, type PersonExportRow, type PrivacyRequestRow, type PersonExportStore } from '@firsthand/pipeline';
import { DEFAULT_REQUEST_SETTINGS, FirsthandError, type JsonObject } from '@firsthand/domain';
import { EXPORT_SECTIONS } from '../../apps/host/src/person-export/export-sections.js';
import type { ExportSource } from '../../apps/host/src/person-export/export-source.js';
import { writeExport } from '../../apps/host/src/person-export/write-export.js';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

let world: World;
let source: ExportSource;
let exports: PersonExportStore;
const quiet = { warn: () => undefined };

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.purposes = [{ ...MARKETING, fields: ['*'] }, SERVICE];
    parts.segments = [{ segmentId: 'viewers', version: 1, name: 'Viewers', purpose: 'marketing', condition: { event: 'Order Completed' } }];
    const wait = { id: 'wait', type: 'delay', span: { hours: 1 } } as const;
    parts.flows.push({ flowId: 'later', version: 1, name: 'Later', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'viewers', on: 'entered' }, acceptsHistorical: false, steps: [wait, { id: 'put', type: 'deliver', connectionId: SINK, action: 'audience' }] });
  });
  const { store: { connection, collections, store }, configuration, clock } = world;
  exports = createPersonExportStore(connection);
  source = {
    collections, store, configuration: { workspace: () => configuration.current } as unknown as ExportSource['configuration'], publicUrl: 'https://data.example.com', clock: () => clock.now, operatorDays: { quarantine: null, deliveries: null },
    signer: await createSigner(randomBytes(32)), repository: createConfigurationRepository(connection),
  };
  await decide(world, 'granted', 'ana-1001');
  await world.track([identify(world, 'i1', 'ana-1001', { email: 'ana@example.com', lastName: 'Anders', city: 'Household Town' }, { anonymousId: 'shared-tablet' })], { isVerified: true });
  await world.settle();
  await world.track([identify(world, 'i2', 'bo-2002', { email: 'bo@example.com', lastName: 'Bosman', city: 'Household Town' }, { anonymousId: 'shared-tablet' })], { isVerified: true });
  await world.track([event(world, 'e1', { userId: 'ana-1001', anonymousId: 'shared-tablet', event: 'Order Completed', properties: { order_id: 'ANA-ORDER', currency: 'EUR', total: 12, products: [{ product_id: 'p', name: 'Gift for Cleo' }] } }), event(world, 'e2', { userId: 'bo-2002', anonymousId: 'shared-tablet', properties: { sku: 'BO-SKU' } })], { isVerified: true });
  await world.track([event(world, 'q1', { userId: 'ana-1001', event: '', context: { traits: { email: 'Ana@Example.com' } } }), event(world, 'q2', { userId: 'bo-2002', event: '', context: { traits: { email: 'bo@example.com' } } })], { isVerified: true });
  await world.track([event(world, 'q3', { event: '', properties: { from: 'ana@example.com', to: 'bo@example.com' } })], { isVerified: true });
  // On Ana's profile, which claimed it over a public key, until Cleo's own server proves it to be Cleo's.
  await world.track([identify(world, 'c0', 'ana-1001', { email: 'cleo@example.com' })]);
  await world.settle();
  await world.track([identify(world, 'c1', '', { email: 'cleo@example.com', nickname: 'CLEO-NICK' }, { userId: null, anonymousId: 'cleos-phone' })]);
  await world.settle();
  await world.track([identify(world, 'c2', 'cleo-3003', { email: 'cleo@example.com' })], { isVerified: true });
  await world.settle();
});
afterAll(() => world.close());

async function profileOf(userId: string): Promise<string> {
  return (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|${userId}` }))?.profileId ?? '';
}
async function copyOf(userId: string, format: 'json' | 'html' = 'json', language = 'en'): Promise<string> {
  let text = '';
  for await (const piece of writeExport(source, { workspaceId: WORKSPACE, profileId: await profileOf(userId), language }, format)) text += piece;
  return text;
}
const readCopy = async (userId: string) => JSON.parse(await copyOf(userId)) as Record<string, JsonObject[]> & { profile: JsonObject };

it('reads each collection that a person is to be given, and no other', () => {
  const given = Object.entries(PERSON_DATA).flatMap(([name, place]) => (place.holds === 'person' && place.export.given ? [name] : []));
  const read = [...new Set(EXPORT_SECTIONS.flatMap(({ from }) => [...from] as string[]))];
  // Read through the deliveries and consents that it proves.
  expect([...read, 'evidence'].sort()).toEqual(given.sort());
});

it('gives everything about a person in a file that says what it is', async () => {
  const copy = await readCopy('ana-1001');
  expect(copy).toMatchObject({ format: 'firsthand.person-export', formatVersion: 1, controller: WORKSPACE, profile: { id: await profileOf('ana-1001') } });
  expect(Object.keys(copy).slice(5)).toEqual(EXPORT_SECTIONS.map(({ name }) => name));
  expect(copy.identities).toEqual(expect.arrayContaining([expect.objectContaining({ namespace: 'email', value: 'ana@example.com', isVerified: true })]));
  expect(copy.traits).toEqual(expect.arrayContaining([expect.objectContaining({ field: 'profile.lastName', value: 'Anders', source: 'Web' })]));
  expect(copy.consents).toEqual([expect.objectContaining({ identity: 'userId|ana-1001', purpose: 'marketing', decision: 'granted', receipt: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/) })]);
  expect(copy.decisions).toEqual(expect.arrayContaining([expect.objectContaining({ purpose: 'marketing', recipient: 'own', isAllowed: true })]));
  expect(copy.orders).toEqual([expect.objectContaining({ event: 'Order Completed' })]);
  expect(JSON.stringify(copy.orders)).toContain('Gift for Cleo');
  expect(copy.events?.find(({ name }) => name === 'Order Completed')).toMatchObject({ source: 'Web', raw: { messageId: 'e1', properties: { order_id: 'ANA-ORDER' } } });
  expect(copy.recipients).toEqual([expect.objectContaining({ name: 'Sink', kind: 'processor', identifiers: expect.arrayContaining([{ email: 'ana@example.com' }]), grounds: [expect.objectContaining({ reason: 'consent-granted', agreementId: 'terms' })] })]);
  expect(copy.deliveries).toEqual(expect.arrayContaining([expect.objectContaining({ recipient: 'Sink', state: 'delivered', words: 'It was delivered.', attempts: [expect.objectContaining({ isAllowed: true, outcome: 'delivered' })] })]));
  expect(copy.segments).toEqual(expect.arrayContaining([expect.objectContaining({ by: 'conditions' })]));
  expect(copy.unusedRecords?.map(({ raw, isWithheld }) => [(raw as JsonObject | undefined)?.messageId, isWithheld])).toEqual(expect.arrayContaining([['q1', undefined], [undefined, true]]));
});

it('gives nobody else’s data: not of who shares a device and a home', async () => {
  const [ana, bo] = [await copyOf('ana-1001'), await copyOf('bo-2002')];
  expect(ana).toContain('shared-tablet');
  for (const value of ['bo-2002', 'bo@example.com', 'Bosman', 'BO-SKU']) expect([value, ana.includes(value)]).toEqual([value, false]);
  for (const value of ['ana-1001', 'ana@example.com', 'Anders', 'ANA-ORDER']) expect([value, bo.includes(value)]).toEqual([value, false]);
  for (const value of ['bo@example.com', 'Bosman', 'BO-SKU', 'Household Town']) expect([value, bo.includes(value)]).toEqual([value, true]);
});

it('names a record that has turned out to be about somebody else, and does not show it', async () => {
  const { events } = await readCopy('ana-1001');
  expect(events?.filter(({ isWithheld }) => isWithheld === true)).toEqual([{ id: expect.any(String), name: 'Profile Updated', type: 'identify', at: expect.any(String), receivedAt: expect.any(String), source: 'Web', isWithheld: true }]);
  expect(JSON.stringify(events)).not.toContain('CLEO-NICK');
});

it('leaves out the platform’s own keys, and those of its plugins', async () => {
  const profile = await world.store.collections.profiles.findOne({ profileId: await profileOf('ana-1001') });
  const salt = await world.store.collections.salts.findOne({ _id: profile?._id ?? '' });
  const ana = await copyOf('ana-1001');
  for (const key of [profile?.subjectKey, salt?.salt]) expect([typeof key, ana.includes(String(key))]).toEqual(['string', false]);
});

describe('the worker', () => {
  const order = async (orderId: string) => orderPersonExport({ workspaceId: WORKSPACE, profileId: await profileOf('ana-1001'), orderId, requestId: null, language: 'en' }, { exports, clock: () => world.clock.now });
  const worker = (over: Partial<Parameters<typeof createPersonExportWorker>[0]> = {}) => createPersonExportWorker({ exports, write: (row, format) => writeExport(source, row, format), announce: () => Promise.resolve({ linkHash: 'hash' }), clock: () => world.clock.now, log: quiet, ...over });
  const find = (orderId: string) => exports.find(WORKSPACE, `${WORKSPACE}|${orderId}`);
  const chunks = () => world.store.collections.personExportChunks.countDocuments();
  const textOf = async (row: PersonExportRow | undefined, format: 'json' | 'html') => {
    const pieces: Uint8Array[] = [];
    for await (const piece of exports.readFile(row?.exportId ?? '', row?.files.find((file) => file.format === format) ?? { format, fence: 0 })) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };
  afterEach(async () => {
    await world.store.collections.personExports.deleteMany({});
    await world.store.collections.personExportChunks.deleteMany({});
  });

  it('makes both files once, and announces them', async () => {
    await order('x1');
    await order('x1');
    await worker().tick();
    const row = await find('x1');
    expect(row).toMatchObject({ state: 'ready', dueAt: null, linkHash: 'hash', files: [{ format: 'json' }, { format: 'html' }] });
    const text = await textOf(row, 'json');
    expect(Buffer.byteLength(text)).toBe(row?.files[0]?.bytes);
    expect(JSON.parse(text)).toMatchObject({ format: 'firsthand.person-export' });
    expect(await textOf(row, 'html')).toContain('A copy of your data');
  });

  it('goes on for a worker that died, and takes nothing more from that one', async () => {
    await order('x2');
    const dead = await exports.take(world.clock.now, world.clock.now + EXPORT_LEASE_MS);
    const texts = async function* () { yield 'half a file'; };
    await exports.writeFile(dead as PersonExportRow, 'json', texts(), () => world.clock.now + EXPORT_LEASE_MS);
    await worker().tick();
    expect((await find('x2'))?.state).toBe('pending');
    world.clock.now += EXPORT_LEASE_MS + 1;
    await worker().tick();
    await expect(exports.writeFile(dead as PersonExportRow, 'html', texts(), () => 0)).rejects.toThrow('taken over');
    await expect(exports.settle(dead as PersonExportRow, { state: 'failed' })).rejects.toThrow('taken over');
    expect(await find('x2')).toMatchObject({ state: 'ready', files: [{ format: 'json', fence: 2 }, { format: 'html' }] });
    expect(await textOf(await find('x2'), 'json')).not.toContain('half a file');
    expect(await world.store.collections.personExportChunks.countDocuments({ _id: /\|000001\|/ })).toBe(0);
  });

  it('gives up after five tries, and begins anew when it is asked for again', async () => {
    await order('x3');
    const failing = worker({ async *write() { yield ''; throw new TypeError('broken'); } });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await failing.tick();
      world.clock.now += 60_000;
    }
    expect(await find('x3')).toMatchObject({ state: 'failed', dueAt: null });
    await order('x3');
    await worker().tick();
    expect((await find('x3'))?.state).toBe('ready');
  });

  it('leaves nothing of somebody who is erased while it writes', async () => {
    await order('x4');
    // In this order, as an erasure does: who writes a chunk at the same time writes the row, too.
    const erase = async (): Promise<void> => {
      await world.store.collections.personExports.deleteMany({});
      await world.store.collections.personExportChunks.deleteMany({});
    };
    await worker({ async *write() { yield randomBytes(300_000).toString('hex'); await erase(); yield randomBytes(300_000).toString('hex'); } }).tick();
    expect([await find('x4'), await chunks()]).toEqual([undefined, 0]);
  });

  it('gives a file to one at a time and deletes it when it is fetched', async () => {
    await order('x5');
    await worker().tick();
    const { now } = world.clock;
    const place = { workspaceId: WORKSPACE, exportId: `${WORKSPACE}|x5`, linkHash: 'hash', format: 'json' as const };
    const row = await exports.takeFile(place, now, now + 1_000);
    expect([await exports.takeFile(place, now, now + 1_000), await exports.takeFile({ ...place, format: 'html', linkHash: 'other' }, now, now)]).toEqual([null, null]);
    await exports.releaseFile(WORKSPACE, place.exportId, row?.files[0] as never, null);
    expect(await exports.takeFile(place, now, now + 1_000)).not.toBeNull();
    await exports.releaseFile(WORKSPACE, place.exportId, row?.files[0] as never, now);
    expect(await exports.takeFile(place, now + 5_000, now + 6_000)).toBeNull();
    await expect(textOf(row ?? undefined, 'json')).rejects.toThrow();
    expect(await textOf(row ?? undefined, 'html')).toContain('</html>');
  });

  it('gives away no copy that was made while somebody else was taken for the person, nor one with an address of who was erased since', async () => {
    const options = { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: randomUUID, tombstones: TOMBSTONES };
    const say = async (messageId: string, userId: string, traits: JsonObject): Promise<void> => {
      await world.track([identify(world, messageId, userId, traits)], { isVerified: true });
      await world.settle();
      world.clock.now += 1_000;
    };
    await say('dee-m1', 'dee-4', { email: 'dee@example.com' });
    await say('eli-m1', 'eli-5', { lastName: 'Elison' });
    const [dee, eli] = [await profileOf('dee-4'), await profileOf('eli-5')];
    await say('eli-m2', 'eli-5', { email: 'dee@example.com' });
    for (const [orderId, userId] of [['of-both', 'dee-4'], ['of-ana', 'ana-1001']] as const) await orderPersonExport({ workspaceId: WORKSPACE, profileId: await profileOf(userId), orderId, requestId: null, language: 'en' }, { exports, clock: () => world.clock.now });
    await worker().tick();
    expect(await textOf(await find('of-both'), 'json')).toContain('Elison');
    await orderPersonExport({ workspaceId: WORKSPACE, profileId: dee, orderId: 'being-made', requestId: null, language: 'en' }, { exports, clock: () => world.clock.now });
    const parts = async function* () {
      yield 'of both';
      await unmergePerson({ workspaceId: WORKSPACE, loser: eli }, options);
      yield randomBytes(300_000).toString('hex');
    };
    await worker({ write: parts }).tick();
    expect([await find('of-both'), await find('being-made'), (await find('of-ana'))?.state]).toMatchObject([{ state: 'failed', dueAt: null, files: [], linkHash: null }, { state: 'failed', dueAt: null }, 'ready']);
    expect(await world.store.collections.personExportChunks.distinct('profileId')).toEqual([await profileOf('ana-1001')]);

    // It is Fay's address.
    await orderPersonExport({ workspaceId: WORKSPACE, profileId: eli, orderId: 'anew', requestId: null, language: 'en' }, { exports, clock: () => world.clock.now });
    await say('eli-m3', 'eli-5', { email: 'fay@example.com' });
    await worker().tick();
    await correctPerson({ workspaceId: WORKSPACE, profileId: eli, correctionId: 'c', fields: {}, identities: [{ namespace: 'email', from: 'fay@example.com', to: null }], reason: 'inaccurate', by: 'user', actorId: 'u' }, options);
    expect(await textOf(await find('anew'), 'json')).toContain('fay@example.com');
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'email', value: 'fay@example.com' }], profileId: null }, options);
    expect([(await find('anew'))?.state, await world.store.collections.personExportChunks.distinct('profileId')]).toEqual(['failed', [await profileOf('ana-1001')]]);
  });

  it('answers requests that are in progress, and completes them when the files are there', async () => {
    const requests = createPrivacyRequestStore(world.store.collections);
    const ask = async (id: string, userId: string, status: 'received' | 'in-progress') => {
      await requests.insertPrivacyRequest(openRequest({
        requestId: `${WORKSPACE}|${id}`, workspaceId: WORKSPACE, kind: 'access', identities: [{ namespace: 'userId', value: userId }], profileId: null, country: 'CN', source: 'admin', verification: 'document', actor: { kind: 'user', id: 'u' }, requestedAt: world.clock.now,
      }, DEFAULT_REQUEST_SETTINGS, world.clock.now));
      if (status === 'in-progress') await requests.advancePrivacyRequest(`${WORKSPACE}|${id}`, 'received', { to: status, at: world.clock.now, actor: { kind: 'user', id: 'u' } });
    };
    await ask('r1', 'ana-1001', 'in-progress');
    await ask('r2', 'nobody-9', 'in-progress');
    await ask('r3', 'bo-2002', 'received');
    const serve = () => serveAccessRequests([WORKSPACE], { requests, exports, store: world.store.store, clock: () => world.clock.now });
    const stands = async () => Promise.all(['r1', 'r2', 'r3'].map(async (id) => { const row = await requests.findPrivacyRequest(`${WORKSPACE}|${id}`); return [row?.status, row?.result]; }));
    await serve();
    await serve();
    expect(await stands()).toEqual([['in-progress', null], ['completed', { files: 0 }], ['received', null]]);
    expect(await world.store.collections.personExports.distinct('_id')).toEqual([`${WORKSPACE}|r1`]);
    await worker().tick();
    await serve();
    expect((await stands())[0]).toEqual(['completed', { exportId: 'r1', files: 2 }]);
    expect(await find('r1')).toMatchObject({ language: 'zh-CN', requestId: `${WORKSPACE}|r1` });
  });
});

it('is made of as much as 100,000 events tell, and read back, in a process that could not hold it', async () => {
  // 80 MB of events in any case: few large ones cost the test less time. 100000 tells as much by as many.
  const COUNT = Number(process.env.FIRSTHAND_COPY_EVENTS ?? 10_000);
  const profileId = await profileOf('ana-1001');
  const { events } = world.store.collections;
  const [likeness] = await events.find({ 'record.name': 'Order Completed' }).toArray();
  const { record: { order, ...record }, ...row } = likeness!;
  for (let first = 0; first < COUNT; first += 2_000) {
    await events.insertMany(Array.from({ length: 2_000 }, (_, index) => {
      const messageId = `number-${first + index}-of-many`;
      return { ...row, _id: `${WORKSPACE}|${messageId}`, profileId, raw: null, record: { ...record, messageId, name: 'Page Viewed', occurredAt: record.occurredAt + first + index, properties: { text: messageId, filling: 'x'.repeat(80_000_000 / COUNT) } } };
    }), { ordered: false, writeConcern: { w: 1 } });
  }
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=96', fileURLToPath(new URL('../support/copy-person.mjs', import.meta.url)), world.store.connection.name, WORKSPACE, profileId]);
  const all = { isAsNoted: true, events: 2 * COUNT, sum: COUNT * (COUNT - 1) };
  expect(JSON.parse(stdout)).toMatchObject({ state: 'ready', files: [{ format: 'json', ...all }, { format: 'html', ...all }] });
  await events.deleteMany({ _id: /-of-many$/ });
});

describe('a list of people that leaves', () => {
  const list = { workspaceId: WORKSPACE, purpose: 'marketing', connectionId: null, fields: ['profile.email', 'identities.userId'] };
  const options = () => ({ store: world.store.store, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now });
  const ask = async (over: Partial<Parameters<typeof exportPeople>[0]> = {}) => {
    const { people, leftOut } = await exportPeople({ ...list, ...over }, [await profileOf('ana-1001'), await profileOf('bo-2002'), 'nobody'], options());
    return { people, leftOut };
  };
  const disclosed = () => world.store.collections.disclosures.find({ action: LIST_EXPORT_ACTION }).toArray();

  it('has who consents now, and tells how many it left out and why', async () => {
    expect(await ask()).toEqual({ people: [{ profileId: await profileOf('ana-1001'), values: { 'profile.email': 'ana@example.com', 'identities.userId': ['ana-1001'] } }], leftOut: { 'no-consent': 1, gone: 1 } });
    expect(await disclosed()).toEqual([]);
  });

  it('is noted for each of them where it goes to a recipient, who may get it only if the consent is for such', async () => {
    await ask({ connectionId: SINK });
    expect(await disclosed()).toMatchObject([{ connectionId: SINK, profileId: await profileOf('ana-1001'), purposes: ['marketing'], fields: ['profile.email', 'identities.userId'] }]);
    world.rebuild((parts) => { parts.destination = { recipient: 'third-party' }; });
    expect(await ask({ connectionId: SINK })).toEqual({ people: [], leftOut: { 'no-consent': 2, gone: 1 } });
    world.rebuild((parts) => { parts.destination = {}; });
  });

  it('is none for a purpose, a field or a recipient that there is not', async () => {
    await expect(ask({ purpose: 'resale' })).rejects.toMatchObject({ code: 'PURPOSE_UNKNOWN' });
    await expect(ask({ connectionId: 'gone' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    world.rebuild((parts) => { parts.purposes = [{ ...MARKETING, fields: ['profile.email'] }]; });
    await expect(ask()).rejects.toMatchObject({ code: 'FIELD_NOT_COVERED', places: [{ path: '/fields/1' }] });
  });

  it('is without who withdraws while it is taken slowly, from a second later on, and counts each person once', async () => {
    const [ana, cleo] = [await profileOf('ana-1001'), await profileOf('cleo-3003')];
    const taken = async (pauseMs: number) => {
      const counts: Record<string, number> = {};
      const got: string[] = [];
      for (const user of ['ana-1001', 'cleo-3003']) await decide(world, 'granted', user);
      for await (const { profileId } of peopleInTime({ ...list, fields: ['profile.email'] }, ['nobody', cleo, ana], options(), (leftOut) => Object.entries(leftOut).forEach(([reason, count]) => { counts[reason] = (counts[reason] ?? 0) + count; }))) {
        got.push(profileId);
        await decide(world, 'withdrawn', 'ana-1001');
        world.clock.now += pauseMs;
      }
      return { got, counts };
    };
    expect(await taken(1_001)).toEqual({ got: [cleo], counts: { gone: 1, 'consent-withdrawn': 1 } });
    expect(await taken(1_000)).toEqual({ got: [cleo, ana], counts: { gone: 1 } });
    await decide(world, 'withdrawn', 'cleo-3003');
  });

  it('breaks off where the store takes more than a second for each decision', async () => {
    const ticking = { ...options(), clock: () => (world.clock.now += 1_001) };
    const all = async () => { for await (const one of peopleInTime({ ...list, purpose: 'marketing', fields: ['profile.email'] }, [await profileOf('ana-1001')], ticking, () => undefined)) expect(one).toBeUndefined(); };
    await decide(world, 'granted', 'ana-1001');
    await expect(all()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('gives nobody, and notes nothing, where it cannot be looked up what they consented to', async () => {
    const { store } = world.store;
    const away: typeof store = { ...store, transaction: (work) => store.transaction((tx) => work({ ...tx, findConsentStates: () => Promise.reject(new FirsthandError('UNAVAILABLE')) })) };
    const own = { ...list, fields: ['profile.email'] };
    const ids = [await profileOf('ana-1001')];
    const [noted, got] = [(await disclosed()).length, [] as string[]];
    await expect(exportPeople({ ...own, connectionId: SINK }, ids, { ...options(), store: away })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect((async () => { for await (const { profileId } of peopleInTime(own, ids, { ...options(), store: away }, () => undefined)) got.push(profileId); })()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([(await disclosed()).length, got]).toEqual([noted, []]);
    await decide(world, 'granted', 'ana-1001');
    expect((await exportPeople(own, ids, options())).people).toHaveLength(1);
  });

  it('is without who withdraws, from then on', async () => {
    await decide(world, 'withdrawn', 'ana-1001');
    expect(await ask({ fields: ['profile.email'] })).toEqual({ people: [], leftOut: { 'consent-withdrawn': 1, 'no-consent': 1, gone: 1 } });
  });
});

describe('acts of a person', () => {
  const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID() });
  const act = { workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'bo-2002' }, method: 'toggle' as const, actor: { kind: 'admin', id: 'u-1' } as const };
  const reasons = async () => (await exportPeople({ workspaceId: WORKSPACE, purpose: 'marketing', connectionId: null, fields: ['profile.email'] }, [await profileOf('bo-2002')], options())).leftOut;
  const grounded = (lawfulBasis: 'legitimate' | 'legal') => world.rebuild((parts) => { parts.purposes = [{ ...MARKETING, lawfulBasis }]; });

  it('a restriction stops every use but what the law demands, keeps what is stored, and grants nothing when it is lifted', async () => {
    grounded('legitimate');
    expect(await reasons()).toEqual({});
    await setRestriction(act, true, options());
    expect(await reasons()).toEqual({ 'processing-restricted': 1 });
    expect(await copyOf('bo-2002')).toContain('bo@example.com');
    grounded('legal');
    expect(await reasons()).toEqual({});
    world.rebuild((parts) => { parts.purposes = [MARKETING]; });
    world.clock.now += 1_000;
    await setRestriction(act, false, options());
    expect(await reasons()).toEqual({ 'no-consent': 1 });
    grounded('legitimate');
    expect(await reasons()).toEqual({});
  });

  it('an objection ends what rests on legitimate interest, and is of a purpose that there is', async () => {
    grounded('legitimate');
    const [objected] = await objectTo(act, ['marketing'], options());
    expect([objected?.decision, objected?.actor]).toEqual(['objected', { kind: 'admin', id: 'u-1' }]);
    expect((await objectTo(act, ['marketing'], options())).map(({ recordId }) => recordId)).toEqual([objected?.recordId]);
    expect(await reasons()).toEqual({ 'consent-objected': 1 });
    await expect(objectTo(act, ['resale'], options())).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('is one record however often it is said, also at once, and another one after it was lifted', async () => {
    const records = () => world.store.collections.consents.find({ purpose: '*', identityKey: 'userId|bo-2002' }).sort({ recordedAt: 1 }).toArray();
    const before = (await records()).length;
    world.clock.now += 1_000;
    const both = await Promise.all([1, 2].map(() => setRestriction(act, true, options())));
    expect(new Set(both.flat().map(({ recordId }) => recordId)).size).toBe(1);
    world.clock.now += 1_000;
    expect((await setRestriction(act, true, options())).map(({ recordId }) => recordId)).toEqual(both[0]?.map(({ recordId }) => recordId));
    await setRestriction(act, false, options());
    world.clock.now += 1_000;
    expect(await setRestriction(act, false, options())).toEqual([]);
    await setRestriction(act, true, options());
    expect((await records()).slice(before).map(({ decision, actor }) => [decision, actor])).toEqual(['denied', 'granted', 'denied'].map((decision) => [decision, { kind: 'admin', id: 'u-1' }]));
    world.clock.now += 1_000;
    await setRestriction(act, false, options());
  });

  it('of a request in progress is done and named by it, whoever asks again', async () => {
    const requests = createPrivacyRequestStore(world.store.collections);
    const actor = { kind: 'user', id: 'u-1' } as const;
    const ask = async (id: string, kind: 'restriction' | 'objection', details: JsonObject | null = null) => {
      await requests.insertPrivacyRequest(openRequest({ requestId: `${WORKSPACE}|${id}`, workspaceId: WORKSPACE, kind, identities: [act.identity], profileId: null, country: null, source: 'admin', verification: 'document', actor, requestedAt: world.clock.now, details }, DEFAULT_REQUEST_SETTINGS, world.clock.now));
      return requests.findPrivacyRequest(`${WORKSPACE}|${id}`);
    };
    const begin = (row: PrivacyRequestRow | undefined) => requests.advancePrivacyRequest(row?.requestId ?? '', 'received', { to: 'in-progress', at: world.clock.now, actor });
    const order = { profile: (await world.store.collections.profiles.findOne({ profileId: await profileOf('bo-2002') })) ?? undefined, method: 'api', by: act.actor, actor } as const;
    const carryOut = (row: PrivacyRequestRow | undefined) => carryOutAct(row as PrivacyRequestRow, order, { ...options(), requests });
    const received = await ask('a1', 'restriction');
    await expect(carryOut(received)).rejects.toMatchObject({ code: 'REQUEST_TRANSITION' });
    expect(await reasons()).not.toHaveProperty('processing-restricted');
    // A worker that died between the record and the request: what stands is named, and not recorded again.
    const [stands] = await setRestriction(act, true, options());
    const done = await carryOut(await begin(received));
    expect([done.status, done.result]).toEqual(['completed', { records: [stands?.recordId] }]);
    expect(await reasons()).toEqual({ 'processing-restricted': 1 });
    world.clock.now += 1_000;
    await setRestriction(act, false, options());

    world.rebuild((parts) => { parts.purposes = [MARKETING]; });
    await expect(carryOut(await begin(await ask('a2', 'objection')))).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    world.rebuild((parts) => { parts.purposes = [{ ...MARKETING, lawfulBasis: 'legitimate' }, { ...MARKETING, key: 'service', lawfulBasis: 'contract' }]; });
    expect((await carryOut(await requests.findPrivacyRequest(`${WORKSPACE}|a2`))).result).toEqual({ records: [expect.any(String)], purposes: ['marketing'] });
    expect((await carryOut(await begin(await ask('a3', 'objection', { purposes: ['service'] })))).result).toMatchObject({ purposes: ['service'] });
    expect(await reasons()).toEqual({ 'consent-objected': 1 });
  });

  it('is recorded under the strongest identity that is proven', () => {
    const [device, email, userId] = [['anonymousId', 'a'], ['email', 'e'], ['userId', 'u']].map(([namespace = '', value = '']) => ({ namespace, value }));
    expect(actingIdentity({ identities: [device!, email!, userId!], verifiedKeys: ['email|e'] })).toEqual(email);
    expect(actingIdentity({ identities: [device!, email!, userId!], verifiedKeys: [] })).toEqual(userId);
    expect(actingIdentity({ identities: [], verifiedKeys: [] })).toBeUndefined();
  });
});
