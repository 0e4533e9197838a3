import type { Condition, FlowDefinition, JsonValue } from '@firsthand/domain';
import { correctPerson, recordConsents, unmergePerson } from '@firsthand/pipeline';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

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

describe('a flow on a decision', () => {
  const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES });
  const onDecision = (version: number, before: FlowDefinition['steps'] = []): FlowDefinition => ({ ...flow({ type: 'consent', purpose: 'marketing', on: 'both' }, before), version });
  const waits: FlowDefinition['steps'] = [{ id: 'wait', type: 'delay', span: { days: 30 } }];
  const later = async (act: () => Promise<unknown>): Promise<void> => {
    world.clock.now += 1_000;
    await act();
    await world.settle();
  };
  const begin = async (before: FlowDefinition['steps'] = []): Promise<void> => {
    world = await createWorld((parts) => { parts.flows = [onDecision(1, before)]; });
    for (const user of ['u1', 'u2']) await later(() => world.track([identify(world, `i-${user}`, user, {})], { isVerified: true }));
  };
  /** The versions of the flow that were started, one entry for each time. */
  const starts = async (): Promise<number[]> => {
    const [deliveries, runs] = [await world.store.collections.deliveries.find({ class: 'data' }).toArray(), await world.store.collections.runs.find({}).toArray()];
    return [...deliveries, ...runs].map(({ flowVersion }) => flowVersion as number).sort();
  };
  const standings = async (): Promise<unknown[]> => (await world.store.collections.consentStates.find({}).toArray()).map(({ state }) => state.marketing?.own?.decision).sort();
  const merge = () => later(() => world.track([{ type: 'alias', messageId: 'one', userId: 'u1', previousId: 'u2', timestamp: new Date(world.clock.now).toISOString() }], { isVerified: true }));
  const part = async (): Promise<void> => {
    const loser = (await world.store.collections.aliases.findOne({}))?._id.split('|')[1] ?? '';
    await later(() => unmergePerson({ workspaceId: WORKSPACE, loser }, options()));
  };

  it.each([['u1', 'u2', []], ['u2', 'u1', []], ['u1', 'u2', waits], ['u2', 'u1', waits]] as [string, string, FlowDefinition['steps']][])('does not start again when %s, who had agreed, is told apart from %s, who had refused (%j)', async (granter, refuser, before) => {
    await begin(before);
    await later(() => decide(world, 'granted', granter));
    await later(() => decide(world, 'withdrawn', refuser));
    expect(await starts()).toEqual([1, 1]);
    await merge();
    await part();
    expect([await starts(), await standings()]).toEqual([[1, 1], ['granted', 'withdrawn']]);
    await later(() => decide(world, 'withdrawn', granter));
    expect(await starts()).toEqual([1, 1, 1]);
  });

  it('does not start in a version of since either, on what holds again', async () => {
    await begin();
    await later(() => decide(world, 'granted', 'u1'));
    await later(() => decide(world, 'withdrawn', 'u2'));
    await merge();
    world.rebuild((parts) => { parts.flows = [onDecision(2)]; });
    await part();
    expect([await starts(), await standings()]).toEqual([[1, 1], ['granted', 'withdrawn']]);
  });

  it('does not start again when a newer decision turns out to be a stranger’s, and the one before holds again', async () => {
    await begin();
    await later(() => world.track([identify(world, 'i-mail', 'u1', { email: 'ana@exmaple.com' })], { isVerified: true }));
    await later(() => decide(world, 'granted', 'u1'));
    await later(() => recordConsents({
      workspaceId: WORKSPACE, identity: { namespace: 'email', value: 'ana@exmaple.com' }, decisions: [{ purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'] }],
      agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
    }, options()));
    expect(await starts()).toEqual([1, 1]);
    world.rebuild((parts) => { parts.flows = [{ ...onDecision(2), trigger: { type: 'consent', purpose: 'marketing', on: 'granted' } }]; });
    const profileId = (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|u1` }))?.profileId ?? '';
    await later(() => correctPerson({ workspaceId: WORKSPACE, profileId, correctionId: 'c1', fields: {}, identities: [{ namespace: 'email', from: 'ana@exmaple.com', to: null }], reason: 'inaccurate', by: 'user', actorId: 'u-1' }, options()));
    expect([await starts(), await standings()]).toEqual([[1, 1], ['granted', 'withdrawn']]);
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
