import type { FlowDefinition, FlowStep } from '@firsthand/domain';
import { RateLimited } from '@firsthand/plugin-sdk';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, type World } from '../support/pipeline-world.js';

/** Who is in an audience over a segment, whatever becomes of the flow that put them there. */
let world: World;
afterEach(() => world.close());

const intoAudience: FlowStep = { id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' } };
const toCrm: FlowStep = { id: 'tell', type: 'deliver', connectionId: SINK, action: 'send-event' };
const flow = (more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'locals', on: 'entered' }, acceptsHistorical: false, steps: [intoAudience], ...more,
});

async function start(first: FlowDefinition = flow()): Promise<void> {
  world = await createWorld((parts) => {
    parts.segments = ['locals', 'others'].map((segmentId) => ({
      segmentId, version: 1, name: segmentId, purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: segmentId === 'locals' ? 'Shanghai' : 'Beijing' },
    }));
    parts.flows = [first];
  });
  await decide(world, 'granted');
}

/** The person is said to live there from now on. */
async function moveTo(city: string): Promise<void> {
  world.clock.now += 1_000;
  await world.track([identify(world, `in ${city} at ${world.clock.now}`, 'u1', { email: 'ana@example.com', city })], { isVerified: true });
  await world.settle();
}

/** What is done while the destination is left out of the configuration, as it is when its secrets cannot be read. */
async function withoutDestination(work: () => Promise<void>): Promise<void> {
  const whole = world.configuration.current;
  world.configuration.current = { ...whole, destinations: new Map() };
  await work();
  world.configuration.current = whole;
}

const operations = (): string[] => world.received.map(({ operation }) => operation);
const rows = async (): Promise<string[]> => (await world.store.collections.deliveries.find({}).sort({ seq: 1 }).toArray()).map(({ operation, state, reason }) => [operation, state, ...(reason === null ? [] : [reason])].join(' '));

describe('who leaves a segment is taken out of the audience', () => {
  it.each<[string, FlowDefinition[]]>([
    ['the flow was paused', []],
    ['the flow is for another segment by now', [flow({ version: 2, trigger: { type: 'segment', segmentId: 'others', on: 'left' } })]],
    ['the flow delivers elsewhere by now', [flow({ version: 2, steps: [toCrm] })]],
    ['the flow starts with an event by now', [flow({ version: 2, trigger: { type: 'event', name: 'Product Viewed' } })]],
  ])('when %s', async (_name, flows) => {
    await start();
    await moveTo('Shanghai');
    world.rebuild((parts) => { parts.flows = flows; });
    await moveTo('Beijing');
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
    expect(world.received[1]?.payload).toEqual({ email: 'ana@example.com' });
  });

  it('once: who is not put in again is not taken out again', async () => {
    await start();
    await moveTo('Shanghai');
    world.rebuild((parts) => { parts.flows = []; });
    for (const city of ['Beijing', 'Shanghai', 'Beijing']) await moveTo(city);
    expect(await rows()).toEqual(['addMembers delivered', 'removeMembers delivered']);
  });

  it('after a delivery that waits for its next try', async () => {
    await start();
    world.script.next = () => new RateLimited(3_600_000);
    await moveTo('Shanghai');
    world.script.next = () => undefined;
    await moveTo('Beijing');
    expect(operations()).toEqual(['addMembers']);
    world.clock.now += 3_600_000;
    await world.settle();
    // The first try may have come through: nobody knows.
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
    expect(await rows()).toEqual(['addMembers cancelled segment-left', 'removeMembers delivered']);
  });

  it('over a flow on leaving it too, whoever put them in', async () => {
    const viewers = flow({ flowId: 'viewers', trigger: { type: 'event', name: 'Product Viewed' } });
    await start(viewers);
    await moveTo('Shanghai');
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    world.rebuild((parts) => { parts.flows = [viewers, flow({ trigger: { type: 'segment', segmentId: 'locals', on: 'both' } })]; });
    await moveTo('Beijing');
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
  });

  it.each(['both', 'left'] as const)('also while that flow (on: %s) is paused, for nobody comes to it later', async (on) => {
    const viewers = flow({ flowId: 'viewers', trigger: { type: 'event', name: 'Product Viewed' } });
    await start(viewers);
    await moveTo('Shanghai');
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    world.rebuild((parts) => { Object.assign(parts, { flows: [viewers, flow({ trigger: { type: 'segment', segmentId: 'locals', on } })], pausedFlows: ['f'] }); });
    await moveTo('Beijing');
    world.rebuild((parts) => { parts.pausedFlows = []; });
    await world.settle();
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
  });

  it('and not put in by a run that waited', async () => {
    await start(flow({ steps: [{ id: 'wait', type: 'delay', span: { minutes: 1 } }, intoAudience] }));
    await moveTo('Shanghai');
    await moveTo('Beijing');
    world.clock.now += 60_000;
    await world.settle();
    expect(await world.store.collections.runs.countDocuments({ dueAt: { $gt: 0 } })).toBe(0);
    expect(await rows()).toEqual([]);
  });
});

describe('a destination that is missing for a while', () => {
  it('is told of who left meanwhile', async () => {
    await start();
    await moveTo('Shanghai');
    await withoutDestination(() => moveTo('Beijing'));
    expect(await rows()).toEqual(['addMembers delivered', 'removeMembers pending']);
    await world.settle();
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
  });

  it('gets who entered meanwhile as a member', async () => {
    await start();
    await withoutDestination(() => moveTo('Shanghai'));
    expect(operations()).toEqual([]);
    await world.settle();
    expect(operations()).toEqual(['addMembers']);
  });

  it('gets as a delivery what is no membership, and stays as it is when they leave', async () => {
    await start(flow({ steps: [toCrm] }));
    await withoutDestination(async () => {
      await moveTo('Shanghai');
      await moveTo('Beijing');
    });
    await world.settle();
    await world.settle();
    expect(operations()).toEqual(['send']);
    expect(await rows()).toEqual(['send delivered', 'removeMembers cancelled destination-cannot-remove']);
  });

  it('does not get who entered and left meanwhile', async () => {
    await start();
    await withoutDestination(async () => {
      await moveTo('Shanghai');
      await moveTo('Beijing');
    });
    await world.settle();
    await world.settle();
    expect(operations()).toEqual([]);
    expect(await rows()).toEqual(['addMembers cancelled segment-left', 'removeMembers cancelled nothing-disclosed']);
  });

  it('gets what a flow on leaving says, whatever the action is', async () => {
    await start(flow({ trigger: { type: 'segment', segmentId: 'locals', on: 'left' }, steps: [toCrm, intoAudience] }));
    await moveTo('Shanghai');
    await withoutDestination(() => moveTo('Beijing'));
    for (let look = 0; look < 4; look += 1) await world.settle();
    expect(operations()).toEqual(['send']);
  });
});

it('an event of any source may be called Segment Exited, and puts its person into an audience', async () => {
  await start(flow({ trigger: { type: 'event', name: 'Segment Exited' } }));
  await moveTo('Shanghai');
  await world.track([event(world, 'm1', { event: 'Segment Exited' })], { isVerified: true });
  await world.settle();
  expect(operations()).toEqual(['addMembers']);
});
