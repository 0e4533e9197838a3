import type { FlowDefinition, JsonValue } from '@firsthand/domain';
import { createSweep, recordConsents, type Sweep } from '@firsthand/pipeline';
import { createWorld, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const delayed: FlowDefinition = {
  flowId: 'delayed', version: 1, name: 'Delayed', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false,
  steps: [{ id: 'wait', type: 'delay', span: { minutes: 1 } }, { id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' }],
};
const quiet = (parts: WorldParts): void => {
  parts.segments = [{ segmentId: 'quiet', version: 1, name: 'Quiet', purpose: 'marketing', condition: { not: { event: 'Order Completed', within: { days: 1 } } } }];
};

const message = (userId: string): JsonValue => ({ type: 'track', messageId: `m-${userId}`, userId, event: 'Product Viewed', properties: {}, timestamp: new Date(world.clock.now).toISOString() });
const users = (count: number): string[] => Array.from({ length: count }, (_, index) => `u${index}`);

async function consent(names: readonly string[]): Promise<void> {
  const { clock, configuration, store } = world;
  for (const value of names) {
    await recordConsents({
      workspaceId: WORKSPACE, identity: { namespace: 'userId', value }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }], agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
    }, { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID() });
  }
}

/** A sweep of its own, with what it rang and warned of. */
function newSweep(over: Partial<Parameters<typeof createSweep>[0]> = {}): { sweep: Sweep; rung: string[]; warned: Record<string, string | number>[] } {
  const rung: string[] = [];
  const warned: Record<string, string | number>[] = [];
  const sweep = createSweep({
    store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: ({ connectionId }) => void rung.push(connectionId) }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now,
    log: { warn: (fields) => void warned.push(fields) }, ...over,
  });
  return { sweep, rung, warned };
}

describe('the sweep', () => {
  it('postpones the person who breaks it by an hour, says so by code, and is quiet until then', async () => {
    world = await createWorld();
    await consent(users(5));
    world.rebuild(quiet);
    const { profiles } = world.store.collections;
    await profiles.updateMany({}, { $set: { dueAt: world.clock.now } });
    await profiles.updateOne({ 'identities.value': 'u2' }, { $set: { activity: null as never } });
    const { sweep, warned } = newSweep();
    await expect(sweep.tick()).rejects.toThrow(TypeError);
    expect(await profiles.countDocuments({ 'memberships.quiet.isMember': true })).toBe(4);
    expect(await profiles.findOne({ 'identities.value': 'u2' })).toMatchObject({ dueAt: world.clock.now + HOUR_MS, activity: null });
    expect(warned).toEqual([{ workspaceId: WORKSPACE, rows: 1, error: 'TypeError', waitMs: HOUR_MS }]);
    await sweep.tick();
    await profiles.updateOne({ 'identities.value': 'u2' }, { $set: { activity: {} } });
    world.clock.now += HOUR_MS;
    await sweep.tick();
    expect(await profiles.countDocuments({ 'memberships.quiet.isMember': true })).toBe(5);
  });

  it('reaches who is due behind more people that break it than a batch holds', async () => {
    world = await createWorld();
    await consent(users(2));
    world.rebuild(quiet);
    const { profiles } = world.store.collections;
    const broken = await profiles.findOne({ 'identities.value': 'u0' });
    await profiles.insertMany(Array.from({ length: 210 }, (_, index) => ({ ...broken, _id: `${WORKSPACE}|b${index}`, profileId: `b${index}`, identities: [], activity: null, dueAt: 1 })) as never[]);
    await profiles.updateOne({ 'identities.value': 'u1' }, { $set: { dueAt: 2 } });
    await expect(newSweep().sweep.tick()).rejects.toThrow(TypeError);
    expect((await profiles.findOne({ 'identities.value': 'u1' }))?.memberships.quiet).toMatchObject({ isMember: true });
    await newSweep().sweep.tick();
  });

  it('postpones the run that breaks it, and continues the others', async () => {
    world = await createWorld((parts) => { parts.flows = [delayed]; });
    await consent(users(3));
    await world.track(users(3).map(message), { isVerified: true });
    await world.settle();
    world.clock.now += 2 * 60_000;
    const { runs, events, deliveries } = world.store.collections;
    const run = await runs.findOne({});
    await events.updateOne({ _id: run?.eventId as string }, { $set: { record: null as never } });
    const { store } = world.store;
    const failing = { ...store, transaction: ((work: Parameters<typeof store.transaction>[0]) => store.transaction((tx) => work({
      ...tx,
      findEvents: async (ids) => {
        const found = await tx.findEvents(ids);
        for (const event of found.values()) if ((event.record as unknown) === null) throw new TypeError('damaged');
        return found;
      },
    }))) as typeof store.transaction };
    await expect(newSweep({ store: failing }).sweep.tick()).rejects.toThrow(TypeError);
    expect(await deliveries.countDocuments({})).toBe(2);
    expect(await runs.find({ dueAt: { $gt: 0 } }).toArray()).toMatchObject([{ _id: run?._id, dueAt: world.clock.now + HOUR_MS, resumeAtStep: run?.resumeAtStep }]);
    await newSweep({ store: failing }).sweep.tick();
  });

  it('rings the lanes first, and goes on with the other parts when one fails', async () => {
    world = await createWorld((parts) => { parts.flows = [delayed]; });
    await consent(users(1));
    await world.track(users(1).map(message), { isVerified: true });
    await world.settle();
    world.clock.now += 2 * 60_000;
    const order: string[] = [];
    const { store } = world.store;
    const { sweep, rung } = newSweep({
      store: {
        ...store,
        findDueLanes: () => { order.push('lanes'); return Promise.resolve([{ workspaceId: WORKSPACE, connectionId: SINK }, { workspaceId: WORKSPACE, connectionId: 'closed' }]); },
        inbox: { ...store.inbox, hasDue: () => { order.push('inbox'); return Promise.reject(new RangeError('no')); } },
        findDueProfiles: () => { order.push('people'); return Promise.reject(new RangeError('no')); },
      },
    });
    await expect(sweep.tick()).rejects.toThrow(RangeError);
    expect(order).toEqual(['lanes', 'inbox', 'people']);
    expect(rung).toEqual([SINK, SINK]);
  });

  it('of several processes at once does what many people and runs are due for once, and none fails', async () => {
    world = await createWorld((parts) => { parts.flows = [delayed]; });
    await consent(users(40));
    await world.track(users(40).map(message), { isVerified: true });
    await world.settle();
    world.rebuild(quiet);
    await world.store.collections.profiles.updateMany({}, { $set: { dueAt: world.clock.now } });
    world.clock.now += 2 * 60_000;
    await Promise.all([1, 2, 3, 4].map(() => newSweep().sweep.tick()));
    const { deliveries, runs, events, profiles } = world.store.collections;
    expect([await deliveries.countDocuments({}), await runs.countDocuments({ dueAt: { $gt: 0 } }), await events.countDocuments({ 'record.name': 'Segment Entered' })]).toEqual([40, 0, 40]);
    expect(await profiles.countDocuments({ dueAt: { $lte: world.clock.now, $gt: 0 } })).toBe(0);
  });
});
