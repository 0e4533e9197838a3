import { stableId, type FlowDefinition, type FlowStep, type JsonValue } from '@firsthand/domain';
import { createApply, createSweep } from '@firsthand/pipeline';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** Steps and limits of flows on stored people, where their own specs ask the rule alone. */
let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const send = (id: string, more: Partial<Extract<FlowStep, { type: 'deliver' }>> = {}): FlowStep => ({ id, type: 'deliver', connectionId: SINK, action: 'send-event', ...more });
const flow = (steps: FlowStep[], more: Partial<FlowDefinition> = {}): FlowDefinition => (
  { flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, steps, ...more });

async function start(flows: FlowDefinition[], more: Partial<WorldParts> = {}, users: readonly string[] = ['u1']): Promise<void> {
  world = await createWorld((parts) => Object.assign(parts, { flows, ...more }));
  for (const user of users) await decide(world, 'granted', user);
}
async function track(messages: JsonValue[]): Promise<void> {
  await world.track(messages, { isVerified: true });
  await world.settle();
}
async function stepOf(): Promise<Record<string, string[]>> {
  const { identities, deliveries } = world.store.collections;
  const users = new Map((await identities.find({ _id: /\|userId\|/ }).toArray()).map(({ _id, profileId }) => [profileId, _id.split('|').at(-1) ?? '']));
  const steps: Record<string, string[]> = {};
  for (const { profileId, stepId } of await deliveries.find({ state: 'delivered' }, { sort: { createdAt: 1, seq: 1 } }).toArray()) (steps[users.get(profileId) ?? ''] ??= []).push(stepId ?? '');
  return steps;
}

it('a branch lets each go the first way whose condition holds for them, and else on', async () => {
  const steps: FlowStep[] = [
    { id: 'where', type: 'branch', branches: [{ condition: { trait: 'city', op: 'eq', value: 'Lima' }, next: 'lima' }, { condition: { trait: 'firstName', op: 'exists' }, next: 'named' }], else: 'rest' },
    send('lima', { next: null }), send('named', { next: null }), send('rest'),
  ];
  const users = ['u1', 'u2', 'u3'];
  await start([flow(steps)], {}, users);
  await track([identify(world, 'i1', 'u1', { city: 'Lima', address: { city: 'Lima' }, firstName: 'Ana' }), identify(world, 'i2', 'u2', { firstName: 'Bo' }), ...users.map((userId) => event(world, `m-${userId}`, { userId }))]);
  expect(await stepOf()).toEqual({ u1: ['lima'], u2: ['named'], u3: ['rest'] });
});

it('a split gives each the same way each time, in a later version too, and about as many as it says', async () => {
  const split = (version: number): FlowDefinition => flow([{ id: 'half', type: 'split', branches: [{ percent: 50, next: 'one' }, { percent: 50, next: 'other' }] }, send('one', { next: null }), send('other')], { version });
  const users = Array.from({ length: 40 }, (_, index) => `u${index}`);
  await start([split(1)], {}, users);
  await track(users.map((userId) => event(world, `m-${userId}`, { userId })));
  const first = await stepOf();
  world.rebuild((parts) => { parts.flows = [split(2)]; });
  world.clock.now += HOUR_MS;
  await track(users.map((userId) => event(world, `n-${userId}`, { userId })));
  const both = await stepOf();
  expect(both).toEqual(Object.fromEntries(users.map((user) => [user, [...(first[user] ?? []), ...(first[user] ?? [])]])));
  const ones = users.filter((user) => first[user]?.[0] === 'one').length;
  expect(ones).toBeGreaterThan(8);
  expect(ones).toBeLessThan(32);
});

it('a window opens when it is that hour where the person is, and for who is nowhere known in the zone of the workspace', async () => {
  const users = ['tokyo', 'london', 'nowhere'];
  await start([flow([{ id: 'day', type: 'window', from: '09:00', to: '20:00' }, send('send')])], { flowSettings: { timeZone: 'America/New_York', quietHours: [], caps: [] } }, users);
  // Noon UTC: nine in the evening, noon, seven in the morning.
  await track([identify(world, 'i1', 'tokyo', { timezone: 'Asia/Tokyo' }), identify(world, 'i2', 'london', { timezone: 'Europe/London' }), ...users.map((userId) => event(world, `m-${userId}`, { userId }))]);
  expect(Object.keys(await stepOf())).toEqual(['london']);
  const afterHours = async (hours: number): Promise<string[]> => {
    world.clock.now += hours * HOUR_MS;
    await world.settle();
    return Object.keys(await stepOf()).sort();
  };
  expect(await afterHours(1)).toEqual(['london']);
  expect(await afterHours(1)).toEqual(['london', 'nowhere']);
  expect(await afterHours(9)).toEqual(['london', 'nowhere']);
  expect(await afterHours(1)).toEqual(['london', 'nowhere', 'tokyo']);
});

it('a cap holds over several processes that decide at once by clocks that differ', async () => {
  const caps = [{ channel: '*', limit: 2, per: { days: 1 } }];
  await start(['a', 'b', 'c'].map((flowId) => flow([send('mail', { channel: 'email' })], { flowId })), { flowSettings: { timeZone: 'UTC', quietHours: [], caps } });
  const { store, configuration, clock } = world;
  const processes = [-4_000, 0, 4_000].map((offMs) => {
    const shared = { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now + offMs };
    const quiet = { info: () => undefined, warn: () => undefined };
    return {
      apply: createApply({ ...shared, newId: () => crypto.randomUUID(), tombstoneDigest: TOMBSTONES.digest, http: { request: () => Promise.reject(new TypeError('no network')) }, pluginLog: () => quiet, log: quiet }),
      sweep: createSweep(shared),
    };
  });
  await Promise.all(processes.map(async ({ apply }, of) => {
    for (let index = 0; index < 4; index += 1) {
      await world.track([event(world, stableId(WORKSPACE, `${of}`, `${index}`))], { isVerified: true });
      await apply.drain();
    }
  }));
  // What the one that is ahead has made is due by its clock.
  clock.now += 5_000;
  await world.settle();
  const { contacts, runs } = store.collections;
  const state = async (): Promise<unknown> => [world.received.length, await contacts.countDocuments({}), await runs.countDocuments({ dueAt: { $gt: 0 } })];
  expect(await state()).toEqual([2, 2, 34]);
  clock.now += 24 * HOUR_MS + 10_000;
  for (let round = 0; round < 3; round += 1) await Promise.allSettled(processes.map(({ sweep }) => sweep.tick()));
  clock.now += 5_000;
  await world.settle();
  expect(await state()).toEqual([4, 4, 32]);
  await Promise.all(processes.map(({ apply }) => apply.stop()));
});
