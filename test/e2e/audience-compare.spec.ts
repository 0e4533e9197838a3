import type { FlowDefinition, Mapping, SyncMode } from '@firsthand/domain';
import { audiencesOf, createSweep, listMembers, newCompare, type AudienceCompareRow, type CompareCounts, type DestinationConnection } from '@firsthand/pipeline';
import { InvalidPayload, RetryableError, type DestinationDefinition } from '@firsthand/plugin-sdk';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';

/** A full compare finds who is in an audience and should not be, and who is not and should be, whatever went wrong, and repairs it. */
let world: World;
afterEach(() => world.close());

const flow = (sync?: SyncMode, more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'locals', on: 'entered' }, acceptsHistorical: false,
  steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}', profile: { lastName: '{{profile.lastName}}' } }, ...(sync === undefined ? {} : { sync }) }], ...more,
});

async function start(first: FlowDefinition[]): Promise<void> {
  world = await createWorld((parts) => {
    parts.purposes = [MARKETING, SERVICE];
    parts.segments = [{ segmentId: 'locals', version: 1, name: 'locals', purpose: 'service', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } }];
    parts.flows = first;
  });
}
const live = (...flows: FlowDefinition[]): void => world.rebuild((parts) => { parts.flows = flows; });

let messages = 0;
async function become(userIds: readonly string[], traits: Record<string, string>): Promise<void> {
  world.clock.now += 1_000;
  await world.track(userIds.map((userId) => identify(world, `m${messages += 1}`, userId, { email: `${userId}@example.com`, ...traits })), { isVerified: true });
  await world.settle();
}

async function begin(options: { isPreview?: boolean; perSecond?: number } = {}): Promise<AudienceCompareRow> {
  const [audience] = audiencesOf(world.configuration.current, SINK);
  const row = newCompare(audience as NonNullable<typeof audience>, { isPreview: false, perSecond: null, now: world.clock.now += 1_000, ...options });
  await world.store.store.transaction((tx) => tx.writeCompare(row));
  return row;
}
const stored = () => world.store.collections.audienceCompares.findOne({});
/** Begins a compare, and gives what it found but nought. */
async function compare(options: { isPreview?: boolean } = {}): Promise<Partial<CompareCounts>> {
  await begin(options);
  await world.settle();
  const found = await stored();
  expect(found).toMatchObject({ dueAt: null, end: { as: 'done' } });
  return Object.fromEntries(Object.entries(found?.counts ?? {}).filter(([, count]) => count > 0));
}
const sent = (): string[] => world.received.splice(0).map(({ operation, payload }) => `${operation} ${String(payload.email).split('@')[0]}`).sort();

it('finds and repairs what differs, after a preview that changes nothing, and then finds nothing', async () => {
  await start([]);
  const everybody = ['missing', 'fine', 'changed', 'left', 'lost', 'silent'];
  for (const userId of everybody.filter((one) => one !== 'silent')) await decide(world, 'granted', userId);
  await become(['missing', 'silent'], { city: 'Shanghai' });
  live(flow('upsert'));
  await become(['fine', 'changed', 'left'], { city: 'Shanghai', lastName: 'Li' });
  world.script.next = () => new InvalidPayload('Who knows.');
  await become(['lost'], { city: 'Shanghai' });
  world.script.next = () => undefined;
  await become(['changed'], { lastName: 'Wu' });
  await become(['left'], { city: 'Beijing' });
  live(flow('mirror', { version: 2 }));
  expect(sent()).toEqual(['addMembers changed', 'addMembers fine', 'addMembers left', 'addMembers lost']);

  const found = { people: 6, confirmed: 1, missing: 1, changed: 1, unconfirmed: 1, surplus: 1 };
  expect(await compare({ isPreview: true })).toEqual(found);
  expect(sent()).toEqual([]);
  expect(await compare()).toEqual(found);
  expect(sent()).toEqual(['addMembers changed', 'addMembers lost', 'addMembers missing', 'removeMembers left']);
  expect(await compare()).toEqual({ people: 6, confirmed: 4 });
  expect(sent()).toEqual([]);
  // Whom the compare put in is taken out as ever.
  await become(['missing'], { city: 'Beijing' });
  expect(sent()).toEqual(['removeMembers missing']);
});

it('takes out whose consent has run out, whatever the step does otherwise', async () => {
  await start([flow('add')]);
  await decide(world, 'granted', 'u1');
  await become(['u1'], { city: 'Shanghai' });
  world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, expiresAfterDays: 1 })); });
  world.clock.now += 2 * 24 * 3_600_000;
  expect(await compare()).toEqual({ people: 1, surplus: 1 });
  expect(sent()).toEqual(['addMembers u1', 'removeMembers u1']);
});

it('puts in nobody of whom a filter, and not the segment, decides whether they belong in', async () => {
  const [add] = flow().steps;
  const filtered = flow('mirror', { steps: [{ id: 'only', type: 'filter', condition: { trait: 'lastName', op: 'exists' } }, add as NonNullable<typeof add>] });
  await start([filtered]);
  for (const userId of ['in', 'out']) await decide(world, 'granted', userId);
  await become(['in'], { city: 'Shanghai', lastName: 'Li' });
  await become(['out'], { city: 'Shanghai' });
  await become(['in'], { lastName: 'Wu' });
  expect(sent()).toEqual(['addMembers in']);
  expect(await compare()).toEqual({ people: 2, changed: 1, missing: 1 });
  expect(sent()).toEqual(['addMembers in']);
});

it('finds what was changed at a vendor that lists its members, and leaves alone whom it never sent there', async () => {
  const vendor = new Set(['stranger@example.com']);
  let isAway = true;
  await start([flow()]);
  const { destinations } = world.configuration.current.destinations.get(SINK) as DestinationConnection;
  world.rebuild((parts) => {
    parts.destination = { destinations: { ...destinations, audience: { ...destinations.audience as DestinationDefinition, async listMembers({ cursor }) {
      if (isAway) throw new RetryableError('Away.');
      const all = [...vendor].sort();
      const at = Number(cursor ?? 0);
      return { members: all.slice(at, at + 2).map((email) => ({ email })), next: at + 2 < all.length ? String(at + 2) : null };
    } } } };
  });
  for (const userId of ['kept', 'dropped', 'gone']) await decide(world, 'granted', userId);
  await become(['kept', 'dropped', 'gone'], { city: 'Shanghai' });
  await become(['gone'], { city: 'Beijing' });
  expect(sent()).toEqual(['addMembers dropped', 'addMembers gone', 'addMembers kept', 'removeMembers gone']);
  // By hand at the vendor: one was taken out, one put back in.
  for (const email of ['Kept@Example.com', 'gone@example.com']) vendor.add(email);

  const list = () => listMembers({ store: world.store.store, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, http: { request: () => Promise.reject(new TypeError('none')) }, pluginLog: () => ({ info: () => undefined, warn: () => undefined }) });
  await begin();
  await world.settle();
  await list();
  await world.settle();
  expect(await stored()).toMatchObject({ end: null, counts: { people: 0 }, listing: { failures: 1 } });
  isAway = false;
  world.clock.now += 30_000;
  await Promise.all([list(), list()]);
  await world.settle();
  expect(await stored()).toMatchObject({ end: { as: 'done' }, counts: { listed: 3, people: 3, confirmed: 1, unconfirmed: 1, surplus: 1 } });
  expect(sent()).toEqual(['addMembers dropped', 'removeMembers gone']);
});

describe('of an audience that something else than a segment fills', () => {
  const [add] = flow('mirror').steps as [NonNullable<FlowDefinition['steps'][number]>];
  const buyers = (sync: SyncMode = 'mirror'): FlowDefinition => flow(sync, { trigger: { type: 'event', name: 'Order Completed' }, steps: [{ ...add, sync } as typeof add] });
  const returns: FlowDefinition = { ...flow('delete', { flowId: 'g', trigger: { type: 'event', name: 'Order Returned' } }) };
  const happen = async (name: string, ...userIds: string[]): Promise<void> => {
    world.clock.now += 1_000;
    await world.track(userIds.map((userId) => event(world, `m${messages += 1}`, { event: name, userId })), { isVerified: true });
    await world.settle();
  };

  it('holds whom its step put in against what is confirmed: what was lost, changed or refused since is put right', async () => {
    await start([buyers(), returns]);
    for (const userId of ['fine', 'changed', 'lost', 'refuses', 'returned', 'never']) await decide(world, 'granted', userId);
    await become(['fine', 'changed', 'lost', 'refuses', 'returned', 'never'], { city: 'Lima' });
    await happen('Order Completed', 'fine', 'changed', 'refuses', 'returned');
    world.script.next = () => new InvalidPayload('Who knows.');
    await happen('Order Completed', 'lost');
    world.script.next = () => undefined;
    await happen('Order Returned', 'returned');
    await become(['changed'], { lastName: 'Wu' });
    expect(sent()).toEqual(['addMembers changed', 'addMembers fine', 'addMembers lost', 'addMembers refuses', 'addMembers returned', 'removeMembers returned']);
    // The withdrawal itself is told at once; what ends by time is found by the compare.
    expect(await compare({ isPreview: true })).toEqual({ people: 6, confirmed: 2, changed: 1, unconfirmed: 1 });
    expect(await compare()).toEqual({ people: 6, confirmed: 2, changed: 1, unconfirmed: 1 });
    expect(sent()).toEqual(['addMembers changed', 'addMembers lost']);
    expect(await compare()).toEqual({ people: 6, confirmed: 4 });
    world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, expiresAfterDays: 1 })); });
    world.clock.now += 2 * 24 * 3_600_000;
    await decide(world, 'granted', 'fine');
    expect(await compare()).toEqual({ people: 6, confirmed: 1, surplus: 3 });
    expect(sent()).toEqual(['removeMembers changed', 'removeMembers lost', 'removeMembers refuses']);
  });

  it('is none of a step that puts in nobody, nor of one whose payload only its event can make', async () => {
    const named = (mapping: Mapping): FlowDefinition => ({ ...buyers(), steps: [{ ...add, mapping } as typeof add] });
    await start([buyers()]);
    const found = (...flows: FlowDefinition[]) => {
      live(...flows);
      return audiencesOf(world.configuration.current, SINK).map(({ segmentId, isWholeSegment }) => [segmentId, isWholeSegment]);
    };
    expect(found(buyers())).toEqual([[null, false]]);
    expect([found(buyers('update')), found(returns), found(flow('mirror', { trigger: { type: 'segment', segmentId: 'locals', on: 'left' } }))]).toEqual([[], [], []]);
    expect([found(named({ email: '{{profile.email}}', event: { name: '{{event.name}}' } })), found(named({ email: '{{event}}' })), found(named({ email: '{{profile.email}}' }))]).toEqual([[], [], [[null, false]]]);
  });
});

describe('over many people', () => {
  const COUNT = 450;
  async function crowd(): Promise<void> {
    await start([]);
    await decide(world, 'granted', 'u1');
    await become(['u1'], { city: 'Shanghai' });
    const { profiles, consentStates } = world.store.collections;
    const [one, state] = [await profiles.findOne({}), await consentStates.findOne({})];
    const ids = Array.from({ length: COUNT - 1 }, (_, index) => `c${String(index).padStart(3, '0')}`);
    const copies = (row: object | null): never[] => ids.map((profileId) => ({ ...row, _id: `${WORKSPACE}|${profileId}`, profileId, identities: [] })) as never[];
    await profiles.insertMany(copies(one));
    await consentStates.insertMany(copies(state));
    live(flow());
  }
  const planned = (): Promise<number> => world.store.collections.deliveries.countDocuments({});

  it('goes on after a crash in between, and plans each once over several workers', async () => {
    await crowd();
    await begin();
    let pages = 0;
    const failing = { ...world.store.store, transaction: (work: never) => ((pages += 1) === 2 ? Promise.reject(new TypeError('The worker died.')) : world.store.store.transaction(work)) } as typeof world.store.store;
    const shared = { doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now };
    await expect(createSweep({ ...shared, store: failing }).tick()).rejects.toThrow('The worker died.');
    expect([await planned(), (await stored())?.counts.missing]).toEqual([200, 200]);
    await Promise.allSettled([1, 2].map(() => createSweep({ ...shared, store: world.store.store }).tick()));
    await world.sweep.tick();
    expect([await planned(), (await stored())?.counts, (await stored())?.end?.as]).toEqual([COUNT, expect.objectContaining({ people: COUNT, missing: COUNT }), 'done']);
  });

  it('plans at the pace that is asked for, and ends when the flow is live no more', async () => {
    await crowd();
    await begin({ perSecond: 100 });
    await world.sweep.tick();
    await world.sweep.tick();
    expect(await planned()).toBe(200);
    world.clock.now += 2_000;
    await world.sweep.tick();
    expect(await planned()).toBe(400);
    live();
    world.clock.now += 2_000;
    await world.sweep.tick();
    expect([await planned(), (await stored())?.end?.as]).toEqual([400, 'gone']);
  });
});
