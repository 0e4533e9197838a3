import { createDictionary, DAY_MS, PURPOSE_DEFAULTS, type JsonObject, type Purpose } from '@firsthand/domain';
import { createRetentionStore, storeKey, verifyEvidence } from '@firsthand/persistence';
import { exportedPerson, type ExportSource } from '../../apps/host/src/person-export/export-source.js';
import { EVENT_SECTIONS } from '../../apps/host/src/person-export/sections/event-sections.js';
import { findPerson } from '../../apps/host/src/admin/profiles/find-person.js';
import { getRetention } from '../../apps/host/src/admin/retention/retention.js';
import type { AdminContext } from '../../apps/host/src/admin/admin-context.js';
import type { Caller } from '../../apps/host/src/admin/http/caller.js';
import { Anchors, createRetentionSweep, type FinishedSweep, type OperatorDays, type RetentionStore, type WorkspaceConfiguration } from '@firsthand/pipeline';
import { createWorld, MARKETING, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

const consented = { consent: { categoryPreferences: { marketing: true } } };
const purpose = (key: string, retentionDays: number | null, fields: string[], more: Partial<Purpose> = {}): Purpose => ({ key, name: {}, description: {}, lawfulBasis: 'contract', fields, expiresAfterDays: null, ...PURPOSE_DEFAULTS, separateConsent: [], retentionDays, ...more });
const PURPOSES = [{ ...MARKETING, retentionDays: 30 }, purpose('service', 90, ['profile.email', 'event.order.*'])];

let world: World;
afterEach(() => world.close());

const order = (messageId: string, at: number, userId = 'ana') => ({
  type: 'track', event: 'Order Completed', userId, messageId, timestamp: new Date(at).toISOString(), properties: { order_id: `o-${messageId}`, total: 9, currency: 'EUR', coupon: 'TEN' }, context: consented,
});
const identify = (messageId: string, at: number, traits: object, userId = 'ana') => ({ type: 'identify', userId, messageId, timestamp: new Date(at).toISOString(), traits: traits as JsonObject, context: consented });
const profile = async () => (await world.store.collections.profiles.findOne({ workspaceId: WORKSPACE, 'identities.value': 'ana' }))!;
const eventsOf = () => world.store.collections.events.find({ workspaceId: WORKSPACE, connectionId: 'web' }, { sort: { 'record.occurredAt': 1 } }).toArray();

/** Ana, who told her address and city and ordered once, today. */
async function open(adjust: Parameters<typeof createWorld>[0] = () => undefined): Promise<void> {
  world = await createWorld((parts) => {
    parts.purposes = PURPOSES;
    parts.agreements = parts.agreements.map((one) => ({ ...one, purposes: ['marketing', 'service'] }));
    parts.segments = [{ segmentId: 'locals', version: 1, name: 'Locals', purpose: 'service', condition: { trait: 'city', op: 'eq', value: 'Lima' } }, { segmentId: 'buyers', version: 1, name: 'Buyers', purpose: 'service', condition: { event: 'Order Completed', count: { op: 'gte', value: 1 } } }];
    adjust?.(parts);
  });
  await world.track([identify('m1', world.clock.now, { email: 'ana@example.com', city: 'Lima' }), order('m2', world.clock.now)], { isVerified: true });
  await world.settle();
}

describe('what may be kept no longer', () => {
  it('leaves the profile, its counters and its segments when its time has come, by itself', async () => {
    await open();
    expect(await profile()).toMatchObject({ memberships: { locals: { isMember: true }, buyers: { isMember: true } } });

    // The day of collection does not count: the 30 days begin after it.
    world.clock.now += 30 * DAY_MS;
    await world.settle();
    expect((await profile()).fields.city).toBeDefined();
    world.clock.now += DAY_MS;
    await world.settle();
    const left = await profile();
    expect(Object.keys(left.fields)).toEqual(['email']);
    expect(left.memberships).toMatchObject({ locals: { isMember: false }, buyers: { isMember: true } });
    expect(await world.store.collections.changes.findOne({ _id: { $gt: storeKey(WORKSPACE, `${left.profileId}|${String(left.version).padStart(10, '0')}`) } })).toBeNull();

    world.clock.now += 60 * DAY_MS;
    await world.settle();
    expect(await profile()).toMatchObject({ fields: {}, activity: {}, memberships: { buyers: { isMember: false } } });
  });

  it('is in no payload, and not in the event that a flow sends', async () => {
    await open();
    world.received.length = 0;
    world.clock.now += 31 * DAY_MS;
    // Nobody has looked at the person since: the lane itself must not know what has ended.
    await world.store.collections.profiles.updateMany({}, { $set: { dueAt: null } });
    await world.track([order('m3', world.clock.now)], { isVerified: true });
    await world.apply.drain();
    await world.deliver.drainLane({ workspaceId: WORKSPACE, connectionId: 'sink' });
    expect(world.received.map(({ payload }) => payload.profile)).toEqual([{ email: 'ana@example.com' }]);
  });

  it('counts by a changed purpose at once', async () => {
    await open();
    world.clock.now += 3 * DAY_MS;
    world.rebuild((parts) => { parts.purposes = [{ ...MARKETING, retentionDays: 2 }, purpose('service', 2, ['profile.email'])]; });
    await world.track([identify('m3', world.clock.now, { nickname: 'ana_l' })], { isVerified: true });
    await world.settle();
    expect(await profile()).toMatchObject({ fields: { nickname: { value: 'ana_l' } } });
    expect(Object.keys((await profile()).fields)).toEqual(['nickname']);
  });

  it('does not come in late: traits and decisions of then count, what happened does not', async () => {
    await open((parts) => { parts.purposes = [{ ...MARKETING, fields: ['event.*'], retentionDays: 30 }, purpose('service', 300, ['profile.*'])]; });
    const then = world.clock.now - 100 * DAY_MS;
    await world.track([order('old', then), { ...identify('old-trait', then, { nickname: 'ana_l' }), context: {} }], { isVerified: true, isImport: true });
    await world.settle();
    expect((await eventsOf()).map(({ record }) => record.messageId)).toEqual(['m1', 'm2']);
    expect(await profile()).toMatchObject({ fields: { nickname: { value: 'ana_l' } }, activity: { 'Order Completed': { total: 1 } } });
  });

  it('is not kept by a purpose that the person has refused, a month after', async () => {
    await open((parts) => { parts.purposes = [{ ...MARKETING, retentionDays: null }, purpose('service', null, ['profile.email'])]; });
    await world.track([{ ...identify('no', world.clock.now, {}), context: { consent: { categoryPreferences: { marketing: false } } } }], { isVerified: true });
    await world.settle();
    world.clock.now += 30 * DAY_MS;
    await world.settle();
    expect((await profile()).fields.city).toBeDefined();
    world.clock.now += DAY_MS;
    await world.settle();
    expect(Object.keys((await profile()).fields)).toEqual(['email']);
  });
});

/** What the admin plane reads with. */
const admin = () => ({
  collections: world.store.collections, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, retention: createRetentionStore(world.store.connection), operatorDays: { quarantine: 30, deliveries: null },
}) as unknown as AdminContext & ExportSource;

async function copyOf(profileId: string): Promise<{ fields: string[]; events: object[] }> {
  const person = (await findPerson(admin(), WORKSPACE, profileId))!;
  const events: object[] = [];
  for await (const event of EVENT_SECTIONS[0]!.read(admin(), exportedPerson(WORKSPACE, person))) events.push(event);
  return { fields: Object.keys(person.profile.fields), events };
}

describe('who reads people', () => {
  it('finds nothing that has ended, though it is stored still', async () => {
    await open((parts) => { parts.segments = []; });
    const { profileId } = await profile();
    expect(await copyOf(profileId)).toMatchObject({ fields: ['email', 'city'], events: [{ raw: expect.anything() }, { properties: { coupon: 'TEN' }, raw: expect.anything() }] });
    world.clock.now += 31 * DAY_MS;
    const later = await copyOf(profileId);
    expect(later.fields).toEqual(['email']);
    expect(later.events).toMatchObject([{ properties: {}, raw: null }, { properties: {}, order: { orderId: 'o-m2' }, raw: null }]);
    expect(JSON.stringify(later)).not.toContain('Lima');
    world.clock.now += 60 * DAY_MS;
    expect(await copyOf(profileId)).toEqual({ fields: [], events: [] });
    expect(await world.store.collections.events.countDocuments()).toBe(2);
  });
});

const told: FinishedSweep[] = [];

/** Without segments, whose events come and go beside those of people. */
const openPlain = (adjust: (parts: WorldParts) => void = () => undefined) => open((parts) => {
  parts.segments = [];
  adjust(parts);
});

/** A worker's sweep of the world. */
function sweeper({ holder = 'one', days = { quarantine: null, deliveries: null }, maxParts = 1_000, around = (store) => store }: { holder?: string; days?: OperatorDays; maxParts?: number; around?: (store: RetentionStore) => RetentionStore } = {}) {
  return createRetentionSweep({
    retention: around(createRetentionStore(world.store.connection)), configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, holder, days, maxParts,
    report: (_workspace, sweep) => Promise.resolve(void told.push(sweep)),
  });
}

async function sweepOnce(options: Parameters<typeof sweeper>[0] = {}): Promise<FinishedSweep> {
  told.length = 0;
  await sweeper(options).tick([WORKSPACE]);
  expect(told).toHaveLength(1);
  return told[0]!;
}

const names = async () => (await eventsOf()).map(({ record }) => record.messageId);
const raws = async () => (await world.store.collections.rawRecords.find().toArray()).flatMap(({ raws: texts }) => texts).filter((text) => text !== null);

describe('the sweep of what may be kept no longer', () => {
  it('takes out what has ended of an event, and then the event, with the raw record', async () => {
    await openPlain();
    await world.track([order('bob', world.clock.now, 'bob')], { isVerified: true });
    await world.settle();
    expect((await sweepOnce()).counts).toEqual({});
    expect(await raws()).toHaveLength(3);

    world.clock.now += 31 * DAY_MS;
    await world.track([order('late', world.clock.now)], { isVerified: true });
    await world.settle();
    const { counts, isFull } = await sweepOnce();
    expect({ counts, isFull }).toEqual({ counts: { eventParts: 3, rawRecords: 3 }, isFull: true });
    const byId = new Map((await eventsOf()).map((event) => [event.record.messageId, event]));
    const [second, late] = [byId.get('m2'), byId.get('late')];
    expect(second?.record).toMatchObject({ name: 'Order Completed', order: { orderId: 'o-m2' }, properties: {}, context: {} });
    expect(second?.raw).toBeNull();
    expect(late?.record.order?.coupon).toBe('TEN');
    expect(await raws()).toHaveLength(1);

    world.clock.now += 60 * DAY_MS;
    expect((await sweepOnce()).counts).toMatchObject({ events: 3, eventParts: 1 });
    expect(await names()).toEqual(['late']);
    // It counts what came in, and the proof of what was sent holds no values: neither minds.
    expect(await verifyEvidence(world.store.collections, new Anchors())).toMatchObject({ faults: [] });
  });

  it('takes events out after the days of their name, whatever purposes keep what they carry for, and they count nowhere then', async () => {
    await open((parts) => {
      parts.purposes = [{ ...MARKETING, retentionDays: null }];
      parts.segments = [{ segmentId: 'busy', version: 1, name: 'Busy', purpose: 'marketing', condition: { event: '*', count: { op: 'gte', value: 2 } } }];
    });
    const change = (dictionary: WorkspaceConfiguration['dictionary']) => { world.configuration.current = { ...world.configuration.current, purposes: new Map(world.configuration.current.purposes), dictionary }; };
    const own = (retentionDays: number | null) => createDictionary({ customEvents: [{ name: 'Room Entered', description: 'A customer came into a fitting room.', retentionDays }] });
    change(own(30));
    await world.track([{ ...order('room', world.clock.now), event: 'Room Entered' }], { isVerified: true });
    await world.settle();
    expect((await sweepOnce()).counts).toEqual({});
    expect((await profile()).memberships.busy?.isMember).toBe(true);

    // Shortened, it counts for what is there: within a day at the latest, and for everybody who is asked about at once.
    change(own(2));
    world.clock.now += 3 * DAY_MS;
    expect((await sweepOnce()).counts).toMatchObject({ events: 1 });
    await world.settle();
    expect(await names()).not.toContain('room');
    expect(await names()).toContain('m2');
    expect(await profile()).toMatchObject({ memberships: { busy: { isMember: false } }, activity: { '*': { total: 1 }, 'Order Completed': { total: 1 } } });
    expect((await profile()).activity).not.toHaveProperty('Room Entered');
  });

  it('goes by what ended since the last one, once a day', async () => {
    await openPlain();
    const sweep = sweeper();
    told.length = 0;
    for (const days of [0, 0, 31, 0]) {
      world.clock.now += days * DAY_MS;
      await sweep.tick([WORKSPACE]);
    }
    expect(told.map(({ isFull, counts }) => [isFull, counts.eventParts ?? 0])).toEqual([[true, 0], [true, 2]]);
    world.clock.now += 1 * DAY_MS;
    await world.track([order('next', world.clock.now - 30 * DAY_MS)], { isVerified: true });
    await world.settle();
    world.clock.now += DAY_MS;
    await sweep.tick([WORKSPACE]);
    expect(told.at(-1)).toMatchObject({ isFull: false, counts: { eventParts: 1 } });
  });

  it('goes on where a worker died, and counts nothing twice', async () => {
    await openPlain();
    await world.track(Array.from({ length: 3 }, (_, index) => ({ ...order(`n${index}`, world.clock.now, `user-${index}`), event: `Viewed ${index}` })), { isVerified: true });
    await world.settle();
    world.clock.now += 91 * DAY_MS;
    told.length = 0;
    for (let deaths = 0; told.length === 0; deaths += 1) {
      let parts = 0;
      // Each worker dies in its third part, and the next one has to wait for its lease.
      const around = (store: RetentionStore): RetentionStore => ({ ...store, work: (lease, by) => (++parts > 2 ? Promise.reject(new RangeError('died')) : store.work(lease, by)) });
      await sweeper({ holder: `worker-${deaths}`, around }).tick([WORKSPACE]).catch(() => undefined);
      await sweeper({ holder: 'early' }).tick([WORKSPACE]).catch(() => undefined);
      if (told.length === 0) expect(deaths).toBeLessThan(30);
      world.clock.now += 31_000;
    }
    expect(told[0]?.counts).toMatchObject({ events: 5 });
    expect(await names()).toEqual([]);
  });

  it('keeps what a law wants kept, without whose it was, and everything of whoever has restricted its use', async () => {
    await openPlain((parts) => { parts.purposes = [{ ...MARKETING, retentionDays: 30 }]; });
    await world.track([order('bob', world.clock.now, 'bob')], { isVerified: true });
    await world.settle();
    const { collections } = world.store;
    await collections.legalHolds.insertOne({ _id: `${WORKSPACE}|h`, schemaVersion: 1, id: 'h', workspaceId: WORKSPACE, version: 1, createdAt: 0, updatedAt: 0, content: { category: 'order', reason: 'tax law', until: world.clock.now + 999 * DAY_MS } });
    const bob = (await collections.profiles.findOne({ 'identities.value': 'bob' }))!;
    const { own } = (await collections.consentStates.findOne({ profileId: bob.profileId }))!.state.marketing!;
    await collections.consentStates.updateOne({ profileId: bob.profileId }, { $set: { 'state.*': { own: { ...own!, decision: 'denied' } } } });
    world.clock.now += 31 * DAY_MS;
    expect((await sweepOnce()).counts).toEqual({ events: 2, rawRecords: 2, held: 1 });
    expect(await names()).toEqual(['bob']);
    const [held] = await collections.heldData.find().toArray();
    expect(held?.record).toMatchObject({ order: { orderId: 'o-m2' } });
    expect(JSON.stringify(held)).not.toMatch(/ana|profileId/);
    // Bob lifts it, long after the days of his order have gone by.
    await collections.consentStates.updateOne({ profileId: bob.profileId }, { $set: { 'state.*.own.decision': 'granted' } });
    world.clock.now += DAY_MS;
    expect((await sweepOnce()).counts).toEqual({ events: 1, rawRecords: 1, held: 1 });
  });

  it('removes what only a refused purpose kept, a month after the refusal', async () => {
    await openPlain((parts) => { parts.purposes = [{ ...MARKETING, retentionDays: 400 }, purpose('service', 400, ['profile.email'])]; });
    await world.track([{ ...identify('no', world.clock.now, {}), context: { consent: { categoryPreferences: { marketing: false } } } }], { isVerified: true });
    await world.settle();
    world.clock.now += 30 * DAY_MS;
    expect((await sweepOnce()).counts).toEqual({});
    world.clock.now += DAY_MS;
    expect((await sweepOnce()).counts).toMatchObject({ events: 3 });
    expect(await names()).toEqual([]);
  });

  it('has people looked at of whom something ended by rules that are new', async () => {
    await openPlain((parts) => { parts.purposes = [{ ...MARKETING }]; });
    expect((await profile()).dueAt).toBeNull();
    world.clock.now += 31 * DAY_MS;
    world.rebuild((parts) => { parts.purposes = [{ ...MARKETING, retentionDays: 30 }]; });
    await sweepOnce();
    await world.settle();
    expect(await profile()).toMatchObject({ fields: {}, activity: {} });
  });

  it('says what is kept how long, what was removed, and when something is overdue', async () => {
    await openPlain();
    const view = () => getRetention(admin(), { workspaceId: WORKSPACE } as Caller);
    expect(await view()).toMatchObject({ purposes: [{ key: 'marketing', retentionDays: 30 }, { key: 'service', retentionDays: 90 }], coveredByNone: 30, quarantineDays: 30, deliveryDays: null, lastSweep: null, isOverdue: false });
    world.clock.now += 31 * DAY_MS;
    await sweepOnce();
    // Nobody has looked at Ana for 12 hours, and then for more than a day.
    expect(await view()).toMatchObject({ lastSweep: { isFull: true, removed: { eventParts: 2 } }, overduePeople: 0, isOverdue: false });
    world.clock.now += DAY_MS;
    expect(await view()).toMatchObject({ overduePeople: 1, isOverdue: true });
    await world.settle();
    expect(await view()).toMatchObject({ overduePeople: 0, isOverdue: false });
    world.clock.now += DAY_MS;
    expect(await view()).toMatchObject({ isOverdue: true });
  });

  it('empties the journal of merges', async () => {
    await openPlain();
    await world.track([{ type: 'identify', anonymousId: 'a1', messageId: 'm3', timestamp: new Date(world.clock.now).toISOString(), traits: { nickname: 'ana_l' }, context: consented }], { isVerified: true });
    await world.settle();
    await world.track([{ type: 'identify', anonymousId: 'a1', userId: 'ana', messageId: 'm4', timestamp: new Date(world.clock.now).toISOString(), context: consented }], { isVerified: true });
    await world.settle();
    world.clock.now += 31 * DAY_MS;
    expect((await sweepOnce()).counts).toMatchObject({ merges: 1 });
    const before = (await world.store.collections.merges.find().toArray()).map((merge) => merge.before);
    expect(JSON.stringify(before)).not.toMatch(/Lima|ana_l/);
    expect(JSON.stringify(before)).toContain('ana@example.com');
  });

  it('removes by the operator’s days what belongs to no purpose', async () => {
    await openPlain();
    await world.track([{ type: 'track', userId: 'ana', messageId: 'bad' }]);
    await world.settle();
    const { quarantine, deliveries } = world.store.collections;
    expect([await quarantine.countDocuments(), await deliveries.countDocuments()]).toEqual([1, 1]);
    world.clock.now += 10 * DAY_MS;
    expect((await sweepOnce({ days: { quarantine: 10, deliveries: 10 } })).counts).toEqual({});
    world.clock.now += DAY_MS;
    expect((await sweepOnce({ days: { quarantine: 10, deliveries: 10 } })).counts).toEqual({ quarantine: 1, deliveries: 1 });
    expect([await quarantine.countDocuments(), await deliveries.countDocuments()]).toEqual([0, 0]);
  });
});
