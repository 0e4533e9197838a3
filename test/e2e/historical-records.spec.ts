import type { FlowDefinition, JsonValue } from '@firsthand/domain';
import { recordConsents } from '@firsthand/pipeline';
import { createWorld, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const send: FlowDefinition['steps'] = [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' }];
const flow = (trigger: FlowDefinition['trigger'], acceptsHistorical = false): FlowDefinition => ({ flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger, acceptsHistorical, steps: send });
const bought = (messageId: string): JsonValue => ({ type: 'track', event: 'Order Completed', messageId, userId: 'u1', timestamp: new Date(world.clock.now).toISOString(), properties: {} });
const identify = (messageId: string, traits: Record<string, JsonValue>): JsonValue => ({ type: 'identify', messageId, userId: 'u1', timestamp: new Date(world.clock.now).toISOString(), traits });

async function start(adjust: (parts: WorldParts) => void): Promise<void> {
  world = await createWorld(adjust);
  const { clock, configuration, store } = world;
  await recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'u1' }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }],
    agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID() });
}

const buyers = (acceptsHistorical: boolean) => (parts: WorldParts): void => {
  parts.segments = [{ segmentId: 'buyers', version: 1, name: 'Buyers', purpose: 'marketing', condition: { event: 'Order Completed', within: { days: 30 } } }];
  parts.flows = [flow({ type: 'segment', segmentId: 'buyers', on: 'entered' }, acceptsHistorical)];
};

describe('who enters a segment', () => {
  it.each([[false, 0], [true, 1]])('by an import alone starts its flow only where the flow says so (%s)', async (acceptsHistorical, deliveries) => {
    await start(buyers(acceptsHistorical));
    await world.track([bought('m1')], { isVerified: true, isImport: true });
    await world.settle();
    expect(await world.store.collections.profiles.countDocuments({ 'memberships.buyers.isMember': true })).toBe(1);
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(deliveries);
  });

  it('by something of now starts it', async () => {
    await start(buyers(false));
    await world.track([bought('m1')], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(1);
  });
});

describe('a flow on a changed profile', () => {
  const onCity = (parts: WorldParts): void => { parts.flows = [flow({ type: 'profile', fields: ['city'] })]; };

  it('is not started by what an import changed, also beside a live record of the same person', async () => {
    await start(onCity);
    await world.track([identify('m1', { city: 'Shanghai' })], { isVerified: true, isImport: true });
    await world.track([identify('m2', { gender: 'female' })], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(2);
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(0);
  });

  it('is started once by several live records of one transaction', async () => {
    await start(onCity);
    await world.track([identify('m1', { city: 'Shanghai' }), identify('m2', { gender: 'female' })], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(1);
  });
});
