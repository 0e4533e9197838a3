import { CONTACT_CHANNELS, createDictionary, fieldMistake, flowDoubts, parseFlow, SYNC_MODES, type Condition, type FlowDefinition, type FlowEnvironment, type JsonValue } from '@firsthand/domain';
import { eventDoubter } from '../../apps/host/src/admin/workspace-environment.js';
import { fillTemplate, flowTemplates } from '../../apps/host/src/admin/flows/flow-templates.js';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, type World, type WorldParts } from '../support/pipeline-world.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GIVEN: Record<string, string> = { purpose: 'marketing', connection: SINK, action: 'send-event', offerAction: 'send-event', segment: 'buyers' };
const SEGMENTS: WorldParts['segments'] = [{ segmentId: 'buyers', version: 1, name: 'Buyers', purpose: 'marketing', condition: { event: 'Order Completed', within: { days: 30 } } satisfies Condition }];

const dictionary = createDictionary();
const environment: FlowEnvironment = {
  hasPurpose: (key) => key === 'marketing', hasSegment: (id) => id === 'buyers', hasTrait: (name) => dictionary.field(`profile.${name}`) !== undefined,
  destinationActions: () => ({ 'send-event': {}, audience: {} }), syncModes: (_connectionId, action) => (action === 'audience' ? SYNC_MODES : []), asks: () => undefined, reachOf: () => ({ channels: CONTACT_CHANNELS, recipients: null }), mappingPlaces: () => [],
  fieldMistake: (path) => fieldMistake(path, dictionary), eventDoubt: eventDoubter({ dictionary, sources: new Map() }),
};
function definitionOf(id: string): FlowDefinition {
  const { parameters } = flowTemplates().find((one) => one.id === id) ?? { parameters: {} };
  const given: Record<string, string> = { ...GIVEN, ...(id === 'suppress-buyers' ? { action: 'audience' } : {}) };
  return parseFlow({ ...fillTemplate(id, Object.fromEntries(Object.keys(parameters).map((name) => [name, given[name] ?? '']))), flowId: id, version: 1 }, environment);
}

let world: World;
async function play(id: string): Promise<void> {
  world = await createWorld((parts) => Object.assign(parts, { flows: [definitionOf(id)], segments: id === 'suppress-buyers' ? SEGMENTS : [] }));
}
afterEach(() => world.close());
async function track(name: string, messageId: string, properties: Record<string, JsonValue> = {}): Promise<void> {
  await world.track([event(world, messageId, { event: name, properties })], { isVerified: true });
  await world.settle();
}
async function pass(ms: number): Promise<void> {
  world.clock.now += ms;
  await world.settle();
}
const sent = (): number => world.received.length;

const STORIES: Record<string, () => Promise<void>> = {
  async welcome() {
    await decide(world, 'granted');
    await world.settle();
    expect(sent()).toBe(1);
    await pass(3 * DAY_MS);
    expect(sent()).toBe(2);
    await decide(world, 'withdrawn');
    await decide(world, 'granted');
    await pass(3 * DAY_MS);
    expect(world.received.filter(({ operation }) => operation === 'send')).toHaveLength(2);
  },
  async 'abandoned-cart'() {
    await decide(world, 'granted');
    await track('Product Added', 'm1', { cartId: 'c1' });
    await track('Product Added', 'm2', { cartId: 'c2' });
    await track('Order Completed', 'm3', { cartId: 'c2' });
    await pass(HOUR_MS);
    expect(sent()).toBe(1);
  },
  async 'win-back'() {
    await decide(world, 'granted');
    await track('Order Completed', 'm1');
    await pass(60 * DAY_MS);
    await track('Order Completed', 'm2');
    await pass(60 * DAY_MS);
    expect(sent()).toBe(0);
    await pass(30 * DAY_MS);
    expect(sent()).toBe(1);
  },
  async 'post-purchase'() {
    await decide(world, 'granted');
    await track('Order Completed', 'm1', { order_id: 'o1' });
    await track('Order Completed', 'm2', { order_id: 'o2' });
    await track('Order Completed', 'm3', { order_id: 'o1' });
    await track('Order Cancelled', 'm4', { order_id: 'o2' });
    await pass(7 * DAY_MS);
    expect(sent()).toBe(1);
  },
  async birthday() {
    await decide(world, 'granted');
    await world.track([identify(world, 'm1', 'u1', { birthday: '1990-03-05' }), identify(world, 'm2', 'u2', { birthday: '1990-04-05' })], { isVerified: true });
    await world.settle();
    for (let day = 0; day < 6; day += 1) await pass(DAY_MS);
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(1);
  },
  async 'price-drop'() {
    await decide(world, 'granted');
    await track('Product Added to Wishlist', 'm1', { product_id: 'p1' });
    await track('Product Price Dropped', 'm2', { product_id: 'p2' });
    expect(sent()).toBe(0);
    await pass(DAY_MS);
    // What they buy besides is no reason to hold it back; the product itself is, in whatever order.
    await track('Order Completed', 'm3', { products: [{ product_id: 'p2' }] });
    await track('Product Price Dropped', 'm4', { product_id: 'p1' });
    expect(sent()).toBe(1);
    await track('Product Added to Wishlist', 'm5', { product_id: 'p3' });
    await pass(DAY_MS);
    await track('Order Completed', 'm6', { products: [{ product_id: 'p2' }, { product_id: 'p3' }] });
    await pass(20 * DAY_MS);
    await track('Product Price Dropped', 'm7', { product_id: 'p3' });
    expect(sent()).toBe(1);
    await track('Product Added to Wishlist', 'm8', { product_id: 'p3' });
    await track('Product Price Dropped', 'm9', { product_id: 'p3' });
    expect(sent()).toBe(2);
  },
  async 'lapsing-loyalty-member'() {
    await decide(world, 'granted');
    await world.track([identify(world, 'm1', 'u1', { membershipLevel: 'gold' }), event(world, 'm2')], { isVerified: true });
    for (let week = 0; week < 8; week += 1) await pass(7 * DAY_MS);
    expect(sent()).toBe(0);
    for (let week = 0; week < 4; week += 1) await pass(7 * DAY_MS);
    expect(sent()).toBe(1);
  },
  async 'suppress-buyers'() {
    await decide(world, 'granted');
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' })], { isVerified: true });
    await track('Order Completed', 'm1');
    expect(world.received).toMatchObject([{ operation: 'addMembers' }]);
    await pass(31 * DAY_MS);
    expect(world.received.at(-1)).toMatchObject({ operation: 'removeMembers', payload: { email: 'ana@example.com' } });
  },
};

describe('a ready-made flow', () => {
  // The one event that the shop has to bring in.
  const DOUBTS: Record<string, string[]> = { 'price-drop': ['/steps/0/event/name'] };
  it.each(flowTemplates().map(({ id }) => id))('%s is valid by the dictionary, and plays', async (id) => {
    await play(id);
    expect(flowDoubts(definitionOf(id), environment).map(({ path }) => path)).toEqual(DOUBTS[id] ?? []);
    await (STORIES[id] as () => Promise<void>)();
  });
});
