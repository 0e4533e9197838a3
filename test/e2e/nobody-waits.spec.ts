import type { FlowDefinition, JsonValue } from '@firsthand/domain';
import { createSweep, recordConsents } from '@firsthand/pipeline';
import { RateLimited } from '@firsthand/plugin-sdk';
import web from '@firsthand/plugin-web';
import { createWorld, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const INTO_AUDIENCE = { id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' } } as const;
const toAudience: FlowDefinition = {
  flowId: 'audience', version: 1, name: 'Audience', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false,
  steps: [INTO_AUDIENCE],
};
const intoAudience = (parts: WorldParts) => { parts.flows = [toAudience]; };

const message = (type: string, messageId: string, userId: string, more: Record<string, JsonValue> = {}): JsonValue => ({
  type, messageId, userId, timestamp: new Date(world.clock.now).toISOString(), ...(type === 'track' ? { event: 'Product Viewed', properties: {} } : {}), ...more,
});
const joins = (userId: string) => message('identify', `i-${userId}`, userId, { traits: { email: `${userId}@example.com` } });

function decide(userId: string, decision: 'granted' | 'withdrawn'): Promise<unknown> {
  const { clock, configuration, store } = world;
  return recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value: userId }, decisions: [{ purpose: 'marketing', decision, recipients: ['own', 'processor'] }],
    agreement: decision === 'granted' ? { agreementId: 'terms', version: 1, language: 'en' } : null, method: 'toggle', submissionId: '',
  }, { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID() });
}

const operations = (): string[] => world.received.map(({ operation }) => operation);

describe('a removal', () => {
  it('after a withdrawal does not wait for an earlier delivery that waits for another try, and that one is blocked', async () => {
    world = await createWorld((parts) => { parts.flows = [{ ...toAudience, steps: [{ ...INTO_AUDIENCE, mapping: { email: '{{profile.email}}', profile: '{{profile}}' } }] }]; });
    await decide('u1', 'granted');
    await world.track([joins('u1'), message('track', 'm1', 'u1')], { isVerified: true });
    await world.settle();
    world.script.next = () => new RateLimited(20 * HOUR_MS);
    await world.track([message('identify', 'moved', 'u1', { traits: { city: 'Oslo' } }), message('track', 'm2', 'u1')], { isVerified: true });
    await world.settle();
    world.script.next = () => undefined;
    await decide('u1', 'withdrawn');
    await world.settle();
    expect(operations()).toEqual(['addMembers', 'addMembers', 'removeMembers']);
    world.clock.now += 21 * HOUR_MS;
    await world.settle();
    expect(operations()).toHaveLength(3);
    expect((await world.store.collections.deliveries.find({ operation: 'addMembers' }).sort({ seq: 1 }).toArray()).map(({ state }) => state)).toEqual(['delivered', 'blocked']);
  });

  it('follows when two become one and one of them had withdrawn', async () => {
    world = await createWorld(intoAudience);
    await decide('u1', 'granted');
    await decide('u2', 'granted');
    await decide('u2', 'withdrawn');
    await world.track([joins('u1'), message('track', 'm1', 'u1')], { isVerified: true });
    await world.settle();
    expect(operations()).toEqual(['addMembers']);
    await world.track([message('alias', 'a1', 'u2', { previousId: 'u1' }), message('identify', 'i2', 'u2', { traits: { email: 'u1@example.com' } })], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.merges.countDocuments({})).toBe(1);
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
  });
});

it('a vendor that is away holds up its own records only, and they are applied when it is back', async () => {
  let isAway = true;
  const source = web.sources?.events;
  world = await createWorld((parts) => {
    parts.sources = [{ connectionId: 'web' }, { connectionId: 'crm', source: { ...source, fetch: ({ records }: { records: JsonValue[] }) => (isAway ? Promise.reject(new RangeError('away')) : Promise.resolve(records)) } as never }];
  });
  await Promise.all([world.track([message('track', 'thin', 'u1')], { connectionId: 'crm' }), world.track([message('track', 'm1', 'u2')])]);
  await world.settle();
  const applied = async () => (await world.store.collections.events.distinct('record.messageId')).sort();
  expect(await applied()).toEqual(['m1']);
  isAway = false;
  for (let tries = 0; tries < 20 && (await applied()).length < 2; tries += 1) {
    world.clock.now += 1_000;
    await world.settle();
    await new Promise(setImmediate);
  }
  expect(await applied()).toEqual(['m1', 'thin']);
});

describe('the sweep', () => {
  it('goes on past a person who breaks it', async () => {
    world = await createWorld();
    for (const user of ['u1', 'u2', 'u3']) await decide(user, 'granted');
    world.rebuild((parts) => {
      parts.segments = [{ segmentId: 'quiet', version: 1, name: 'Quiet', purpose: 'marketing', condition: { not: { event: 'Order Completed', within: { days: 1 } } } }];
    });
    const { profiles } = world.store.collections;
    await profiles.updateMany({}, { $set: { dueAt: world.clock.now } });
    await profiles.updateOne({ 'identities.value': 'u2' }, { $set: { activity: null as never } });
    world.clock.now += 1;
    await expect(world.sweep.tick()).rejects.toThrow(TypeError);
    const members = await profiles.find({ 'memberships.quiet.isMember': true }).toArray();
    expect(members.map(({ identities }) => identities[0]?.value).sort()).toEqual(['u1', 'u3']);
  });

  it('of several processes at once continues a run once, and none of them fails', async () => {
    world = await createWorld((parts) => {
      parts.flows = [{ ...toAudience, steps: [{ id: 'wait', type: 'delay', span: { minutes: 1 } }, ...toAudience.steps] }];
    });
    await decide('u1', 'granted');
    await world.track([joins('u1'), message('track', 'm1', 'u1')], { isVerified: true });
    await world.settle();
    world.clock.now += HOUR_MS;
    const rung: string[] = [];
    const sweeps = [1, 2, 3].map(() => createSweep({
      store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: ({ connectionId }) => void rung.push(connectionId) }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now,
    }));
    await Promise.all(sweeps.map((sweep) => sweep.tick()));
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(1);
    expect(rung).toContain(SINK);
  });
});
