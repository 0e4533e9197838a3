import { RetryableError, type DestinationDefinition } from '@firsthand/plugin-sdk';
import { decide, erase, eraserOf, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, type World } from '../support/pipeline-world.js';

/** A request that is on its way while its person is erased, and comes back once everything else is over. */
const EMAIL = 'ann@example.com';

let world: World;
afterEach(() => world.close());

/** A world in which the sends of one action stay on their way until they are let go, each with what the recipient says to it. */
async function start(action: string, answer: Error | undefined): Promise<{ isSent: Promise<void>; letGo: () => void }> {
  world = await createWorld((parts) => {
    parts.flows = [{ ...parts.flows[0]!, trigger: { type: 'event', name: 'Product Viewed' }, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action, channel: 'email' }] }];
  }, { isJoined: true });
  const sink = world.configuration.current.destinations.get(SINK)!;
  const destination = sink.destinations[action] as DestinationDefinition & { send: NonNullable<DestinationDefinition['send']> };
  let sent = (): void => undefined;
  let letGo = (): void => undefined;
  const isSent = new Promise<void>((resolve) => { sent = resolve; });
  const gate = new Promise<void>((resolve) => { letGo = resolve; });
  const send: typeof destination.send = async (item) => {
    sent();
    await gate;
    await destination.send(item);
    if (answer !== undefined) throw answer;
  };
  world.configuration.current = { ...world.configuration.current, destinations: new Map([[SINK, { ...sink, destinations: { ...sink.destinations, [action]: { ...destination, send } } }]]) };
  await decide(world, 'granted');
  await world.track([identify(world, 'i', 'u1', { email: EMAIL })], { isVerified: true });
  await world.settle();
  return { isSent, letGo };
}

const certificate = () => world.store.collections.erasures.findOne({});

async function workOn(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await eraserOf(world).tick();
    world.clock.now += 1_000;
  }
}

/** In which collections anything leads to the person. */
async function left(ids: readonly string[]): Promise<string[]> {
  const db = world.store.connection.getClient().db(world.store.connection.name);
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name as string);
  const rows = await Promise.all(names.map(async (name) => JSON.stringify(await db.collection(name).find({}).toArray())));
  return names.filter((_, index) => ids.some((id) => rows[index]?.includes(id)));
}

it.each([
  ['arrives at a recipient that cannot erase', 'upsert-profile', undefined], ['fails at a recipient that cannot erase', 'upsert-profile', new RetryableError('down')],
  ['arrives at a recipient that erases', 'send-event', undefined], ['fails at a recipient that erases', 'send-event', new RetryableError('down')],
])('leaves nothing behind where it %s', async (_, action, answer) => {
  const { isSent, letGo } = await start(action, answer);
  await world.track([event(world, 'e')], { isVerified: true });
  const settling = world.settle();
  await isSent;
  const { profileIds, recipients } = await erase(world, { namespace: 'email', value: EMAIL });
  expect([profileIds.length, recipients.length]).toEqual([1, 1]);
  await workOn(3);
  expect((await certificate())?.removedAt).not.toBeNull();
  letGo();
  await settling;
  for (let turn = 0; turn < 3; turn += 1) {
    await world.settle();
    await workOn(1);
    world.clock.now += 600_000;
  }
  expect((await certificate())?.finishedAt).not.toBeNull();
  expect(await left([...profileIds, EMAIL])).toEqual([]);
  expect(world.received.map(({ operation }) => operation)).toEqual(action === 'send-event' ? ['send', 'erase'] : ['upsert']);
});

