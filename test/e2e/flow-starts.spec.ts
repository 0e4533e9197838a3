import { createSyncDirectory, syncRuleContentSchema, type FlowDefinition, type FlowStep, type FlowTrigger } from '@firsthand/domain';
import { createSweep, fillingOf, triggerFlow, type FlowCall } from '@firsthand/pipeline';
import { decide, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const send: FlowStep = { id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' };
const flow = (trigger: FlowTrigger, more: Partial<FlowDefinition> = {}): FlowDefinition => (
  { flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger, acceptsHistorical: false, steps: [send], ...more });

async function start(trigger: FlowTrigger, more: Partial<FlowDefinition> = {}, parts: Partial<WorldParts> = {}): Promise<void> {
  world = await createWorld((own) => Object.assign(own, { flows: [flow(trigger, more)], ...parts }));
  await decide(world, 'granted');
}
const planned = () => world.store.collections.deliveries.countDocuments({});
/** Many people, as a page of a schedule reads them. */
async function copies(count: number): Promise<void> {
  const { profiles } = world.store.collections;
  const one = await profiles.findOne({});
  await profiles.insertMany(Array.from({ length: count }, (_, index) => ({ ...one, _id: `${WORKSPACE}|c${index}`, profileId: `c${index}`, identities: [] })) as never[]);
}

describe('a schedule', () => {
  const weekly: FlowTrigger = { type: 'schedule', cron: '0 9 * * 1', timeZone: 'Europe/Berlin', condition: { trait: 'lastName', op: 'eq', value: 'Li' } };
  // A Sunday; nine on Monday in Berlin is eight here.
  const monday = Date.parse('2026-03-02T08:00:00Z');

  it('starts whom it is for when it comes, once over several workers, and again the next time', async () => {
    await start(weekly);
    await world.track([identify(world, 'm1', 'u1', { lastName: 'Li' }), identify(world, 'm2', 'u2', { lastName: 'Wu' })], { isVerified: true });
    await world.settle();
    await copies(450);
    await world.store.collections.profiles.updateMany({ profileId: /^c/ }, { $set: { 'fields.lastName.value': 'Li' } });
    const li = await world.store.collections.profiles.countDocuments({ 'fields.lastName.value': 'Li' });
    expect(li).toBeGreaterThan(400);
    world.clock.now = monday - 1;
    await world.sweep.tick();
    expect(await planned()).toBe(0);
    world.clock.now = monday;
    const shared = { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, workspaceIds: () => [WORKSPACE] };
    await Promise.allSettled([1, 2, 3].map(() => createSweep(shared).tick()));
    await world.sweep.tick();
    expect(await planned()).toBe(li);
    await world.sweep.tick();
    world.clock.now = monday + HOUR_MS;
    await world.sweep.tick();
    expect(await planned()).toBe(li);
    world.clock.now = monday + 7 * 24 * HOUR_MS;
    await world.sweep.tick();
    expect(await planned()).toBe(2 * li);
  });

  it('makes up once for what was missed, and not for what came while the flow was paused', async () => {
    await start(weekly);
    await world.track([identify(world, 'm1', 'u1', { lastName: 'Li' })], { isVerified: true });
    await world.settle();
    world.clock.now = monday + 21 * 24 * HOUR_MS + HOUR_MS;
    await world.sweep.tick();
    expect(await planned()).toBe(1);
    const live = world.configuration.current;
    world.configuration.current = { ...live, flows: [] };
    await world.sweep.tick();
    world.clock.now += 7 * 24 * HOUR_MS;
    world.configuration.current = live;
    await world.sweep.tick();
    expect(await planned()).toBe(1);
    world.clock.now += 7 * 24 * HOUR_MS;
    await world.sweep.tick();
    expect(await planned()).toBe(2);
  });

  it('passes over who breaks it', async () => {
    await start(weekly);
    await world.track([identify(world, 'm1', 'u1', { lastName: 'Li' })], { isVerified: true });
    await world.settle();
    await copies(3);
    await world.store.collections.profiles.updateOne({ profileId: 'c1' }, { $set: { fields: null as never } });
    world.clock.now = monday;
    await world.sweep.tick();
    expect(await planned()).toBe(3);
    expect(await world.store.collections.schedules.findOne({})).toMatchObject({ running: null, nextAt: monday + 7 * 24 * HOUR_MS });
  });

  it('finds who has their birthday', async () => {
    await start({ type: 'schedule', cron: '0 9 * * *', anniversaryOf: 'birthday' });
    await world.track([identify(world, 'm1', 'u1', { birthday: '1990-03-02' }), identify(world, 'm2', 'u2', { birthday: '1990-03-03' })], { isVerified: true });
    await world.settle();
    world.clock.now = monday + HOUR_MS;
    await world.sweep.tick();
    expect(await planned()).toBe(1);
  });

  it('finds whose birthday it was while nothing ran, or while everybody was gone through, and today, and no later day', async () => {
    await start({ type: 'schedule', cron: '0 9 * * *', timeZone: 'UTC', anniversaryOf: 'birthday' }, { reentry: { after: { days: 300 } } });
    const born = ['1990-03-02', '1990-03-03', '1990-03-04', '1990-03-05'];
    await world.track(born.map((birthday, index) => identify(world, `m${index}`, `u${index}`, { birthday })), { isVerified: true });
    await world.settle();
    const day = (text: string): number => Date.parse(`2026-03-${text}Z`);
    const birthdays = async (): Promise<string[]> => {
      const people = await world.store.collections.deliveries.find({}).toArray();
      const profiles = await world.store.collections.profiles.find({ profileId: { $in: people.map(({ profileId }) => profileId) } }).toArray();
      return profiles.map(({ fields }) => String(fields.birthday?.value)).sort();
    };
    world.clock.now = day('02T08:00');
    await world.sweep.tick();
    // From the second at nine on nothing ran; after the third at nine everybody is gone through.
    world.clock.now = day('03T10:00');
    await world.sweep.tick();
    expect(await birthdays()).toEqual(born.slice(0, 2));
    // A walk that began at nine is still under way the next day, before nine.
    world.clock.now = day('04T09:00');
    await world.store.collections.schedules.updateOne({}, { $set: { running: { at: day('04T09:00'), after: null }, nextAt: day('05T09:00') } });
    world.clock.now = day('05T00:01');
    await world.sweep.tick();
    expect(await birthdays()).toEqual(born.slice(0, 3));
    world.clock.now = day('05T09:00');
    await world.sweep.tick();
    expect(await birthdays()).toEqual(born);
  });
});

describe('a flow that is to be started once for everybody', () => {
  const rule: FlowTrigger = { type: 'sync', fields: ['lastName'], purpose: 'marketing' };
  const fill = (fillsSince: number, version = 1): void => {
    const { current } = world.configuration;
    const syncs = createSyncDirectory([{ ruleId: 'f', version, ...syncRuleContentSchema.parse({ name: 'F', connectionId: SINK, action: 'upsert-profile', purpose: 'marketing', fields: [{ field: 'profile.lastName', to: 'email' }] }) }], (id) => id);
    world.configuration.current = { ...current, syncs, flows: current.flows.map(({ compiled, mappings }) => ({ compiled: { ...compiled, definition: { ...compiled.definition, version } }, mappings, fillsSince })) };
  };
  const where = async (since: number) => fillingOf((await world.store.collections.schedules.findOne({})) ?? undefined, since);

  it('is, page by page, as much as its destination takes, and not again before that is asked for', async () => {
    await start(rule, { flowId: 'sync.f', acceptsHistorical: true });
    await world.track([identify(world, 'm1', 'u1', { lastName: 'Li' })], { isVerified: true });
    await world.settle();
    await copies(700);
    const before = await planned();
    const since = world.clock.now;
    fill(since);
    await world.sweep.tick();
    // Until every process has the configuration.
    expect([await planned(), await where(since)]).toEqual([before, { after: null, isDone: false }]);
    world.clock.now += 2_500;
    await world.sweep.tick();
    await world.sweep.tick();
    expect([await planned(), await where(since)]).toEqual([before + 600, { after: expect.any(String), isDone: false }]);
    await world.store.collections.deliveries.updateMany({ state: 'pending' }, { $set: { state: 'delivered' } });
    await world.sweep.tick();
    expect([await planned(), await where(since)]).toEqual([before + 701, { after: null, isDone: true }]);
    fill(since, 2);
    await world.sweep.tick();
    expect(await planned()).toBe(before + 701);
    await world.store.collections.deliveries.updateMany({ state: 'pending' }, { $set: { state: 'delivered' } });
    fill(since + 1, 2);
    expect(await where(since + 1)).toEqual({ after: null, isDone: false });
    world.clock.now += 2_500;
    await world.sweep.tick();
    expect(await planned()).toBeGreaterThan(before + 701);
  });

  it('is for the members alone where it is over a segment', async () => {
    await start({ type: 'segment', segmentId: 'lis', on: 'both' }, { acceptsHistorical: true }, { segments: [{ segmentId: 'lis', version: 1, name: 'L', purpose: 'marketing', condition: { trait: 'lastName', op: 'eq', value: 'Li' } }] });
    const { current } = world.configuration;
    world.configuration.current = { ...current, flows: [] };
    await world.track([identify(world, 'm1', 'u1', { lastName: 'Li' }), identify(world, 'm2', 'u2', { lastName: 'Wu' })], { isVerified: true });
    await world.settle();
    expect(await planned()).toBe(0);
    world.configuration.current = current;
    fill(world.clock.now);
    world.clock.now += 2_500;
    await world.sweep.tick();
    const li = await world.store.collections.profiles.findOne({ 'fields.lastName.value': 'Li' });
    expect(await world.store.collections.deliveries.find({}).toArray()).toMatchObject([{ profileId: li?.profileId, segmentId: 'lis' }]);
  });
});

describe('a call', () => {
  const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now });
  const call = (more: Partial<FlowCall> = {}) => triggerFlow({ workspaceId: WORKSPACE, flowId: 'f', person: { identity: { namespace: 'userId', value: 'u1' } }, properties: { code: 'A1' }, idempotencyKey: 'k1', ...more }, options());

  it('starts a run for the key once, whoever repeats it, with its properties', async () => {
    await start({ type: 'api' }, { key: '{{event.properties.code}}', reentry: 'never' });
    const answers = await Promise.all([call(), call(), call()]);
    expect(answers.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1);
    await world.settle();
    expect(await planned()).toBe(1);
    expect(await call({ idempotencyKey: 'k2', properties: { code: 'A2' } })).toMatchObject({ isRepeated: false });
    await call({ idempotencyKey: 'k3', properties: { code: 'A2' } });
    expect(await planned()).toBe(2);
    expect(world.received[0]?.payload.event).toMatchObject({ name: 'Flow Triggered', properties: { code: 'A1', flowId: 'f' } });
  });

  it('is refused for nobody, and for a flow that nobody may call', async () => {
    await start({ type: 'api' });
    await expect(call({ person: { profileId: 'gone' } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(call({ flowId: 'g' })).rejects.toMatchObject({ code: 'CONFLICT' });
    world.rebuild((parts) => { parts.flows = [flow({ type: 'event', name: '*' })]; });
    await expect(call()).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
