import { randomUUID } from 'node:crypto';
import { compileSignals, DEFAULT_IDENTITY_SETTINGS, foldLedger, RECIPIENT_KINDS, type ConsentState, type Identity, type IdentitySettings, type JsonObject } from '@firsthand/domain';
import { createErasureStore, PERSON_DATA, verifyEvidence, type Stored } from '@firsthand/persistence';
import { Anchors, correctPerson, createEraser, createSealer, openRequest, readHistory, recordConsents, startErasure, unmergePerson, type ErasureRow, type ErasureSubject, type PrivacyRequestRow, type StartErasureOptions, type StoreTransaction } from '@firsthand/pipeline';
import { RetryableError } from '@firsthand/plugin-sdk';
import { liftTombstone } from '../../apps/host/src/admin/erasures/erasures.js';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { meeting } from '../support/twin-stores.js';
import { createWorld, MARKETING, SERVICE, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** Everything of the person has this in it, and nothing else does. */
const MARK = 'zzmark';
const EMAIL = `${MARK}@example.com`;

let world: World;
afterEach(() => world.close());

async function start(adjust: (parts: WorldParts) => void = () => undefined): Promise<void> {
  world = await createWorld((parts) => {
    adjust(parts);
    parts.purposes = [{ ...MARKETING, fields: ['*'] }, SERVICE];
    parts.segments = [{ segmentId: 'buyers', version: 1, name: 'Buyers', purpose: 'marketing', condition: { event: 'Product Viewed', within: { days: 30 } } }];
    const trigger = { type: 'segment', segmentId: 'buyers', on: 'entered' } as const;
    const flow = { version: 1, purpose: 'marketing', trigger, acceptsHistorical: false } as const;
    parts.flows.push(
      { ...flow, flowId: 'put', name: 'Put', steps: [{ id: 'put', type: 'deliver', connectionId: SINK, action: 'audience' }] },
      { ...flow, flowId: 'know', name: 'Know', steps: [{ id: 'know', type: 'deliver', connectionId: SINK, action: 'upsert-profile' }] },
      { ...flow, flowId: 'later', name: 'Later', steps: [{ id: 'wait', type: 'delay', span: { hours: 1 } }, { id: 'put', type: 'deliver', connectionId: SINK, action: 'audience' }] },
    );
  });
}

const collections = () => world.store.collections;
const options = () => ({
  store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: randomUUID, tombstones: TOMBSTONES,
});
const erase = (more: Partial<ErasureSubject> = {}): Promise<ErasureRow> => startErasure({ workspaceId: WORKSPACE, requestId: 'r-1', identities: [{ namespace: 'email', value: EMAIL }], profileId: null, ...more }, options());
const newEraser = (holder = randomUUID()) => createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder });
const track = (messages: Parameters<World['track']>[0], isVerified = true) => world.track(messages, { isVerified });
const owner = async (key: string): Promise<string> => (await collections().identities.findOne({ _id: `${WORKSPACE}|${key}` }))?.profileId ?? '';
async function ask(who: string, profileId: string, details: NonNullable<PrivacyRequestRow['details']>): Promise<void> {
  const asked = openRequest({
    requestId: `${WORKSPACE}|${randomUUID()}`, workspaceId: WORKSPACE, kind: 'rectification', identities: [{ namespace: 'userId', value: `${who}-user` }], profileId, country: null, source: 'admin', verification: 'document', actor: { kind: 'user', id: 'u' }, requestedAt: world.clock.now, details,
  }, world.configuration.current.requestSettings, world.clock.now);
  await world.store.store.transaction((tx) => tx.insertPrivacyRequests([asked]));
}

/** A person with a row in every place that holds people, and another one who has the same beside them. */
async function leaveTraces(...everybody: string[]): Promise<void> {
  for (const who of [MARK, ...everybody]) {
    await decide(world, 'granted', `${who}-user`);
    await track([event(world, `e-${who}`, { userId: `${who}-user` }), identify(world, `i-${who}`, `${who}-user`, { email: `${who}@example.com`, firstName: who })]);
    await world.settle();
    // Two that turn out to be one.
    await decide(world, 'granted', `${who}-other`);
    await track([event(world, `o-${who}`, { userId: `${who}-other`, properties: { sku: who } })]);
    await world.settle();
    await track([identify(world, `m-${who}`, `${who}-other`, { email: `${who}@example.com` })]);
    await track([event(world, `bad-${who}`, { event: '', context: { note: `${who}@example.com` } })]);
    await world.settle();
    await ask(who, await owner(`userId|${who}-user`), { text: `It is ${who}`, fields: { 'profile.lastName': who } });
  }
  // A stranger's device that claims to be the person.
  await track([event(world, 'claims', { userId: '', anonymousId: 'device-1', context: { traits: { email: EMAIL } } })], false);
  await world.settle();
  await createSealer({ ...options(), holder: 'sealer' }).tick();
}

async function finish(erasureId?: string): Promise<ErasureRow> {
  const eraser = newEraser();
  for (let turn = 0; turn < 20; turn += 1) {
    await eraser.tick();
    await world.settle();
    world.clock.now += 60_000;
    const [row] = await collections().erasures.find(erasureId === undefined ? {} : { _id: erasureId }).toArray();
    if (row?.finishedAt != null) return { erasureId: row._id, ...row };
  }
  throw new Error('The erasure came to no end.');
}

/** Collection → how many documents have the mark, over the whole database. */
async function marked(text = MARK): Promise<Record<string, number>> {
  const db = world.store.connection.getClient().db(world.store.connection.name);
  const found: Record<string, number> = {};
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    const count = (await db.collection<Stored>(name as string).find({}).toArray()).filter((row) => JSON.stringify(row).includes(text)).length;
    if (count > 0) found[name as string] = count;
  }
  return found;
}

it('removes a person from every place, and nobody else; the proof of consents still verifies, and the books balance', async () => {
  await start();
  await leaveTraces('ben');
  // One waits to be applied.
  await track([event(world, `waiting-${MARK}`, { userId: `${MARK}-user` }), event(world, 'waiting-ben', { userId: 'ben-user' })]);
  // Both were asked to confirm a consent.
  await world.store.store.transaction((tx) => tx.writeConfirmations([EMAIL, 'ben@example.com'].map((value) => ({
    confirmationId: `${WORKSPACE}|email|${value}`, workspaceId: WORKSPACE, identityKey: `email|${value}`, asks: [], nonce: '', language: 'en', connectionId: 'web', dueAt: null, sentAt: [], expiresAt: 1, forgetAt: 9e12,
  }))));
  const before = await marked();
  // What is to be found is there to be found.
  expect(Object.keys(before).sort()).toEqual(['audienceMembers', 'confirmations', 'consents', 'disclosures', 'events', 'identities', 'inbox', 'merges', 'privacyRequests', 'profiles', 'quarantine', 'rawRecords']);
  const bens = await marked('ben');

  const begun = await erase();
  expect([await collections().profiles.countDocuments({ _id: { $in: begun.profileIds.map((id) => `${WORKSPACE}|${id}`) } }), await collections().runs.countDocuments({ profileId: { $in: begun.profileIds } })]).toEqual([0, 0]);
  expect(begun.profileIds).toHaveLength(2);
  const row = await finish();
  expect(await marked()).toEqual({});
  // No id of theirs leads anywhere either, but for the chains.
  const ids = await Promise.all(begun.profileIds.map((id) => marked(id)));
  expect(ids.flatMap((found) => Object.keys(found))).toEqual([]);
  expect(Object.keys(row.counts)).toEqual(expect.arrayContaining(['aliases', 'audienceMembers', 'changes', 'consents', 'disclosures', 'events', 'identities', 'inbox', 'merges', 'profiles', 'quarantine', 'rawRecords', 'runs', 'salts', 'tombstones']));
  expect([row.identityKeys, row.people, row.profileIds]).toEqual([[], [], []]);

  // Ben's event was applied meanwhile; his device's, as which somebody claimed to be the person, is no row of his.
  const changing = { inbox: undefined, events: 0, rawRecords: 0, disclosures: 0 };
  expect({ ...(await marked('ben')), ...changing }).toEqual({ ...bens, ...changing });
  expect((await collections().events.find({ 'record.identities.value': /^ben/u }).toArray()).map(({ record }) => record.messageId)).toEqual(expect.arrayContaining(['e-ben', 'i-ben', 'o-ben', 'm-ben', 'waiting-ben']));
  expect(row.recipients.map(({ action, status }) => [action, status]).sort()).toEqual([['audience', 'removed'], ['send-event', 'confirmed'], ['upsert-profile', 'cannot-erase']]);
  expect(world.received.filter(({ operation }) => operation === 'erase').map(({ payload }) => payload)).toEqual([{ email: EMAIL }]);

  const proof = await collections().consents.find({ identityKey: { $exists: false } }).toArray();
  expect(proof).toHaveLength(2);
  expect(proof.every(({ seal }) => seal?.hash !== undefined && seal.nonce === undefined)).toBe(true);
  expect((await verifyEvidence(collections(), new Anchors())).faults).toEqual([]);
  const { received, applied, duplicate = 0, quarantined, deliveries, ...rest } = await ledgerTotals(world);
  expect((applied ?? 0) + duplicate + (quarantined ?? 0) + (rest['refused.erased'] ?? 0)).toBe(received);
  expect(Object.entries(rest).filter(([key]) => /^(delivered|cancelled|dead|blocked)/u.test(key)).reduce((all, [, count]) => all + count, 0)).toBe(deliveries);
});

it('lets nothing of an erased person in again: not late, not by an import, not in a record that cannot be read', async () => {
  await start();
  await leaveTraces();
  await erase();
  await finish();
  const balance = await ledgerTotals(world);
  await track([event(world, 'late', { userId: `${MARK}-user` }), event(world, 'late-bad', { event: '', context: { note: EMAIL } })]);
  await world.track([identify(world, 'again', 'new-user', { email: EMAIL })], { isVerified: true, isImport: true });
  await world.settle();
  expect(await marked()).toEqual({});
  expect((await ledgerTotals(world))['refused.erased']).toBe((balance['refused.erased'] ?? 0) + 3);
  // Nor by a decision.
  await expect(decide(world, 'granted', `${MARK}-user`)).rejects.toMatchObject({ code: 'PERSON_ERASED' });
  expect(await marked()).toEqual({});
});

it('knows an address again that was spelled otherwise when its person was erased, with its domain in its own letters', async () => {
  await start();
  const [own, spelled] = ['rene\u0301@exa\u0308mple.com', 'ren\u00e9@xn--exmple-cua.com'];
  await world.store.store.transaction((tx) => tx.insertTombstones(WORKSPACE, [TOMBSTONES.digest(WORKSPACE, `email|${own}`)], TOMBSTONES.keyId, 1));
  await track([identify(world, 'again', 'new-user', { email: spelled }), event(world, 'bad', { userId: '', event: '', context: { note: own } }), identify(world, 'other', 'other-user', { email: `a${spelled}` })]);
  await world.settle();
  expect(await ledgerTotals(world)).toMatchObject({ received: 3, 'refused.erased': 2, applied: 1 });
  await expect(recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'email', value: spelled }, decisions: [{ purpose: 'marketing', decision: 'withdrawn' }], agreement: null, method: 'toggle', submissionId: '',
  }, options())).rejects.toMatchObject({ code: 'PERSON_ERASED' });
  const lift = () => liftTombstone({ collections: collections(), tombstones: TOMBSTONES }, { workspaceId: WORKSPACE }, { identity: { namespace: 'email', value: spelled } });
  expect([await lift(), await lift()]).toEqual([{ isLifted: true }, { isLifted: false }]);
});

it('finds what lies in quarantine and names the person as the identity settings read it', async () => {
  const identitySettings: IdentitySettings = { ...DEFAULT_IDENTITY_SETTINGS, mailboxRules: ['gmail'] };
  await start((parts) => { parts.identitySettings = identitySettings; });
  await world.store.connection.collection('workspaces').insertOne({ _id: `${WORKSPACE}|${WORKSPACE}` as never, workspaceId: WORKSPACE, id: WORKSPACE, version: 1, content: { name: 'W', identitySettings } });
  await track([identify(world, 'm1', `${MARK}-user`, { email: 'gone.one@gmail.com' }), event(world, 'bad', { event: '', context: { note: 'goneone@gmail.com' } }), event(world, 'other', { event: '', context: { note: 'another@gmail.com' } })]);
  await world.settle();
  expect(await collections().quarantine.countDocuments({})).toBe(2);
  await erase({ identities: [{ namespace: 'userId', value: `${MARK}-user` }] });
  await finish();
  expect(JSON.stringify(await collections().quarantine.find({}).toArray())).not.toContain('goneone');
  expect(await collections().quarantine.countDocuments({})).toBe(1);
});

it('goes on where a worker died between any two parts, and two workers count nothing twice', async () => {
  await start();
  await leaveTraces();
  const { erasureId } = await erase();
  const store = createErasureStore(world.store.connection);
  let steps = 0;
  // Each part is done by another worker, who dies with it: its lease has to end first.
  for (let row = (await collections().erasures.findOne({ _id: erasureId })); row?.step !== 'recipients'; row = await collections().erasures.findOne({ _id: erasureId })) {
    world.clock.now += 60_000;
    const lease = await store.claim({ now: world.clock.now, until: world.clock.now + 30_000, holder: `dies-${steps += 1}` });
    if (lease === null) throw new Error('Nobody may go on.');
    expect(await store.claim({ now: world.clock.now, until: world.clock.now + 30_000, holder: 'other' })).toBeNull();
    await store.work(lease, world.clock.now);
    // The one of before comes back too late.
    await expect(store.work({ ...lease, fence: lease.fence - 1 }, world.clock.now)).rejects.toThrow('taken over');
  }
  expect(steps).toBeGreaterThan(7);
  world.clock.now += 60_000;
  const row = await finish();
  expect(await marked()).toEqual({});
  expect(row.counts).toMatchObject({ profiles: 1, consents: 2, events: expect.any(Number), quarantine: 1 });
  // The same request again begins nothing.
  expect((await erase()).erasureId).toBe(erasureId);
  expect(await collections().erasures.countDocuments({})).toBe(1);
});

it('waits for no recipient, keeps what it is told by until it has been told, and cancels what was pending', async () => {
  await start();
  world.rebuild((parts) => { parts.destination = { status: 'paused' }; });
  await leaveTraces();
  world.rebuild((parts) => { parts.destination = { status: 'enabled' }; });
  world.script.next = ({ payload }) => (JSON.stringify(payload).includes(MARK) ? new RetryableError('down') : undefined);
  await world.settle();
  await erase();
  const eraser = newEraser();
  for (let turn = 0; turn < 3; turn += 1) { await eraser.tick(); await world.settle(); world.clock.now += 2_000; }
  const [row] = await collections().erasures.find({}).toArray();
  expect([row?.removedAt, row?.finishedAt]).toEqual([expect.any(Number), null]);
  expect(row?.recipients.some(({ status }) => status === 'pending')).toBe(true);
  expect(Object.keys(await marked()).sort()).toEqual(['disclosures']);
  world.script.next = () => undefined;
  for (let turn = 0; turn < 40 && (await collections().erasures.countDocuments({ finishedAt: null })) > 0; turn += 1) { world.clock.now += 3_600_000; await world.settle(); await eraser.tick(); }
  expect(await marked()).toEqual({});
  expect((await ledgerTotals(world))['cancelled.erased']).toBeGreaterThan(0);
  expect(world.received.filter(({ operation }) => operation === 'erase').at(-1)).toMatchObject({ payload: { email: EMAIL } });
});

it('keeps what a law obliges to keep, without whose it was, until the hold ends', async () => {
  await start();
  const until = world.clock.now + 86_400_000;
  const hold = { schemaVersion: 1, workspaceId: WORKSPACE, version: 1, createdAt: 1, updatedAt: 1 };
  await collections().legalHolds.insertOne({ _id: `${WORKSPACE}|tax`, id: 'tax', ...hold, content: { category: 'order', reason: 'Tax law, 10 years', until } });
  await track([event(world, 'viewed', { userId: `${MARK}-user` }), identify(world, 'i', `${MARK}-user`, { email: EMAIL }), event(world, `order-${MARK}`, { event: 'Order Completed', userId: `${MARK}-user`, properties: { order_id: 'o-77', total: 12, currency: 'EUR', coupon: MARK } })]);
  await world.settle();
  await erase();
  const row = await finish();
  expect(row.held).toEqual([{ category: 'order', reason: 'Tax law, 10 years', until, rows: 1 }]);
  const held = await collections().heldData.find({}).toArray();
  expect(held).toMatchObject([{ erasureId: row.erasureId, category: 'order', record: { name: 'Order Completed', order: { orderId: 'o-77' } } }]);
  expect(JSON.stringify(held)).not.toContain(`${MARK}-user`);
  await newEraser().tick();
  expect(await collections().heldData.countDocuments({})).toBe(1);
  world.clock.now = until + 3_600_000;
  await newEraser().tick();
  expect(await collections().heldData.countDocuments({})).toBe(0);
});

describe('whose identity others had', () => {
  const ANN = 'ann@example.com';

  it('is named in nothing of somebody who had their address by mistake, and whoever got it from there is told', async () => {
    await start();
    await decide(world, 'granted', 'ann-user');
    await track([event(world, 'e', { userId: 'ann-user' }), identify(world, 'i', 'ann-user', { email: EMAIL, phone: '+12025550123' })]);
    await world.settle();
    const ann = await owner('userId|ann-user');
    const place = { workspaceId: WORKSPACE, connectionId: SINK, action: 'contact', profileId: ann };
    // One that was told more than the address.
    await world.store.store.transaction(async (tx) => {
      const [identifiers] = [{ email: EMAIL, phone: '+12025550123' }];
      await tx.addDisclosures([{ ...place, purposes: ['marketing'], fields: ['profile.email', 'profile.phone'], identifiers: [identifiers], firstAt: 1, grounds: [] }]);
      await tx.writeAudienceMembers([{ ...place, sets: [{ identifiers, state: 'in', digest: null, at: 1, deliveryId: '', holders: [] }] }]);
    });
    world.clock.now += 60_000;
    await correctPerson({ workspaceId: WORKSPACE, profileId: ann, correctionId: 'c', fields: {}, identities: [{ namespace: 'email', from: EMAIL, to: ANN }], reason: 'inaccurate', by: 'user', actorId: 'u' }, options());
    await world.settle();
    await ask('ann', ann, { fields: { 'profile.city': 'Oslo' }, identities: [{ namespace: 'email', from: EMAIL.toUpperCase(), to: ANN }] });
    const disclosed = () => collections().disclosures.find({ profileId: ann }, { sort: { _id: 1 } }).toArray();
    const before = await disclosed();
    expect(Object.keys(await marked())).toEqual(expect.arrayContaining(['audienceMembers', 'disclosures', 'merges', 'profiles']));

    await erase();
    await finish();
    expect(await marked()).toEqual({});
    expect(await marked(EMAIL.toUpperCase())).toEqual({});
    // What was given of Ann, for what and on which ground is told as before.
    const without = ({ identifiers: _, ...row }: (typeof before)[number]) => row;
    expect((await disclosed()).map(without)).toEqual(before.map(without));
    expect((await disclosed()).flatMap(({ action, identifiers }) => (identifiers.length === 0 ? [] : [[action, ...identifiers]]))).toEqual([['contact', { phone: '+12025550123' }]]);
    expect((await collections().audienceMembers.find({ profileId: ann }).toArray()).flatMap(({ sets }) => sets.map(({ identifiers }) => identifiers))).toEqual([{ phone: '+12025550123' }]);
    expect((await collections().privacyRequests.findOne({}))?.content).toMatchObject({ profileId: ann, details: { fields: { 'profile.city': 'Oslo' }, identities: [{ namespace: 'email', to: ANN }] } });
    expect(world.received.filter(({ operation }) => operation === 'erase' || operation === 'removeMembers').map(({ operation, payload }) => [operation, payload]).sort()).toEqual([['erase', { email: EMAIL }], ['removeMembers', { email: EMAIL }]]);
  });

  it('is named in nothing of who had claimed it, nor in how those were before', async () => {
    await start();
    await decide(world, 'granted', 'mal-user');
    await track([identify(world, 'i-mal', 'mal-user', {}), identify(world, 'i-cy', 'cy-user', {})]);
    await world.settle();
    await track([identify(world, 'claims-both', 'mal-user', { email: EMAIL, phone: '+12025550123' }), event(world, 'e', { userId: 'mal-user' })], false);
    await world.settle();
    // First the one goes to whom it is, then the other.
    await track([identify(world, 'p-cy', 'cy-user', { phone: '+12025550123' })]);
    await world.settle();
    await track([identify(world, 'p-mark', `${MARK}-user`, { email: EMAIL })]);
    await world.settle();
    const mal = await owner('userId|mal-user');
    expect([await owner('phone|+12025550123'), await owner(`email|${EMAIL}`)]).toEqual([await owner('userId|cy-user'), await owner(`userId|${MARK}-user`)]);
    expect((await collections().merges.find({ loser: mal }).toArray()).map((row) => JSON.stringify(row).includes(EMAIL))).toEqual([true, true]);
    expect((await collections().disclosures.find({ profileId: mal }).toArray()).flatMap(({ identifiers }) => identifiers)).toContainEqual({ email: EMAIL });
    await erase();
    await finish();
    expect(await marked()).toEqual({});
    expect(await collections().merges.countDocuments({ loser: mal, movedKey: 'phone|+12025550123' })).toBe(1);
  });

  it('is in nothing of somebody who was taken for them, also where a third was taken for both meanwhile', async () => {
    await start();
    for (const [index, who] of ['pat', MARK, 'rob'].entries()) {
      await track([identify(world, `i-${index}`, `${who}-user`, { firstName: who, ...(who === 'pat' ? { email: 'pat@example.com' } : {}) })]);
      await world.settle();
      world.clock.now += 1_000;
    }
    const [pat, mark, rob] = await Promise.all(['pat', MARK, 'rob'].map((who) => owner(`userId|${who}-user`)));
    for (const [index, who] of [MARK, 'rob'].entries()) {
      await track([identify(world, `m-${index}`, `${who}-user`, { email: 'pat@example.com' })]);
      await world.settle();
      world.clock.now += 1_000;
    }
    await unmergePerson({ workspaceId: WORKSPACE, loser: mark ?? '' }, options());
    expect((await collections().merges.find({}).toArray()).map(({ winner, loser }) => [winner, loser])).toEqual(expect.arrayContaining([[pat, mark], [pat, rob]]));
    await erase({ identities: [{ namespace: 'userId', value: `${MARK}-user` }] });
    await finish();
    expect(await marked()).toEqual({});
    expect(await marked(mark)).toEqual({});
    await unmergePerson({ workspaceId: WORKSPACE, loser: rob ?? '' }, options());
    expect((await collections().profiles.find({}).toArray()).map(({ profileId, fields }) => [profileId, fields.firstName?.value])).toEqual(expect.arrayContaining([[pat, 'pat'], [rob, 'rob']]));
  });
});

it('knows each collection of the database', async () => {
  await start();
  const db = world.store.connection.getClient().db(world.store.connection.name);
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name as string);
  expect(names.filter((name) => !Object.hasOwn(PERSON_DATA, name))).toEqual([]);
});

describe('of several who are known on one device', () => {
  const [ANA, BO, CY] = ['zzana', 'zzmark', 'zzcy'];
  const TABLET = 'zztablet';
  const PHONE = '+14155550123';
  const mailOf = (who: string): Identity => ({ namespace: 'email', value: `${who}@example.com` });

  async function startShared(): Promise<void> {
    world = await createWorld((parts) => {
      parts.purposes = [{ ...MARKETING, fields: ['*'] }, SERVICE, ...['news', 'offers'].map((key) => ({ ...MARKETING, key, lawfulBasis: 'legitimate' as const }))];
      parts.sources = [{ connectionId: 'web', consentCategories: { offers: 'offers' }, readSignals: compileSignals([{ signal: 'gpc', purpose: 'marketing', recipients: [...RECIPIENT_KINDS] }]) }];
      parts.identitySettings = { namespaces: [{ namespace: 'phone', isShared: true, blockedValues: [] }] };
    });
  }

  /** Says over the brand's own server who is on the tablet, and lets them look at something there. */
  async function come(...everybody: string[]): Promise<void> {
    for (const who of everybody) {
      await track([identify(world, `i-${who}`, who, { email: mailOf(who).value, phone: PHONE }, { anonymousId: TABLET })]);
      await world.settle();
      await decide(world, 'granted', who);
      world.clock.now += 1_000;
      await track([event(world, `e-${who}`, { userId: who, anonymousId: TABLET })]);
      await world.settle();
    }
  }

  /** Ana says no at the number that all of them have, and over a public key at the tablet: what she says there is recorded under the device. */
  async function refuse(): Promise<void> {
    world.clock.now += 1_000;
    await recordConsents({ workspaceId: WORKSPACE, identity: { namespace: 'phone', value: PHONE }, decisions: [{ purpose: 'news', decision: 'withdrawn' }], agreement: null, method: 'toggle', submissionId: '' }, options());
    world.clock.now += 1_000;
    const said = (messageId: string, context: JsonObject) => event(world, messageId, { userId: ANA, anonymousId: TABLET, context });
    await track([said('no-gpc', { gpc: true }), said('no-offers', { consent: { categoryPreferences: { offers: false } } })], false);
    await world.settle();
    world.clock.now += 1_000;
  }

  const ownerOf = async (key: string): Promise<string | undefined> => (await collections().identities.findOne({ _id: `${WORKSPACE}|${key}` }))?.profileId;
  const profileOf = async (who: string): Promise<string> => (await ownerOf(`userId|${who}`)) ?? 'nobody';
  const eventsOf = async (who: string): Promise<string[]> => (await collections().events.find({ profileId: await profileOf(who) }).toArray()).map(({ record }) => record.messageId).sort();

  /** What stands of a person: as it is stored, and as the ledger says at this moment. */
  async function standingOf(who: string): Promise<ConsentState[]> {
    const profileId = await profileOf(who);
    const read = await world.store.store.transaction((tx) => readHistory(tx, WORKSPACE, profileId));
    return [(await collections().consentStates.findOne({ _id: `${WORKSPACE}|${profileId}` }))?.state ?? {}, foldLedger(read!.history, profileId)];
  }

  const eraseOne = (who: string, through: StartErasureOptions = options()): Promise<ErasureRow> => startErasure({ workspaceId: WORKSPACE, requestId: `r-${[ANA, BO, CY].indexOf(who)}`, identities: [mailOf(who)], profileId: null }, through);
  const refused = async (): Promise<number> => (await ledgerTotals(world))['refused.erased'] ?? 0;

  it.each([['was the first of them', [BO, ANA, CY]], ['came later', [ANA, CY, BO]]])('takes one who %s, and nothing of the others', async (_, order) => {
    await startShared();
    await come(...order);
    await refuse();
    const ofAna = async () => ({ events: await eventsOf(ANA), standing: await standingOf(ANA), shared: await collections().consents.find({ identityKey: { $in: [`anonymousId|${TABLET}`, `phone|${PHONE}`] } }).toArray() });
    const before = await ofAna();
    expect(before.standing[0]).toMatchObject({ marketing: { processor: { decision: 'denied', method: 'gpc' } }, news: { own: { decision: 'withdrawn', method: 'toggle' } }, offers: { own: { decision: 'denied', method: 'event' } } });
    expect(before.shared.map(({ method }) => method).sort()).toEqual(['event', 'gpc', 'toggle']);

    const begun = await eraseOne(BO);
    const { counts } = await finish(begun.erasureId);
    expect([await marked(BO), ...await Promise.all(begun.profileIds.map((id) => marked(id)))]).toEqual([{}, {}]);
    expect(await ofAna()).toEqual(before);
    expect([begun.identityKeys.sort(), counts]).toMatchObject([[`email|${BO}@example.com`, `userId|${BO}`], { tombstones: 2, consents: 1 }]);
    expect((await verifyEvidence(collections(), new Anchors())).faults).toEqual([]);

    // What nobody is logged in for is now the next one's, with what was refused there.
    const heir = await profileOf(ANA);
    expect([await ownerOf(`anonymousId|${TABLET}`), await ownerOf(`phone|${PHONE}`)]).toEqual([heir, heir]);
    const [delivered, seen] = [world.received.length, await refused()];
    await track([event(world, 'next', { userId: ANA, anonymousId: TABLET })]);
    await track([event(world, 'visit', { userId: null, anonymousId: TABLET })], false);
    await world.settle();
    expect([await eventsOf(ANA), await refused(), world.received.length]).toEqual([[...before.events, 'next', 'visit'].sort(), seen, delivered]);
    expect((await standingOf(ANA))).toEqual(before.standing);

    // Who was erased does not come back by the tablet.
    await track([event(world, 'late', { userId: BO, anonymousId: TABLET }), event(world, 'claim', { userId: ANA, anonymousId: TABLET, context: { traits: { email: mailOf(BO).value } } })]);
    await track([event(world, 'bad', { event: '', anonymousId: TABLET, context: { note: mailOf(BO).value } })]);
    await world.settle();
    expect([await refused(), await marked(BO)]).toEqual([seen + 3, {}]);
  });

  it('leaves the device to whom it is of two who are one, also once they are told apart', async () => {
    await startShared();
    await track([identify(world, 'i-alone', BO, { email: mailOf(BO).value })]);
    await world.settle();
    await come(CY, ANA);
    world.clock.now += 1_000;
    await track([identify(world, 'joins', ANA, { email: mailOf(BO).value })]);
    await world.settle();
    const [bo, ana] = [await profileOf(BO), await profileOf(ANA)];
    await finish((await eraseOne(CY)).erasureId);
    expect([await ownerOf(`anonymousId|${TABLET}`), await ownerOf(`phone|${PHONE}`)]).toEqual([bo, bo]);
    await unmergePerson({ workspaceId: WORKSPACE, loser: ana }, options());
    expect([await ownerOf(`anonymousId|${TABLET}`), await ownerOf(`phone|${PHONE}`)]).toEqual([ana, ana]);
    await track([event(world, 'visit', { userId: null, anonymousId: TABLET })], false);
    await world.settle();
    expect([await eventsOf(ANA), await eventsOf(BO)]).toEqual([[`e-${ANA}`, `i-${ANA}`, 'joins', 'visit'].sort(), ['i-alone']]);
  });

  it('takes the device with the last of them, and lets nothing from it in again', async () => {
    await startShared();
    await come(BO, ANA);
    await refuse();
    for (const who of [BO, ANA]) await finish((await eraseOne(who)).erasureId);
    expect(await Promise.all([BO, ANA, TABLET, PHONE].map((text) => marked(text)))).toEqual([{}, {}, {}, {}]);
    expect((await collections().consents.find({}).toArray()).filter(({ identityKey, seal }) => identityKey !== undefined || seal?.nonce !== undefined)).toEqual([]);
    const seen = await refused();
    await track([event(world, 'visit', { userId: null, anonymousId: TABLET })], false);
    await world.settle();
    expect([await refused(), await marked(TABLET)]).toEqual([seen + 1, {}]);
  });

  it('removes what another claimed at the device to be of who is erased, and of the other only that', async () => {
    await startShared();
    await come(BO, ANA);
    await track([event(world, 'claimed', { userId: ANA, anonymousId: TABLET, context: { traits: { email: mailOf(BO).value } } })], false);
    await world.settle();
    expect(await eventsOf(ANA)).toContain('claimed');
    await finish((await eraseOne(BO)).erasureId);
    expect([await eventsOf(ANA), await marked(BO)]).toEqual([[`e-${ANA}`, `i-${ANA}`], {}]);
  });

  /** Something comes between what an erasure has read of a shared device and what it writes. */
  function heldUp(between: () => Promise<void>): StartErasureOptions {
    const through = (tx: StoreTransaction): StoreTransaction => ({
      ...tx,
      async shareIdentities(...given) {
        await between();
        await tx.shareIdentities(...given);
      },
    });
    return { ...options(), store: { transaction: (work) => world.store.store.transaction((tx) => work(through(tx))) } };
  }

  it('leaves the device to nobody when the last two are erased at one moment', async () => {
    await startShared();
    await come(BO, ANA);
    await refuse();
    const met = meeting(2);
    await Promise.all([BO, ANA].map((who) => eraseOne(who, heldUp(met))));
    for (const who of [BO, ANA]) await finish((await eraseOne(who)).erasureId);
    expect(await Promise.all([TABLET, PHONE].map((text) => marked(text)))).toEqual([{}, {}]);
    expect(await collections().tombstones.countDocuments({})).toBe(6);
  });

  it('meets who comes to the device at the moment at which the one who had it is erased', async () => {
    await startShared();
    await come(BO);
    // The erasure has read that nobody else is there, and somebody comes.
    let isFirst = true;
    const comes = async (): Promise<void> => {
      if (!isFirst) return;
      isFirst = false;
      await come(ANA);
    };
    await finish((await eraseOne(BO, heldUp(comes))).erasureId);
    expect([await eventsOf(ANA), await ownerOf(`anonymousId|${TABLET}`), await marked(BO)]).toEqual([[`e-${ANA}`, `i-${ANA}`], await profileOf(ANA), {}]);
  });
});
