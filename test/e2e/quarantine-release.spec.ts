import { compileMapping, type JsonObject, type JsonValue, type Mapping } from '@firsthand/domain';
import { createErasureStore, createRetentionStore, type StoredQuarantine } from '@firsthand/persistence';
import { createEraser, createQuarantineWorker, createRetentionSweep, startErasure, tryRelease, type QuarantineJobRow, type QuarantineQuery, type QuarantineWorker, type Store, type StoreTransaction } from '@firsthand/pipeline';
import web from '@firsthand/plugin-web';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** Records that could not be used, released over the whole pipeline. */
let world: World;
let jobs = 0;
afterEach(() => world.close());

const MINUTE_MS = 60_000;
const broken: Mapping = { type: '{{type}}', name: '{{event}}', messageId: '{{messageId}}', occurredAt: '{{timestamp}}', 'identities.userId': '{{member}}', 'identities.email': '{{mail}}', consents: '{{context.consent.categoryPreferences}}' };
const repaired: Mapping = { ...broken, 'identities.userId': '{{userId}}' };

/** A connection whose mapping finds nobody in what it is sent. */
async function start(adjust: (parts: WorldParts) => void = () => undefined): Promise<void> {
  world = await createWorld((parts) => {
    parts.sources = [{ connectionId: 'web', mapping: compileMapping(broken) }];
    adjust(parts);
  });
}

function repair(): void {
  world.rebuild((parts) => { parts.sources = parts.sources.map((source) => ({ ...source, mapping: compileMapping(repaired), mappingVersion: 2 })); });
}

function worker({ store = world.store.store, holder = 'one', pageSize = 100, days = null }: { store?: Store; holder?: string; pageSize?: number; days?: number | null } = {}): QuarantineWorker {
  return createQuarantineWorker({
    store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES, operatorDays: { quarantine: days }, holder, pageSize,
  });
}

async function order(more: Partial<QuarantineJobRow> = {}): Promise<string> {
  const jobId = `${WORKSPACE}|job-${(jobs += 1)}`;
  await world.store.store.transaction((tx) => tx.insertQuarantineJob({
    jobId, workspaceId: WORKSPACE, kind: 'release', selection: { connectionId: 'web' }, connectionIds: null, startsFlows: false, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: world.clock.now, after: null, counts: {}, dueAt: world.clock.now, end: null, ...more,
  }));
  return jobId;
}

const jobOf = (jobId: string) => world.store.collections.quarantineJobs.findOne({ _id: jobId });
const rows = (): Promise<StoredQuarantine[]> => world.store.collections.quarantine.find().sort({ receivedAt: 1, _id: 1 }).toArray();
const messageIds = async (): Promise<string[]> => (await world.store.collections.events.find({ connectionId: 'web' }).toArray()).map(({ record }) => record.messageId).sort();

async function release(more: Partial<QuarantineJobRow> = {}): Promise<Record<string, number>> {
  const jobId = await order(more);
  await worker().tick();
  const job = await jobOf(jobId);
  expect(job).toMatchObject({ dueAt: null, end: { as: 'done' }, holder: null });
  return job?.counts ?? {};
}

/** The ledger of each minute, without what is 0, and what lies in quarantine of it. Received is what has an end. */
async function expectBalance(): Promise<Map<number, Record<string, number>>> {
  const minutes = new Map<number, Record<string, number>>();
  for (const { minute, counts } of await world.store.collections.ledger.find({ connectionId: 'web' }).toArray()) {
    const own = minutes.get(minute) ?? {};
    minutes.set(minute, own);
    for (const [key, count] of Object.entries(counts)) own[key] = (own[key] ?? 0) + count;
  }
  for (const [minute, own] of minutes) {
    const { received = 0, ...ends } = own;
    expect([minute, Object.values(ends).reduce((sum, count) => sum + count, 0)]).toEqual([minute, received]);
    expect([minute, own.quarantined ?? 0]).toEqual([minute, (await rows()).filter(({ receivedAt }) => receivedAt >= minute && receivedAt < minute + MINUTE_MS).length]);
    for (const [key, count] of Object.entries(own)) if (count === 0) delete own[key];
  }
  return minutes;
}

/** A store whose transactions fail at a call, before it is made. */
function failing(at: (method: string, args: readonly unknown[]) => Error | undefined): Store {
  const { store } = world.store;
  return {
    ...store,
    transaction: (work) => store.transaction((tx) => work(new Proxy(tx, {
      get: (target, method: keyof StoreTransaction & string) => (...args: unknown[]): unknown => {
        const error = at(method, args);
        if (error !== undefined) return Promise.reject(error);
        return (target[method] as (...given: unknown[]) => unknown)(...args);
      },
    }))),
  };
}

const query = (more: Partial<QuarantineQuery> = {}): QuarantineQuery => ({ workspaceId: WORKSPACE, selection: {}, connectionIds: null, keptSince: 0, until: world.clock.now, after: null, limit: 100, ...more });
const tryOut = (more: Partial<QuarantineQuery> = {}) => tryRelease(world.store.store, query(more), () => ({ configuration: world.configuration.current, now: world.clock.now, newId: () => crypto.randomUUID(), tombstoneDigest: TOMBSTONES.digest }));

describe('a release', () => {
  it('does what its dry run said, once for each record however often it is asked for, under the minute of its receipt', async () => {
    await start();
    const firstMinute = world.clock.now;
    await world.track([event(world, 'm1'), event(world, 'm2'), event(world, 'm3', { userId: null })], { isVerified: true });
    await world.settle();
    world.clock.now += 10 * MINUTE_MS;
    await world.track([event(world, 'm4')], { isVerified: true });
    await world.settle();
    expect(new Set((await rows()).map(({ groupId }) => groupId)).size).toBe(1);
    expect(await tryOut()).toEqual({ records: 4, counts: { 'quarantined.MISSING_IDENTITY': 4 }, next: null });

    repair();
    // Sent again by the source, now that it is understood.
    await world.track([event(world, 'm2')], { isVerified: true });
    await world.settle();
    const counts = { applied: 2, duplicate: 1, 'quarantined.MISSING_IDENTITY': 1 };
    expect(await tryOut()).toEqual({ records: 4, counts, next: null });
    expect((await rows()).map(({ mappingVersion }) => mappingVersion)).toEqual([1, 1, 1, 1]);
    expect(await messageIds()).toEqual(['m2']);

    world.clock.now += 10 * MINUTE_MS;
    const [one, other] = [await order(), await order({ selection: { groupId: (await rows())[0]?.groupId as string } })];
    await Promise.all([worker().tick(), worker({ holder: 'two' }).tick()]);
    await worker().tick();
    const done = (await Promise.all([jobOf(one), jobOf(other)])).map((job) => job?.counts ?? {});
    const sum = (key: string): number => done.reduce((all, counted) => all + (counted[key] ?? 0), 0);
    expect([sum('applied'), sum('duplicate')]).toEqual([2, 1]);
    expect(await messageIds()).toEqual(['m1', 'm2', 'm4']);
    const minutes = await expectBalance();
    expect(minutes.get(firstMinute)).toEqual({ received: 3, applied: 1, duplicate: 1, quarantined: 1 });
    expect([...minutes.values()].reduce((all, { received = 0 }) => all + received, 0)).toBe(5);
  });

  it('records no refusal twice that was heard when its record was put aside, and undoes nothing that was said since', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', mapping: compileMapping(repaired), unknownEvents: 'quarantine' }]; });
    const refusing = (messageId: string, userId: string): JsonValue => event(world, messageId, { event: 'Hat Waved', userId, context: { consent: { categoryPreferences: { marketing: false } } } });
    await world.track([refusing('m1', 'u1'), refusing('m2', 'u2')], { isVerified: true });
    await world.settle();
    world.clock.now += MINUTE_MS;
    await decide(world, 'granted', 'u2');
    const said = () => world.store.collections.consents.find({}, { sort: { _id: 1 }, projection: { decision: 1, identityKey: 1 } }).toArray();
    const before = await said();
    expect(before.map(({ identityKey, decision }) => [identityKey, decision]).sort()).toEqual([['userId|u1', 'denied'], ['userId|u2', 'denied'], ['userId|u2', 'granted']]);

    world.rebuild((parts) => { parts.sources = parts.sources.map((source) => ({ ...source, unknownEvents: 'accept' })); });
    expect(await release()).toEqual({ applied: 2 });
    expect(await said()).toEqual(before);
    const states = await world.store.collections.consentStates.find().toArray();
    expect(states.map(({ state }) => state.marketing?.own?.decision).sort()).toEqual(['denied', 'granted']);
    await expectBalance();
  });

  it('hears a yes that was a no when its record was put aside, where its time was mended too; of one moment the no stays', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', mapping: compileMapping(repaired), unknownEvents: 'quarantine' }]; });
    const refusing = (messageId: string, userId: string): JsonValue => event(world, messageId, { event: 'Hat Waved', userId, context: { consent: { categoryPreferences: { marketing: false } } } });
    await world.track([refusing('m1', 'u1'), refusing('m2', 'u2')], { isVerified: true });
    await world.settle();
    world.clock.now += MINUTE_MS;
    for (const { _id, raw } of await rows()) {
      const mended: JsonObject = { ...(JSON.parse(raw) as JsonObject), context: { consent: { categoryPreferences: { marketing: true } } } };
      const isLater = mended.messageId === 'm1';
      await world.store.collections.quarantine.updateOne({ _id }, { $set: { original: raw, raw: JSON.stringify(isLater ? { ...mended, timestamp: new Date(world.clock.now).toISOString() } : mended) } });
    }
    world.rebuild((parts) => { parts.sources = parts.sources.map((source) => ({ ...source, unknownEvents: 'accept' })); });
    expect(await release()).toEqual({ applied: 2 });
    const said = await world.store.collections.consents.find({}).toArray();
    expect(said.map(({ identityKey, decision }) => `${identityKey} ${decision}`).sort()).toEqual(['userId|u1 denied', 'userId|u1 granted', 'userId|u2 denied']);
    const states = await world.store.collections.consentStates.find().toArray();
    expect(states.map(({ state }) => state.marketing?.own?.decision).sort()).toEqual(['denied', 'granted']);
  });

  it('goes in the order of receipt, at its pace, and a record that is still bad goes back under its own id and age', async () => {
    await start();
    for (const [index, messageId] of ['m1', 'bad', 'm2', 'm3'].entries()) {
      await world.track([event(world, messageId, messageId === 'bad' ? { userId: '' } : { properties: { index } })], { isVerified: true });
      world.clock.now += 1_000;
    }
    await world.settle();
    const before = await rows();
    repair();
    world.clock.now += MINUTE_MS;
    const jobId = await order({ perSecond: 1 });
    const applied: string[][] = [];
    for (let pages = 0; pages < 5; pages += 1) {
      await worker().tick();
      applied.push(await messageIds());
      world.clock.now += 1_000;
    }
    expect(applied).toEqual([['m1'], ['m1'], ['m1', 'm2'], ['m1', 'm2', 'm3'], ['m1', 'm2', 'm3']]);
    expect(await jobOf(jobId)).toMatchObject({ counts: { applied: 3, 'quarantined.MISSING_IDENTITY': 1 }, end: { as: 'done' } });
    const [bad] = await rows();
    expect(bad).toMatchObject({ _id: before[1]?._id, receivedAt: before[1]?.receivedAt, quarantinedAt: before[1]?.quarantinedAt, mappingVersion: 2 });
    expect(bad?.groupId).not.toBe(before[1]?.groupId);
    await expectBalance();
  });

  it('starts no flow, unless it is told to and the flow accepts what is historical', async () => {
    const onEvent = (flowId: string, acceptsHistorical: boolean): WorldParts['flows'][number] => ({
      flowId, version: 1, name: flowId, purpose: 'marketing', trigger: { type: 'event', name: '*' }, acceptsHistorical, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' }],
    });
    await start((parts) => {
      parts.segments = [{ segmentId: 'seen', version: 1, name: 'Seen', purpose: 'marketing', condition: { event: 'Product Viewed' } }];
      parts.flows = [onEvent('now', false), onEvent('ever', true), { ...onEvent('entered', true), trigger: { type: 'segment', segmentId: 'seen', on: 'entered' } }];
    });
    await decide(world, 'granted', 'u1');
    await decide(world, 'granted', 'u2');
    await world.track([event(world, 'm1'), event(world, 'm2', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    repair();
    const [first] = await rows();
    await release({ selection: { quarantineIds: [first?._id as string] } });
    await world.settle();
    expect(await world.store.collections.deliveries.countDocuments()).toBe(0);
    expect(await world.store.collections.profiles.countDocuments({ 'memberships.seen.isMember': true })).toBe(1);
    await release({ startsFlows: true });
    await world.settle();
    expect((await world.store.collections.deliveries.find().toArray()).map(({ flowId }) => flowId).sort()).toEqual(['entered', 'ever']);
    expect((await ledgerTotals(world)).applied).toBe(2);
  });

  it('asks for the consent of now', async () => {
    await start((parts) => { parts.sources = parts.sources.map((source) => ({ ...source, collectionPurpose: 'marketing' })); });
    await decide(world, 'granted', 'u1');
    await decide(world, 'granted', 'u2');
    await world.track([event(world, 'm1'), event(world, 'm2', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    repair();
    world.clock.now += MINUTE_MS;
    await decide(world, 'withdrawn', 'u2');
    expect(await tryOut()).toMatchObject({ counts: { applied: 1, 'refused.consent-withdrawn': 1 } });
    expect(await release()).toEqual({ applied: 1, 'refused.consent-withdrawn': 1 });
    expect(await messageIds()).toEqual(['m1']);
    await expectBalance();
  });

  it('lets nobody in who was erased, under whatever name the record has them, also before it was changed', async () => {
    await start();
    await world.track([event(world, 'm1', { note: 'ana@example.com' }), event(world, 'm2', { note: 'ben@example.com' })], { isVerified: true });
    await world.settle();
    await world.store.collections.quarantine.updateOne({ raw: /ana@/ }, [{ $set: { original: '$raw', raw: { $replaceOne: { input: '$raw', find: 'ana@example.com', replacement: 'x' } } } }]);
    repair();
    // Their removal has not come to the quarantine yet.
    await world.store.store.transaction((tx) => tx.insertTombstones(WORKSPACE, [TOMBSTONES.digest(WORKSPACE, 'email|ana@example.com')], 'k', 1));
    expect(await release()).toEqual({ applied: 1, 'refused.erased': 1 });
    expect(await messageIds()).toEqual(['m2']);
    await expectBalance();
  });

  it('leaves alone what its connection may not let in any more', async () => {
    await start();
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    repair();
    world.rebuild((parts) => { parts.sources = parts.sources.map((source) => ({ ...source, provenance: { collection: 'third-party', statement: 'Bought.' } })); });
    expect(await release()).toEqual({ 'left.PROVENANCE_THIRD_PARTY': 1 });
    world.rebuild((parts) => { parts.sources = [{ connectionId: 'other' }]; });
    expect(await release()).toEqual({ 'left.connection-gone': 1 });
    expect(await rows()).toHaveLength(1);
    await expectBalance();
  });

  it('counts a claim as a claim still, and a record of before that was noted too', async () => {
    await start();
    await world.track([event(world, 'm1')]);
    await world.track([event(world, 'm2', { userId: 'u2' })], { isVerified: true });
    await world.track([event(world, 'm3', { userId: 'u3' })], { isVerified: true });
    await world.settle();
    await world.store.collections.quarantine.updateOne({ raw: /"m3"/ }, { $unset: { isVerified: true } });
    repair();
    expect(await release()).toEqual({ applied: 3 });
    expect((await world.store.collections.profiles.find({ 'verifiedKeys.0': { $exists: true } }).toArray()).map(({ identities }) => identities[0]?.value)).toEqual(['u2']);
  });

  it('keeps the id of a record that brings none when its values are changed, so that it is applied once with the one that came again', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', mapping: compileMapping({ ...broken, messageId: '{{none}}' }) }]; });
    const raw = { type: 'track', event: 'Product Viewed', userId: 'u1', timestamp: new Date(world.clock.now).toISOString(), total: 'x' } satisfies JsonValue;
    await world.track([raw], { isVerified: true });
    await world.settle();
    await world.store.collections.quarantine.updateOne({}, [{ $set: { original: '$raw', raw: { $replaceOne: { input: '$raw', find: '"x"', replacement: '7' } } } }]);
    world.rebuild((parts) => { parts.sources = [{ connectionId: 'web', mapping: compileMapping({ ...repaired, messageId: '{{none}}' }) }]; });
    await world.track([raw], { isVerified: true });
    await world.settle();
    expect(await release()).toEqual({ duplicate: 1 });
    expect(await messageIds()).toHaveLength(1);
  });

  it('sets the one record apart that breaks its page, and releases the others', async () => {
    await start();
    await world.track([event(world, 'm1'), event(world, 'poison'), event(world, 'm3')], { isVerified: true });
    await world.settle();
    repair();
    const jobId = await order();
    await worker({ store: failing((method, [given]) => (method === 'insertEvents' && JSON.stringify(given).includes('"poison"') ? new RangeError('It cannot be stored.') : undefined)) }).tick();
    expect(await jobOf(jobId)).toMatchObject({ counts: { applied: 2, 'quarantined.RECORD_FAILED': 1 }, end: { as: 'done' } });
    expect(await rows()).toMatchObject([{ code: 'RECORD_FAILED' }]);
    await expectBalance();
  });

  it('goes on where a dead worker has left it, and does nothing twice', async () => {
    await start();
    await world.track([1, 2, 3, 4, 5].map((n) => event(world, `m${n}`)), { isVerified: true });
    await world.settle();
    repair();
    const jobId = await order();
    let calls = 0;
    const dying = failing((method) => {
      if (method === 'writeQuarantineJob') calls += 1;
      return calls >= 3 ? new RangeError('The process is gone.') : undefined;
    });
    await expect(worker({ store: { ...dying, releaseQuarantineJob: () => Promise.reject(new RangeError('The process is gone.')) }, pageSize: 1 }).tick()).rejects.toThrow(RangeError);
    expect(await messageIds()).toEqual(['m1', 'm2']);
    await expectBalance();
    await worker({ holder: 'two' }).tick();
    expect(await messageIds()).toEqual(['m1', 'm2']);
    world.clock.now += 31_000;
    await worker({ holder: 'two' }).tick();
    expect(await messageIds()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(await jobOf(jobId)).toMatchObject({ counts: { applied: 5 }, end: { as: 'done' } });
    await expectBalance();
  });

  it('ends at once when somebody cancels it, also in the middle of a page', async () => {
    await start();
    await world.track([event(world, 'm1'), event(world, 'm2')], { isVerified: true });
    await world.settle();
    repair();
    const jobId = await order();
    const { store, collections } = world.store;
    const cancelled: Store = { ...store, transaction: (work) => store.transaction(async (tx) => {
      await collections.quarantineJobs.updateOne({ _id: jobId }, { $set: { dueAt: null, end: { at: 1, as: 'cancelled' } }, $inc: { fence: 1 } });
      return work(tx);
    }) };
    await worker({ store: cancelled }).tick();
    await worker().tick();
    expect(await messageIds()).toEqual([]);
    expect(await rows()).toHaveLength(2);
    expect(await jobOf(jobId)).toMatchObject({ counts: {}, end: { as: 'cancelled' } });
  });

  it('asks the vendor again for what it did not give', async () => {
    const fetched: JsonValue[] = [];
    const source = { ...web.sources?.events, fetch: ({ records }: { records: JsonValue[] }) => {
      fetched.push(...records);
      return Promise.resolve(records.map((thin) => event(world, (thin as { id: string }).id)));
    } };
    await start((parts) => { parts.sources = [{ connectionId: 'web', mapping: compileMapping(repaired), source: source as never }]; });
    const receivedAt = world.clock.now;
    await world.store.store.transaction(async (tx) => {
      await tx.insertQuarantine([{ quarantineId: `${WORKSPACE}|q1`, workspaceId: WORKSPACE, connectionId: 'web', receivedAt, quarantinedAt: receivedAt, code: 'FETCH_FAILED', places: [], raw: { id: 'm1' }, mappingVersion: 1, groupId: 'web.FETCH_FAILED.g', isVerified: true }]);
      await tx.insertLedger(WORKSPACE, [{ connectionId: 'web', minute: receivedAt, counts: { received: 1, quarantined: 1 } }]);
    });
    expect((await tryOut()).counts).toEqual({ fetching: 1 });
    expect(await release()).toEqual({ fetching: 1 });
    await world.settle();
    await world.apply.stop();
    expect(fetched).toEqual([{ id: 'm1' }]);
    expect(await messageIds()).toEqual(['m1']);
    expect(await world.store.collections.deliveries.countDocuments()).toBe(0);
    expect((await expectBalance()).get(receivedAt)).toEqual({ received: 1, applied: 1 });
  });
});

describe('what is not released', () => {
  it('is thrown away with what somebody asked for, or goes by its age, or with its person, and the balance says which', async () => {
    await start();
    await world.track([event(world, 'm1'), event(world, 'm2', { kind: 'test' })], { isVerified: true });
    await world.settle();
    const [, second] = await rows();
    expect(await release({ kind: 'discard', selection: { quarantineIds: [second?._id as string] }, reason: 'test-data' })).toEqual({ discarded: 1 });
    await world.track([identify(world, 'i1', 'u9', { note: 'ana@example.com' })], { isVerified: true });
    await world.settle();
    const { store, configuration, clock } = world;
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'email', value: 'ana@example.com' }], profileId: null }, {
      store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES,
    });
    await createEraser({ erasures: createErasureStore(store.connection), clock: () => clock.now, holder: 'eraser' }).tick();
    await expectBalance();
    clock.now += 31 * 24 * 60 * MINUTE_MS;
    // Too old to be released, although no sweep was there yet.
    const tooOld = await order();
    await worker({ days: 30 }).tick();
    expect((await jobOf(tooOld))?.counts).toEqual({});
    const sweep = createRetentionSweep({ retention: createRetentionStore(store.connection), configuration: { workspace: () => configuration.current }, clock: () => clock.now, holder: 'sweeper', days: { quarantine: 30, deliveries: null }, report: () => Promise.resolve(), maxParts: 100 });
    await sweep.tick([WORKSPACE]);
    expect(await rows()).toEqual([]);
    await expectBalance();
    expect(await ledgerTotals(world)).toMatchObject({ received: 3, quarantined: 0, discarded: 1, 'refused.erased': 1, expired: 1 });
  });
});
