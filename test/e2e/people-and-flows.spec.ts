import { FirsthandError, type JsonValue } from '@firsthand/domain';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

async function start(adjust?: (parts: WorldParts) => void): Promise<void> {
  world = await createWorld(adjust);
}

describe('people', () => {
  it('whom a verified record names together become one, by alias and journal; events stay as they were', async () => {
    await start();
    await world.track([event(world, 'm1', { userId: 'u1' })], { isVerified: true });
    await world.track([identify(world, 'm2', 'u2', { email: 'ana@example.com' })], { isVerified: true });
    await world.settle();
    const before = await world.store.collections.events.find({}).sort({ _id: 1 }).toArray();
    const apart = await world.store.collections.profiles.find({}).toArray();
    await world.track([identify(world, 'm3', 'u1', { email: 'ana@example.com' })], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.profiles.countDocuments({})).toBe(1);
    const [merge, ...others] = await world.store.collections.merges.find({}).toArray();
    expect(others).toEqual([]);
    // Both as they were, and what joined them: all that an undo needs.
    const was = (profileId: string | undefined) => apart.map(({ _id, schemaVersion, dueAt, ...profile }) => profile).find((profile) => profile.profileId === profileId);
    expect(merge).toMatchObject({ causeEventId: expect.any(String), before: { winner: was(merge?.winner), loser: was(merge?.loser) } });
    expect(new Set([merge?.winner, merge?.loser])).toEqual(new Set(apart.map(({ profileId }) => profileId)));
    const after = await world.store.collections.events.find({ _id: { $in: before.map(({ _id }) => _id) } }).sort({ _id: 1 }).toArray();
    expect(after).toEqual(before);
    await world.track([event(world, 'm4', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    const [profile] = await world.store.collections.profiles.find({}).toArray();
    expect((profile as unknown as { activity: Record<string, { total: number }> }).activity['Product Viewed']?.total).toBe(2);
  });

  it('are never merged by a public key', async () => {
    await start();
    await world.track([identify(world, 'm1', 'u1', { email: 'one@example.com' }), identify(world, 'm2', 'u2', { email: 'two@example.com' })]);
    await world.settle();
    await world.track([identify(world, 'm3', 'u1', { email: 'two@example.com' })]);
    await world.settle();
    expect(await world.store.collections.profiles.countDocuments({})).toBe(2);
  });

  it('end the same in any order and batching', async () => {
    const messages = (): JsonValue[] => [
      identify(world, 'a', 'u1', { firstName: 'Ana' }, { timestamp: '2026-03-01T10:00:00Z' }), identify(world, 'b', 'u1', { firstName: 'Anna', lastName: 'Li' }, { timestamp: '2026-03-01T11:00:00Z' }),
      event(world, 'c', { timestamp: '2026-03-01T09:00:00Z' }), event(world, 'd', { timestamp: '2026-02-27T09:00:00Z' }),
    ];
    const outcome = async (batches: JsonValue[][]): Promise<unknown> => {
      for (const batch of batches) {
        await world.track(batch, { isVerified: true });
        await world.settle();
      }
      const [profile] = (await world.store.collections.profiles.find({}).toArray()) as unknown as { fields: Record<string, { value: JsonValue; at: number }>; activity: JsonValue; lastSeenAt: number }[];
      return { fields: Object.entries(profile?.fields ?? {}).map(([name, { value, at }]) => [name, value, at]).sort(), activity: profile?.activity, lastSeenAt: profile?.lastSeenAt };
    };
    await start();
    const forwards = await outcome([messages()]);
    await world.close();
    await start();
    const [a, b, c, d] = messages() as [JsonValue, JsonValue, JsonValue, JsonValue];
    expect(await outcome([[d], [b], [c, a]])).toEqual(forwards);
  });
});

describe('segments and flows', () => {
  const segments: WorldParts['segments'] = [{ segmentId: 'lapsed', version: 1, name: 'Lapsed', purpose: 'marketing', condition: { all: [{ event: 'Order Completed' }, { not: { event: '*', within: { seconds: 60 } } }] } }];
  const flows: WorldParts['flows'] = [{
    flowId: 'win-back', version: 1, name: 'Win back', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'lapsed', on: 'entered' }, acceptsHistorical: false,
    steps: [{ id: 'wait', type: 'delay', span: { seconds: 30 } }, { id: 'add', type: 'deliver', connectionId: 'sink', action: 'audience' }],
  }];

  it('are entered when only time has passed, wait as rows, deliver, and leaving takes out of the audience', async () => {
    await start((parts) => Object.assign(parts, { segments, flows }));
    await decide(world, 'granted');
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' }), event(world, 'm1', { event: 'Order Completed', properties: { orderId: 'o1' } })], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.events.countDocuments({ 'record.name': 'Segment Entered' })).toBe(0);
    world.clock.now += 60_000;
    await world.settle();
    expect(await world.store.collections.events.countDocuments({ 'record.name': 'Segment Entered' })).toBe(1);
    expect(world.received).toEqual([]);
    world.clock.now += 30_000;
    await world.settle();
    expect(world.received).toEqual([expect.objectContaining({ operation: 'addMembers', payload: expect.objectContaining({ email: 'ana@example.com' }) })]);
    await world.track([event(world, 'm2')], { isVerified: true });
    await world.settle();
    expect(world.received.at(-1)).toMatchObject({ operation: 'removeMembers', payload: { email: 'ana@example.com' } });
  });

  it('hold nobody without consent for their purpose', async () => {
    await start((parts) => Object.assign(parts, { segments, flows }));
    await world.track([event(world, 'm1', { event: 'Order Completed' })], { isVerified: true });
    await world.settle();
    world.clock.now += 61_000;
    await world.settle();
    const [profile] = (await world.store.collections.profiles.find({}).toArray()) as unknown as { memberships: JsonValue }[];
    expect(profile?.memberships).toEqual({});
  });

  it('are entered and left by nobody of whom it cannot be looked up what they consented to', async () => {
    await start((parts) => Object.assign(parts, { segments, flows }));
    await decide(world, 'granted');
    await world.track([event(world, 'm1', { event: 'Order Completed' })], { isVerified: true });
    await world.settle();
    world.clock.now += 61_000;
    const { store } = world.store;
    const { transaction } = store;
    const away = new FirsthandError('UNAVAILABLE');
    const goAway = (): void => { store.transaction = (work) => transaction.call(store, (tx) => work({ ...tx, findConsentStates: () => Promise.reject(away) })) as never; };
    const memberships = async () => (await world.store.collections.profiles.find({}).toArray()).map((profile) => profile.memberships.lapsed?.isMember);
    goAway();
    await expect(world.settle()).rejects.toThrow(away);
    expect([await memberships(), await world.store.collections.runs.countDocuments({})]).toEqual([[undefined], 0]);
    store.transaction = transaction;
    await world.settle();
    expect([await memberships(), await world.store.collections.runs.countDocuments({})]).toEqual([[true], 1]);
    goAway();
    await world.track([event(world, 'm2')], { isVerified: true });
    await world.settle();
    expect([await memberships(), await world.store.collections.inbox.countDocuments({})]).toEqual([[true], 1]);
    store.transaction = transaction;
    world.clock.now += 1_000;
    await world.settle();
    expect([await memberships(), await world.store.collections.inbox.countDocuments({})]).toEqual([[false], 0]);
  });

  it('of the past start nothing unless the flow says so', async () => {
    await start();
    await decide(world, 'granted');
    await world.track([event(world, 'm1', { timestamp: new Date(world.clock.now - 25 * 3_600_000).toISOString() })], { isVerified: true });
    await world.track([event(world, 'm2')], { isVerified: true, isImport: true });
    await world.settle();
    expect(await ledgerTotals(world)).toEqual({ received: 2, applied: 2 });
  });
});
