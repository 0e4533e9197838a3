import type { FlowDefinition, FlowStep, SyncMode } from '@firsthand/domain';
import { unmergePerson, type DestinationConnection } from '@firsthand/pipeline';
import { InvalidPayload, RetryableError, type DestinationDefinition } from '@firsthand/plugin-sdk';
import { decide, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';
import { until } from '../support/until.js';

/** What goes out to an audience is the difference between who is wanted in it and what its recipient has confirmed. */
let world: World;
const joins = (sync?: SyncMode): FlowStep => (
  { id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}', profile: { lastName: '{{profile.lastName}}' } }, ...(sync === undefined ? {} : { sync }) });
const flow = (more: Partial<FlowDefinition> = {}, sync?: SyncMode): FlowDefinition => ({
  flowId: 'locals', version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'locals', on: 'entered' }, acceptsHistorical: false, steps: [joins(sync)], ...more,
});
const readers = flow({ flowId: 'readers', trigger: { type: 'segment', segmentId: 'readers', on: 'entered' } });
const renamed = (sync: SyncMode): FlowDefinition => flow({ flowId: 'renamed', trigger: { type: 'profile', fields: ['lastName'] } }, sync);

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.segments = [
      { segmentId: 'locals', version: 1, name: 'Locals', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } },
      { segmentId: 'readers', version: 1, name: 'Readers', purpose: 'marketing', condition: { trait: 'language', op: 'eq', value: 'zh' } },
    ];
    parts.flows = [];
  });
});
afterAll(() => world.close());
afterEach(() => { world.script.next = () => undefined; });

let people = 0;
let userId = '';
/** A person of whom nothing is known yet, and the flows that are live. */
async function begin(...flows: FlowDefinition[]): Promise<void> {
  userId = `u${people += 1}`;
  world.received.length = 0;
  world.rebuild((parts) => { parts.flows = flows; });
  open(true);
  await decide(world, 'granted', userId);
}

function open(isOpen: boolean): void {
  world.rebuild((parts) => { parts.destination = { status: isOpen ? 'enabled' : 'paused' }; });
}

let messages = 0;
async function become(traits: Record<string, string>, as: Record<string, string> = {}): Promise<void> {
  world.clock.now += 1_000;
  await world.track([identify(world, `m${messages += 1}`, userId, { email: `${userId}@example.com`, ...traits }, as)], { isVerified: true });
  await world.settle();
}

const operations = (): string[] => world.received.map(({ operation }) => operation);
async function rows(): Promise<string[]> {
  const profileId = (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|${userId}` }))?.profileId as string;
  return (await world.store.collections.deliveries.find({ profileId }).sort({ seq: 1 }).toArray()).map(({ operation, state, reason }) => [operation, state, ...(reason === null ? [] : [reason])].join(' '));
}
const memberships = async (): Promise<string[]> => (await world.store.collections.audienceMembers.find({}).toArray())
  .flatMap(({ sets }) => sets).filter(({ identifiers }) => String(identifiers.email).startsWith(`${userId}@`)).map(({ state, holders }) => `${state} ${holders.map(({ flowId }) => flowId).sort().join(',')}`.trim());

describe('nothing is sent', () => {
  it('of who left and is back before the removal went out; the books balance', async () => {
    await begin(flow());
    await become({ city: 'Shanghai' });
    open(false);
    for (const city of ['Beijing', 'Shanghai']) await become({ city });
    open(true);
    await world.settle();
    expect(operations()).toEqual(['addMembers']);
    expect(await rows()).toEqual(['addMembers delivered', 'removeMembers cancelled segment-entered-again', 'addMembers cancelled already-confirmed']);
    await become({ city: 'Beijing' });
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
    expect(await memberships()).toEqual(['out']);
    const { deliveries, ...ended } = await ledgerTotals(world);
    expect(Object.entries(ended).filter(([key]) => /^(delivered|cancelled|dead|blocked)/.test(key)).reduce((sum, [, count]) => sum + count, 0)).toBe(deliveries);
  });

  it('of who is in by another step with the same payload, until both let go', async () => {
    await begin(flow(), readers);
    await become({ city: 'Shanghai' });
    await become({ city: 'Shanghai', language: 'zh' });
    expect(await memberships()).toEqual(['in locals,readers']);
    await become({ city: 'Beijing' });
    expect(operations()).toEqual(['addMembers']);
    expect(await memberships()).toEqual(['in readers']);
    await become({ language: 'de' });
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
    expect(await rows()).toEqual(['addMembers delivered', 'addMembers cancelled already-confirmed', 'removeMembers cancelled already-confirmed', 'removeMembers delivered']);
  });

  it('of who withdraws and is out already', async () => {
    await begin(flow());
    for (const city of ['Shanghai', 'Beijing']) await become({ city });
    await decide(world, 'withdrawn', userId);
    await world.settle();
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
    expect((await rows()).at(-1)).toBe('removeMembers cancelled already-confirmed');
  });
});

describe('all is sent', () => {
  it('of who is back with other data: out, then in', async () => {
    await begin(flow());
    await become({ city: 'Shanghai', lastName: 'Li' });
    open(false);
    await become({ city: 'Beijing' });
    await become({ city: 'Shanghai', lastName: 'Wu' });
    open(true);
    await world.settle();
    expect(operations()).toEqual(['addMembers', 'removeMembers', 'addMembers']);
    expect(world.received.at(-1)?.payload).toMatchObject({ profile: { lastName: 'Wu' } });
  });

  it('of what came to an unknown end', async () => {
    await begin(flow());
    // It may have arrived: the answer to the removal is lost, and it is not tried again in time.
    await become({ city: 'Shanghai' });
    world.script.next = () => new InvalidPayload('No.');
    await become({ city: 'Beijing' });
    expect(await memberships()).toEqual(['open locals']);
    world.script.next = () => undefined;
    await become({ city: 'Shanghai' });
    expect(operations()).toEqual(['addMembers', 'removeMembers', 'addMembers']);
    expect(await memberships()).toEqual(['in locals']);
  });

  it('again after a try that failed, and after a worker that died with it on its way', async () => {
    await begin(flow());
    let written: Promise<string[]> | undefined;
    world.script.next = () => {
      written ??= memberships();
      return new RetryableError('Away.');
    };
    await become({ city: 'Shanghai' });
    // Written ahead of the request: whoever takes the lane next knows that it may be in.
    expect(await written).toEqual(['open locals']);
    world.script.next = () => undefined;
    world.clock.now += 3_600_000;
    await world.settle();
    expect(operations()).toEqual(['addMembers', 'addMembers']);
    expect(new Set(world.received.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    expect(await memberships()).toEqual(['in locals']);
  });

  it('of both when two who are in turn out to be one', async () => {
    await begin(flow());
    await become({ city: 'Shanghai' });
    const first = userId;
    world.clock.now += 1_000;
    const other = `${first}@other.example`;
    await world.track([identify(world, `m${messages += 1}`, '', { email: other, city: 'Shanghai' }, { userId: null, anonymousId: `a-${first}`, context: { consent: { categoryPreferences: { marketing: true } } } })], { isVerified: true });
    await world.settle();
    expect(operations()).toEqual(['addMembers', 'addMembers']);
    await become({ city: 'Beijing', email: other });
    expect(world.received.filter(({ operation }) => operation === 'removeMembers').map(({ payload }) => payload.email).sort()).toEqual([`${first}@example.com`, other]);
  });
});

describe('two who were made one by mistake are right again', () => {
  const pair = async (): Promise<[string, string]> => {
    const bo = `${userId}-bo`;
    await decide(world, 'granted', bo);
    return [userId, bo];
  };
  const tell = async (id: string, traits: Record<string, string>, more: Record<string, string> = {}): Promise<void> => {
    world.clock.now += 1_000;
    await world.track([{ ...(identify(world, `m${messages += 1}`, id, traits) as object), ...more }], { isVerified: true });
    await world.settle();
  };
  const unmerge = async (): Promise<void> => {
    const loser = (await world.store.collections.aliases.findOne({}, { sort: { $natural: -1 } }))?._id.split('|')[1] as string;
    world.clock.now += 1_000;
    await unmergePerson({ workspaceId: WORKSPACE, loser }, { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES });
    await world.settle();
  };
  const sent = (): string[] => world.received.splice(0).map(({ operation, payload }) => `${operation} ${String(payload.email).split('@')[0]}`);
  const addressed = (id: string, city: string): Record<string, string> => ({ email: `${id}@example.com`, city });

  it('where one came in under the other’s address: it is noted as the other’s, and nothing is taken out', async () => {
    await begin(flow());
    const [ana, bo] = await pair();
    await tell(ana, addressed(ana, 'Shanghai'));
    await tell(bo, addressed(bo, 'Berlin'));
    await tell(ana, {}, { type: 'alias', previousId: bo });
    await tell(bo, addressed(bo, 'Shanghai'));
    expect(sent()).toEqual([`addMembers ${ana}`, `removeMembers ${ana}`, `addMembers ${bo}`]);
    await unmerge();
    const put = sent();
    expect(put).toContain(`addMembers ${ana}`);
    expect(put.filter((one) => one.startsWith('removeMembers'))).toEqual([]);
    // Each leaves for themself.
    await tell(bo, { city: 'Berlin' });
    expect(sent()).toEqual([`removeMembers ${bo}`]);
    await tell(ana, { city: 'Berlin' });
    expect(sent()).toEqual([`removeMembers ${ana}`]);
  });

  it('where as one they had left the segment, and what takes the one out was not sent yet: they are in after it', async () => {
    await begin(flow());
    const [ana, bo] = await pair();
    await tell(ana, addressed(ana, 'Shanghai'));
    await tell(bo, addressed(bo, 'Berlin'));
    expect(sent()).toEqual([`addMembers ${ana}`]);
    world.clock.now += 1_000;
    await world.track([{ ...(identify(world, `m${messages += 1}`, ana, {}) as object), type: 'alias', previousId: bo }], { isVerified: true });
    await world.apply.drain();
    expect(await world.store.collections.deliveries.countDocuments({ operation: 'removeMembers', state: 'pending' })).toBe(1);
    await unmerge();
    expect(sent().filter((one) => one.endsWith(` ${ana}`)).at(-1)).not.toBe(`removeMembers ${ana}`);
    expect((await world.store.collections.audienceMembers.find({ 'sets.identifiers.email': `${ana}@example.com` }).toArray()).flatMap(({ sets }) => sets.map(({ state }) => state))).toEqual(['in']);
  });

  it.each<[string, FlowDefinition, 0 | 1, string[]]>([
    ['over their segment', flow(), 1, ['addMembers', 'removeMembers']], ['over the one’s', flow(), 0, ['addMembers', 'removeMembers']], ['by an event of theirs', renamed('upsert'), 1, ['addMembers', 'addMembers']],
  ])('where the other is still being put in %s: each delivery goes once, and out comes after in', async (_, live, by, expected) => {
    await begin(live);
    // Hers is the elder, into which his is merged.
    world.clock.now += 1_000;
    const [ana, bo] = await pair();
    await tell(ana, addressed(ana, 'Shanghai'));
    await tell(bo, addressed(bo, 'Berlin'));
    await tell(ana, {}, { type: 'alias', previousId: bo });
    const sink = world.configuration.current.destinations.get(SINK)!;
    const audience = sink.destinations.audience!;
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => { letGo = resolve; });
    const addMembers: typeof audience.addMembers = async (call) => {
      if (call.items.some(({ payload }) => payload.email === `${bo}@example.com`)) await gate;
      return audience.addMembers!(call);
    };
    world.configuration.current = { ...world.configuration.current, destinations: new Map([[SINK, { ...sink, destinations: { ...sink.destinations, audience: { ...audience, addMembers } } }]]) };
    sent();
    const settled: Promise<void>[] = [];
    /** Of somebody else meanwhile: what the lane has looked at before is decided. */
    const meanwhile = async (id: string, traits: Record<string, string>, isThere: () => Promise<boolean>): Promise<void> => {
      world.clock.now += 1_000;
      await world.track([identify(world, `m${messages += 1}`, id, traits)], { isVerified: true });
      settled.push(world.settle());
      expect(await until(isThere, Boolean)).toBe(true);
    };
    const isOpen = async (): Promise<boolean> => (await world.store.collections.audienceMembers.countDocuments({ sets: { $elemMatch: { 'identifiers.email': `${bo}@example.com`, state: 'open' } } })) > 0;
    await meanwhile([ana, bo][by]!, { city: 'Shanghai', lastName: 'Li' }, isOpen);
    const loser = (await world.store.collections.aliases.findOne({}, { sort: { $natural: -1 } }))?._id.split('|')[1] as string;
    const unmergedAt = world.clock.now += 1_000;
    await unmergePerson({ workspaceId: WORKSPACE, loser }, { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES });
    await decide(world, 'granted', `${bo}-cy`);
    await meanwhile(bo, { city: 'Hamburg' }, async () => (await world.store.collections.deliveries.countDocuments({ operation: 'removeMembers', createdAt: { $gte: unmergedAt } })) >= expected.filter((one) => one === 'removeMembers').length);
    await meanwhile(`${bo}-cy`, { ...addressed(`${bo}-cy`, 'Shanghai'), lastName: 'Cy' }, () => Promise.resolve(world.received.some(({ payload }) => payload.email === `${bo}-cy@example.com`)));
    letGo();
    await Promise.all(settled);
    await world.settle();
    expect(new Set(world.received.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(world.received.length);
    expect(sent().filter((one) => one.endsWith(` ${bo}`))).toEqual(expected.map((operation) => `${operation} ${bo}`));
    expect((await world.store.collections.audienceMembers.find({}).toArray()).flatMap(({ sets }) => sets).filter(({ identifiers }) => identifiers.email === `${bo}@example.com`).map(({ state }) => state)).toEqual([expected.at(-1) === 'removeMembers' ? 'out' : 'in']);
  });
});

describe('a step that', () => {
  it.each<[SyncMode, string[]]>([
    ['mirror', ['addMembers Li', 'removeMembers', 'addMembers Wu', 'removeMembers']],
    ['upsert', ['addMembers Li', 'addMembers Wu', 'removeMembers']],
    ['add', ['addMembers Li', 'removeMembers']],
  ])('syncs by %s; who withdraws is taken out in any case', async (sync, expected) => {
    await begin(flow({}, sync));
    await become({ city: 'Shanghai', lastName: 'Li' });
    await become({ city: 'Beijing', lastName: 'Wu' });
    await become({ city: 'Shanghai' });
    await decide(world, 'withdrawn', userId);
    await world.settle();
    expect(world.received.map(({ operation, payload }) => [operation, ...(payload.profile === undefined ? [] : [(payload.profile as { lastName: string }).lastName])].join(' '))).toEqual(expected);
  });

  it('updates sends changes of who is in, wants nobody in, and puts nobody in', async () => {
    await begin(flow(), renamed('update'));
    await become({ lastName: 'Li' });
    expect(await rows()).toEqual(['addMembers cancelled not-a-member']);
    await become({ city: 'Shanghai' });
    await become({ lastName: 'Wu' });
    await become({ city: 'Beijing' });
    expect(operations()).toEqual(['addMembers', 'addMembers', 'removeMembers']);
    expect(world.received[1]?.payload).toMatchObject({ profile: { lastName: 'Wu' } });
  });

  it('deletes takes out whoever comes to it, whoever put them in', async () => {
    await begin(flow(), renamed('delete'));
    await become({ lastName: 'Li' });
    expect(await rows()).toEqual(['removeMembers cancelled nothing-disclosed']);
    await become({ city: 'Shanghai' });
    await become({ lastName: 'Wu' });
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
    await become({ lastName: 'Xu' });
    expect((await rows()).at(-1)).toBe('removeMembers cancelled already-confirmed');
  });
});

it('an audience larger than a batch goes out, and comes back, in batches of its vendor’s size', async () => {
  await begin(flow());
  const calls: number[] = [];
  const size = 7;
  const { destinations } = world.configuration.current.destinations.get(SINK) as DestinationConnection;
  const { addMembers, removeMembers, ...audience } = destinations.audience as Required<DestinationDefinition>;
  const counted = (call: typeof addMembers): typeof addMembers => (context) => {
    calls.push(context.items.length);
    return call(context);
  };
  world.rebuild((parts) => {
    parts.destination = { destinations: { ...destinations, audience: { ...audience, maxBatchSize: size, addMembers: counted(addMembers), removeMembers: counted(removeMembers) } } };
  });
  const ids = Array.from({ length: 20 }, (_, index) => `many${index}`);
  for (const id of ids) await decide(world, 'granted', id);
  for (const city of ['Shanghai', 'Beijing']) {
    world.clock.now += 1_000;
    await world.track(ids.map((id) => identify(world, `m${messages += 1}`, id, { email: `${id}@example.com`, city })), { isVerified: true });
    await world.settle();
    expect(calls.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect(Math.max(...calls.splice(0))).toBe(size);
  }
});
