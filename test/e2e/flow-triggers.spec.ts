import type { Condition, FlowDefinition, JsonValue } from '@firsthand/domain';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, type World, type WorldParts } from '../support/pipeline-world.js';

/** What starts a flow beside an event, and what a filter lets through. */
let world: World;
afterEach(() => world.close());

const flow = (trigger: FlowDefinition['trigger'], more: FlowDefinition['steps'] = []): FlowDefinition => ({
  flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger, acceptsHistorical: false, steps: [...more, { id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' }],
});

async function start(adjust: (parts: WorldParts) => void): Promise<void> {
  world = await createWorld(adjust);
  for (const user of ['u1', 'u2']) await decide(world, 'granted', user);
}

async function tell(...messages: JsonValue[]): Promise<void> {
  await world.track(messages, { isVerified: true });
  await world.settle();
  world.clock.now += 1_000;
}

const messageIds = (): unknown[] => world.received.map(({ payload }) => (payload.event as { messageId: string }).messageId);

describe('a flow on a changed profile', () => {
  it('starts when one of its fields takes another value, and only then', async () => {
    await start((parts) => { parts.flows = [flow({ type: 'profile', fields: ['city'] })]; });
    await tell(identify(world, 'i1', 'u1', { city: 'Shanghai' }));
    await tell(identify(world, 'i2', 'u1', { city: 'Shanghai' }));
    await tell(identify(world, 'i3', 'u1', { gender: 'female' }));
    await tell(event(world, 'm1'));
    await tell(identify(world, 'i4', 'u1', { city: 'Beijing' }));
    expect(messageIds()).toEqual(['i1', 'i4']);
    expect(world.received[1]?.payload).toMatchObject({ profile: { city: 'Beijing' } });
  });

  it('that names no field starts with any', async () => {
    await start((parts) => { parts.flows = [flow({ type: 'profile' })]; });
    await tell(identify(world, 'i1', 'u1', { gender: 'female' }), identify(world, 'i2', 'u1', { city: 'Shanghai' }));
    expect(messageIds()).toHaveLength(1);
    await tell(identify(world, 'i3', 'u1', { gender: 'female' }));
    expect(messageIds()).toHaveLength(1);
  });
});

describe('a flow on a segment', () => {
  const buyers = (parts: WorldParts): void => {
    parts.segments = [{ segmentId: 'buyers', version: 1, name: 'Buyers', purpose: 'marketing', condition: { event: 'Order Completed', within: { minutes: 5 } } }];
  };

  it.each<['entered' | 'left' | 'both', string[], string[]]>([['entered', ['Segment Entered'], []], ['left', [], ['Segment Exited']], ['both', ['Segment Entered'], ['Segment Exited']]])(
    'starts when it is %s, by what happens and by time alone', async (on, atFirst, later) => {
      await start((parts) => {
        buyers(parts);
        parts.flows = [flow({ type: 'segment', segmentId: 'buyers', on })];
      });
      const names = () => world.received.map(({ payload }) => (payload.event as { name: string }).name);
      await tell(event(world, 'm1', { event: 'Order Completed' }));
      expect(names()).toEqual(atFirst);
      world.clock.now += 300_000;
      await world.settle();
      expect(names()).toEqual([...atFirst, ...later]);
    });

  it('starts when it is entered by a decision, also where only an import had told of the person', async () => {
    world = await createWorld((parts) => {
      buyers(parts);
      parts.flows = [flow({ type: 'segment', segmentId: 'buyers', on: 'entered' })];
    });
    await world.track([event(world, 'm1', { event: 'Order Completed' })], { isVerified: true, isImport: true });
    await world.settle();
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(0);
    await decide(world, 'granted');
    await world.settle();
    expect(world.received).toHaveLength(1);
  });
});

describe('a filter step', () => {
  const filter = (condition: Condition) => (parts: WorldParts): void => {
    parts.flows = [flow({ type: 'event', name: 'Product Viewed' }, [{ id: 'only', type: 'filter', condition }])];
  };

  it('lets go on whom its condition holds for, on the person as they are', async () => {
    await start(filter({ trait: 'city', op: 'eq', value: 'Shanghai' }));
    await tell(identify(world, 'i1', 'u1', { city: 'Shanghai' }), event(world, 'm1'), event(world, 'm2', { userId: 'u2' }));
    expect(messageIds()).toEqual(['m1']);
    expect(await world.store.collections.deliveries.countDocuments({})).toBe(1);
  });

  it('counts what happened, along with what starts the run', async () => {
    await start(filter({ event: 'Product Viewed', count: { op: 'gte', value: 2 }, within: { days: 7 } }));
    await tell(event(world, 'm1'));
    await tell(event(world, 'm2'));
    expect(messageIds()).toEqual(['m2']);
  });

  it('after a delay is asked about the person as they are then', async () => {
    await start((parts) => {
      parts.flows = [flow({ type: 'event', name: 'Product Viewed' }, [
        { id: 'wait', type: 'delay', span: { minutes: 10 } }, { id: 'only', type: 'filter', condition: { not: { event: 'Order Completed', within: { minutes: 10 } } } },
      ])];
    });
    await tell(event(world, 'm1'), event(world, 'm2', { userId: 'u2' }));
    world.clock.now += 60_000;
    await tell(event(world, 'o1', { event: 'Order Completed', userId: 'u2' }));
    world.clock.now += 600_000 - 63_000;
    await world.settle();
    expect(messageIds()).toEqual([]);
    world.clock.now += 2_000;
    await world.settle();
    expect(messageIds()).toEqual(['m1']);
  });
});
