import { DAY_MS, PURPOSE_DEFAULTS, type Purpose } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { createWorld, MARKETING, WORKSPACE, type World } from '../support/pipeline-world.js';

const consented = { consent: { categoryPreferences: { marketing: true } } };
const purpose = (key: string, retentionDays: number | null, fields: string[], more: Partial<Purpose> = {}): Purpose => ({ key, name: {}, description: {}, lawfulBasis: 'contract', fields, expiresAfterDays: null, ...PURPOSE_DEFAULTS, separateConsent: [], retentionDays, ...more });
const PURPOSES = [{ ...MARKETING, retentionDays: 30 }, purpose('service', 90, ['profile.email', 'event.order.*'])];

let world: World;
afterEach(() => world.close());

const order = (messageId: string, at: number, userId = 'ana') => ({
  type: 'track', event: 'Order Completed', userId, messageId, timestamp: new Date(at).toISOString(), properties: { order_id: `o-${messageId}`, total: 9, currency: 'EUR', coupon: 'TEN' }, context: consented,
});
const identify = (messageId: string, at: number, traits: object, userId = 'ana') => ({ type: 'identify', userId, messageId, timestamp: new Date(at).toISOString(), traits, context: consented });
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
