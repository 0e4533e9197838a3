import { randomUUID } from 'node:crypto';
import { activityKey, compileCondition, compileMapping, createDictionary, fieldOf, isConditional, settlementsOf, type ActivityKey, type Condition, type JsonValue, type PropertyCondition } from '@firsthand/domain';
import { createBackfillStore, createConfigurationRepository } from '@firsthand/persistence';
import { createApply, createBackfillWorker, FenceLost, newBackfill, type Backfill, type BackfillStore, type BackfillWorker } from '@firsthand/pipeline';
import fc from 'fast-check';
import { createWorld, WORKSPACE, type World } from '../support/pipeline-world.js';

/** Counters that nobody kept are counted from the stored events, over a real MongoDB and a clock of the test's own. */
const SHIRT: PropertyCondition = { path: 'properties.sku', op: 'eq', value: 'shirt' };
const BOUGHT = 'Order Completed';
const DAY_MS = 86_400_000;

let world: World;
let backfills: BackfillStore;

beforeAll(async () => {
  world = await createWorld((parts) => { parts.flows = []; });
  backfills = createBackfillStore(world.store.connection);
});
afterAll(() => world.close());
beforeEach(async () => {
  for (const name of ['backfills', 'profiles', 'events', 'identities', 'aliases', 'merges']) await world.store.connection.collection(name).deleteMany({});
  live({});
});

const workerOf = (options: Partial<Parameters<typeof createBackfillWorker>[0]> = {}): BackfillWorker => createBackfillWorker({
  backfills, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, holder: randomUUID(), pageSize: 2, ...options,
});

/** Makes exactly these segments live, as every process sees it from now on. */
function live(conditions: Record<string, Condition>): void {
  world.rebuild((parts) => {
    parts.segments = Object.entries(conditions).map(([segmentId, condition]) => ({ segmentId, version: 1, name: segmentId, purpose: 'service', condition }));
  });
}

/** Makes a segment live whose counters nobody kept, with the backfill that this asks for. */
async function publish(conditions: Record<string, Condition>, published: string): Promise<ActivityKey[]> {
  live(conditions);
  const counters = compileCondition(conditions[published] as Condition).activityKeys.filter(isConditional);
  await createConfigurationRepository(world.store.connection).create<Backfill>('backfills', WORKSPACE, randomUUID(), newBackfill(counters, world.clock.now), world.clock.now);
  return counters;
}

function bought(messageId: string, who: Record<string, string>, sku = 'shirt', daysAgo = 0): JsonValue {
  return { type: 'track', event: BOUGHT, messageId, ...who, timestamp: new Date(world.clock.now - daysAgo * DAY_MS).toISOString(), properties: { sku, rating: (daysAgo + 1) / 10 } };
}

async function track(...messages: JsonValue[]): Promise<void> {
  await world.track(messages, { isVerified: true });
}

/** Runs every pass to the end. */
async function finish(worker = workerOf()): Promise<void> {
  for (let turns = 0; (await rows().countDocuments({})) > 0; turns += 1) {
    if (turns > 10) throw new RangeError('The backfill does not come to an end.');
    world.clock.now += 45_000;
    await worker.tick();
  }
}

const rows = () => world.store.connection.getClient().db(world.store.connection.name).collection('backfills');
const people = () => world.store.collections.profiles.find({}).toArray();
const counterOf = async (where: PropertyCondition[], name = BOUGHT) => (await people()).map(({ activity }) => activity[activityKey(name, where)]?.total ?? 0);

it('gives the counters that tracking from the start would have given, whenever it begins and whatever happens meanwhile', async () => {
  const person = fc.integer({ min: 0, max: 2 });
  const op = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('event' as const), person, isDevice: fc.boolean(), sku: fc.constantFrom('shirt', 'hat'), daysAgo: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('link' as const), person }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'apply' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'backfill' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'both' as const }) },
  );
  let [run, summed] = [0, 0];
  await fc.assert(fc.asyncProperty(fc.array(op, { minLength: 5, maxLength: 25 }), fc.nat(24), async (ops, publishAt) => {
    run += 1;
    await rows().deleteMany({});
    // Equal in meaning to the condition kept from the start, but a counter of its own.
    const where: PropertyCondition[] = [SHIRT, { path: 'properties.run', op: 'neq', value: run }];
    const measuring = (asked: PropertyCondition[]): Condition => ({
      any: [
        { event: BOUGHT, where: asked }, { event: '*', where: asked }, { event: BOUGHT, where: asked, sum: { path: 'properties.rating', op: 'gte', value: 1 } },
        { sequence: [{ event: BOUGHT, where: asked }, { event: '*', where: asked }] },
      ],
    });
    const [fromStart, later] = [measuring([SHIRT]), measuring(where)];
    live({ fromStart });
    const worker = workerOf();
    for (const [index, step] of [...ops, { kind: 'apply' as const }].entries()) {
      if (index === Math.min(publishAt, ops.length)) await publish({ fromStart, later }, 'later');
      const name = 'person' in step ? `${run}-${step.person}` : '';
      if (step.kind === 'event') await track(bought(`${run}-${index}`, step.isDevice ? { anonymousId: `a-${name}` } : { userId: `u-${name}` }, step.sku, step.daysAgo));
      if (step.kind === 'link') await track({ type: 'identify', messageId: `${run}-${index}`, userId: `u-${name}`, anonymousId: `a-${name}`, traits: {}, timestamp: new Date(world.clock.now).toISOString() });
      if (step.kind === 'backfill' || step.kind === 'both') world.clock.now += 1_500;
      await Promise.all([
        step.kind === 'apply' || step.kind === 'both' ? world.apply.drain() : undefined, step.kind === 'backfill' || step.kind === 'both' ? worker.tick() : undefined,
      ]);
    }
    await world.apply.drain();
    await finish(worker);
    for (const { activity } of await people()) {
      const [kept, counted] = [fromStart, later].map((condition) => compileCondition(condition).activityKeys.map(({ key }) => activity[key]));
      expect(kept).toHaveLength(5);
      summed += kept?.[2]?.sum ?? 0;
      expect(counted).toEqual(kept);
    }
  }), { numRuns: 20 });
  expect(summed).toBeGreaterThan(0);
});

it('lets nobody enter or stay by a past that the counters did not know', async () => {
  await track(bought('m1', { userId: 'u1' }), bought('m2', { userId: 'u2' }, 'hat'));
  await world.settle();
  await publish({ buyers: { event: BOUGHT, where: [SHIRT], within: { days: 30 } }, strangers: { not: { event: BOUGHT, where: [SHIRT] } } }, 'buyers');
  world.clock.now += 2_500;
  await workerOf().tick();
  expect(await rows().findOne()).toMatchObject({ content: { isFilled: true, holder: null } });
  world.clock.now += 1_000;
  await workerOf().tick();
  await world.settle();
  const inside = (await people()).map(({ identities, memberships }) => [identities[0]?.value, Object.keys(memberships).filter((id) => memberships[id]?.isMember)]);
  expect(Object.fromEntries(inside)).toEqual({ u1: ['buyers'], u2: ['strangers'] });
});

it('has in a published segment who had spent so much, and who had done it in that order', async () => {
  const viewed = (messageId: string, userId: string, daysAgo: number): JsonValue => ({ ...(bought(messageId, { userId }, 'shirt', daysAgo) as object), event: 'Product Viewed' });
  const spend = (messageId: string, userId: string, daysAgo: number): JsonValue => bought(messageId, { userId }, 'shirt', daysAgo);
  // 0.1 for each day ago and one: u1 has spent 0.3 within two days, u2 as much before them. u1 looked first, u2 bought first.
  await track(viewed('v1', 'u1', 3), spend('b1', 'u1', 1), spend('b2', 'u1', 0), spend('b3', 'u2', 2), viewed('v2', 'u2', 1));
  await world.settle();
  const spenders: Condition = { event: BOUGHT, within: { days: 2 }, sum: { path: 'properties.rating', op: 'gte', value: 0.3 } };
  const lookers: Condition = { sequence: [{ event: 'Product Viewed' }, { event: BOUGHT }], within: { days: 7 } };
  for (const [id, condition, counters] of [['spenders', spenders, 1], ['lookers', lookers, 2]] as const) {
    expect(await publish({ [id]: condition }, id)).toHaveLength(counters);
    await finish();
    await world.settle();
    const inside = (await people()).flatMap(({ identities, memberships }) => (memberships[id]?.isMember === true ? [identities[0]?.value] : []));
    expect([id, inside]).toEqual([id, ['u1']]);
  }
});

it('makes up for a process that went on with the older configuration', async () => {
  await track(bought('m1', { userId: 'u1' }));
  await world.settle();
  const older = world.configuration.current;
  const straggler = createApply({
    store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => older }, clock: () => world.clock.now, newId: randomUUID,
    tombstoneDigest: () => 'none', http: { request: () => Promise.reject(new TypeError('no network')) }, pluginLog: () => ({ info: () => undefined, warn: () => undefined }), log: { warn: () => undefined },
  });
  await publish({ buyers: { event: BOUGHT, where: [SHIRT], count: { op: 'gte', value: 2 } } }, 'buyers');
  world.clock.now += 2_500;
  await workerOf().tick();
  await track(bought('m2', { userId: 'u1' }));
  await straggler.drain();
  expect(await counterOf([SHIRT])).toEqual([1]);
  await finish();
  expect(await counterOf([SHIRT])).toEqual([2]);
  await world.settle();
  expect((await people())[0]?.memberships.buyers).toMatchObject({ isMember: true });
});

it('counts whoever takes in a person that the pass has not come to yet', async () => {
  const known = Array.from({ length: 8 }, (_, index) => bought(`u${index}`, { userId: `u${index}` }));
  await track(...known, ...known.map((_, index) => bought(`a${index}`, { anonymousId: `a${index}` })));
  await world.settle();
  const byId = (await people()).sort((one, other) => (one.profileId < other.profileId ? -1 : 1));
  const named = (namespace: string) => byId.filter(({ identities }) => identities[0]?.namespace === namespace);
  const [winner, loser] = [named('userId')[0], named('anonymousId').at(-1)];
  await publish({ buyers: { event: BOUGHT, where: [SHIRT] } }, 'buyers');
  world.clock.now += 2_500;
  const merging: BackfillStore = {
    ...backfills,
    async visit(...given) {
      const visited = await backfills.visit(...given);
      if (visited.last === winner?.profileId) {
        await track({ type: 'identify', messageId: 'link', userId: winner?.identities[0]?.value ?? '', anonymousId: loser?.identities[0]?.value ?? '', traits: {}, timestamp: new Date(world.clock.now).toISOString() });
        await world.apply.drain();
      }
      return visited;
    },
  };
  await workerOf({ backfills: merging, pageSize: 1 }).tick();
  expect((await people()).find(({ profileId }) => profileId === winner?.profileId)).toMatchObject({ mergedFrom: [loser?.profileId], activity: { [activityKey(BOUGHT, [SHIRT])]: { total: 2 } } });
});

describe('a worker', () => {
  const crowd = () => Array.from({ length: 7 }, (_, index) => bought(`m${index}`, { userId: `u${index}` }));

  it('that crashes is followed by another one, from the page it had come to', async () => {
    await track(...crowd());
    await world.settle();
    await publish({ buyers: { event: BOUGHT, where: [SHIRT] } }, 'buyers');
    world.clock.now += 2_500;
    let pages = 0;
    const crashing: BackfillStore = {
      ...backfills,
      async visit(...given) {
        if ((pages += 1) === 3) throw new RangeError('killed');
        return backfills.visit(...given);
      },
    };
    await expect(workerOf({ backfills: crashing }).tick()).rejects.toThrow(RangeError);
    expect((await counterOf([SHIRT])).filter((total) => total === 1).length).toBe(4);
    const seen: (string | null)[] = [];
    const following: BackfillStore = { ...backfills, visit: (...given) => { if ('after' in given[1].selection) seen.push(given[1].selection.after); return backfills.visit(...given); } };
    await workerOf({ backfills: following }).tick();
    expect(seen).toEqual([]);
    world.clock.now += 30_000;
    await workerOf({ backfills: following }).tick();
    expect(seen.length).toBe(2);
    expect(seen[0]).not.toBeNull();
    expect(await counterOf([SHIRT])).toEqual(crowd().map(() => 1));
  });

  it('whose lease was taken over writes nothing more', async () => {
    await track(...crowd());
    await world.settle();
    await publish({ buyers: { event: BOUGHT, where: [SHIRT] } }, 'buyers');
    const now = world.clock.now + 2_500;
    const slow = await backfills.claim({ now, until: now + 10, holder: 'slow' });
    expect(await backfills.claim({ now, until: now + 10, holder: 'quick' })).toBeNull();
    const quick = await backfills.claim({ now: now + 10, until: now + 99, holder: 'quick' });
    expect([slow?.fence, quick?.fence]).toEqual([1, 2]);
    if (slow === null || quick === null) return;
    const visit = { selection: { after: null, limit: 9 }, recount: null, startedAt: now, now, until: now + 99 };
    await expect(backfills.visit(slow, visit, () => ({ activity: {}, dueAt: 1 }))).rejects.toThrow(FenceLost);
    await expect(backfills.save(slow, slow.backfill)).rejects.toThrow(FenceLost);
    await expect(backfills.finish(slow)).rejects.toThrow(FenceLost);
    expect((await people()).every(({ dueAt }) => dueAt !== 1)).toBe(true);
    await backfills.finish(quick);
    expect(await rows().countDocuments({})).toBe(0);
  });

  it('that is stopped gives the rest back at once', async () => {
    await track(...crowd());
    await world.settle();
    await publish({ buyers: { event: BOUGHT, where: [SHIRT] } }, 'buyers');
    world.clock.now += 2_500;
    const worker = workerOf({ backfills: { ...backfills, visit: (...given) => { worker.stop(); return backfills.visit(...given); } } });
    await worker.tick();
    expect(await rows().findOne()).toMatchObject({ content: { holder: null, until: 0, isFilled: false, cursor: expect.any(String) } });
    await workerOf().tick();
    expect(await counterOf([SHIRT])).toEqual(crowd().map(() => 1));
  });
});

it('writes nobody whose answer stays, and counts no event of the platform itself', async () => {
  live({ everybody: { event: BOUGHT } });
  await track(bought('m1', { userId: 'u1' }));
  await world.settle();
  expect(await world.store.collections.events.countDocuments({ 'record.name': 'Segment Entered' })).toBe(1);
  const before = await people();
  await publish({ everybody: { event: BOUGHT }, entered: { event: '*', where: [{ path: 'properties.segmentId', op: 'eq', value: 'everybody' }] } }, 'entered');
  await finish();
  expect(await people()).toEqual(before);
});

describe('values of a field that was changed in a way that breaks', () => {
  const described = { entity: 'profile', description: 'Size.' };
  const versions = [
    { changes: [{ path: 'profile.custom.beltSize', change: 'changed' as const, breaks: ['/type was string'], storedValues: 'convert' as const }] },
    { changes: [{ path: 'profile.custom.capSize', change: 'renamed' as const, to: 'profile.custom.hatSize', breaks: ['/name'], storedValues: 'convert' as const }] },
    { changes: [{ path: 'profile.custom.fax', change: 'removed' as const, breaks: ['is taken out'], storedValues: 'drop' as const }] },
  ];
  const valuesOf = async (userId: string): Promise<unknown[]> => {
    const profile = await world.store.collections.profiles.findOne({ 'identities.value': userId });
    return ['custom.beltSize', 'custom.capSize', 'custom.hatSize', 'custom.fax'].map((name) => fieldOf(profile as never, name)?.value);
  };

  it('become those of the dictionary for everybody, segments follow, and what was on its way under the older one is brought along', async () => {
    const older = createDictionary({ customFields: [{ ...described, name: 'beltSize', type: 'string' }, { ...described, name: 'capSize', type: 'integer' }, { ...described, name: 'fax', type: 'string' }] });
    const newer = createDictionary({ customFields: [{ ...described, name: 'beltSize', type: 'integer' }, { ...described, name: 'hatSize', type: 'integer' }], settlements: settlementsOf(versions) });
    const under = (dictionary: typeof older) => { world.configuration.current = { ...world.configuration.current, dictionary }; };
    const mapping = { name: '{{event}}', messageId: '{{messageId}}', 'identities.userId': '{{userId}}', 'profile.custom': '{{traits}}' };
    world.rebuild((parts) => { parts.sources = [{ connectionId: 'web', mapping: compileMapping(mapping) }]; });
    live({ fitted: { trait: 'custom.beltSize', op: 'gte', value: 90 } });
    under(older);
    const tell = (userId: string, traits: Record<string, JsonValue>) => track({ event: BOUGHT, messageId: `${userId}-1`, userId, traits });
    await tell('u1', { beltSize: '95', capSize: 58, fax: '123' });
    await tell('u2', { beltSize: 'wide' });
    await world.settle();
    // Mapped by the older dictionary, applied by the newer one.
    await tell('u3', { beltSize: '99', capSize: 60, fax: '456' });
    live({ fitted: { trait: 'custom.beltSize', op: 'gte', value: 90 } });
    under(newer);
    await createConfigurationRepository(world.store.connection).create<Backfill>('backfills', WORKSPACE, randomUUID(), newBackfill([], world.clock.now), world.clock.now);
    await workerOf().tick();
    await world.settle();
    expect(await Promise.all(['u1', 'u2', 'u3'].map(valuesOf))).toEqual([[95, undefined, 58, undefined], [undefined, undefined, undefined, undefined], [99, undefined, 60, undefined]]);
    const members = await world.store.collections.profiles.find({ 'memberships.fitted.isMember': true }).toArray();
    expect(members.flatMap(({ identities }) => identities.map(({ value }) => value)).sort()).toEqual(['u1', 'u3']);
    // All done: nobody is due for it again.
    await workerOf().tick();
    expect(await world.store.collections.profiles.countDocuments({ dueAt: { $lte: world.clock.now } })).toBe(0);
  });
});
