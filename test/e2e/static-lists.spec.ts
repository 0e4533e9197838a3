import type { Condition, FlowDefinition, FlowStep, JsonValue } from '@firsthand/domain';
import { changeList, type ListChange, type ListMode, type ListOutcome, type Store } from '@firsthand/pipeline';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** Static lists over a real MongoDB: who stands on one, and who of them is in its segment. */
let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const LIST = 'guests';
const segment = (segmentId: string, condition: Condition) => ({ segmentId, version: 1, name: segmentId, purpose: 'marketing', condition });
const list = segment(LIST, { list: LIST });
const send: FlowStep = { id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' };
const flow = (flowId: string, trigger: FlowDefinition['trigger'], steps: FlowStep[]): FlowDefinition => ({ flowId, version: 1, name: flowId, purpose: 'marketing', trigger, acceptsHistorical: false, steps });

async function start(users: readonly string[], more: Partial<WorldParts> = {}): Promise<void> {
  world.rebuild((parts) => Object.assign(parts, { flows: [], segments: [list], ...more }));
  await track(users.map((userId) => event(world, `seen-${userId}`, { userId })));
}
async function track(messages: JsonValue[]): Promise<void> {
  await world.track(messages, { isVerified: true });
  await world.settle();
}
beforeEach(async () => {
  for (const collection of Object.values(world.store.collections)) await collection.deleteMany({});
  world.received.length = 0;
});
const users = (...ids: string[]): ListChange['rows'] => ids.map((id, index) => ({ row: index + 1, identityKeys: id.split('+').map((userId) => `userId|${userId}`) }));
const upload = (mode: ListMode, ids: readonly string[], store: Store = world.store.store): Promise<ListOutcome> => changeList({ workspaceId: WORKSPACE, segmentId: LIST, mode, rows: users(...ids) }, {
  store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, pageSize: 2,
});

const people = () => world.store.collections.profiles.find({}).toArray();
const byUser = async (meets: (person: Awaited<ReturnType<typeof people>>[number]) => boolean): Promise<string[]> => (
  (await people()).filter(meets).flatMap(({ identities }) => identities.filter(({ namespace }) => namespace === 'userId').map(({ value }) => value)).sort());
const listed = () => byUser(({ lists = [] }) => lists.some(({ segmentId }) => segmentId === LIST));
const members = (segmentId = LIST) => byUser(({ memberships }) => memberships[segmentId]?.isMember === true);
const changes = async (name: string): Promise<number> => world.store.collections.events.countDocuments({ 'record.name': name });

describe('an uploaded person', () => {
  it('is in the segment with consent alone: comes when it comes, and leaves when it goes', async () => {
    await start(['u1', 'u2']);
    await decide(world, 'granted', 'u1');
    expect(await upload('add', ['u1', 'u2'])).toEqual({ found: 2, added: 2, removed: 0, problems: [] });
    expect([await listed(), await members()]).toEqual([['u1', 'u2'], ['u1']]);
    await decide(world, 'granted', 'u2');
    expect(await members()).toEqual(['u1', 'u2']);
    await decide(world, 'withdrawn', 'u1');
    expect([await listed(), await members()]).toEqual([['u1', 'u2'], ['u2']]);
  });

  it('starts flows, is taken out of audiences when taken off, and is read by other segments', async () => {
    await start(['u1'], {
      segments: [list, segment('elsewhere', { all: [{ segment: LIST }, { event: 'Product Viewed' }] }), segment('outside', { not: { list: LIST } })],
      flows: [flow('f', { type: 'segment', segmentId: LIST, on: 'entered' }, [{ id: 'audience', type: 'deliver', connectionId: SINK, action: 'audience' }])],
    });
    await decide(world, 'granted');
    await world.track([identify(world, 'known', 'u1', { email: 'u1@example.com' })], { isVerified: true });
    await upload('add', ['u1']);
    await world.settle();
    expect([await members(), await members('elsewhere'), await members('outside')]).toEqual([['u1'], ['u1'], []]);
    await upload('remove', ['u1']);
    await world.settle();
    expect([await members(), await members('elsewhere'), await members('outside')]).toEqual([[], [], ['u1']]);
    expect(world.received.map(({ operation }) => operation)).toEqual(['addMembers', 'removeMembers']);
  });

  it('stays on the list when two turn out to be one, and the journal says who stood there', async () => {
    await start(['u1', 'u2']);
    await track([identify(world, 'i2', 'u2', { email: 'ana@example.com' })]);
    await decide(world, 'granted', 'u1');
    await upload('add', ['u2']);
    await track([identify(world, 'i1', 'u1', { email: 'ana@example.com' })]);
    expect((await people()).map(({ lists }) => lists)).toEqual([[{ segmentId: LIST, at: world.clock.now, origin: 'upload' }]]);
    const [merge] = await world.store.collections.merges.find({}).toArray();
    const before = merge?.before as { winner: { lists?: unknown[] }; loser: { lists?: unknown[] } };
    expect([before.winner.lists?.length ?? 0, before.loser.lists?.length ?? 0].sort()).toEqual([0, 1]);
    // The consent was the other one's: the stricter of two explicit decisions counts, and one has decided nothing.
    expect(await members()).toEqual(['u1', 'u2']);
    expect(await upload('replace', ['u1'])).toMatchObject({ added: 0, removed: 0 });
  });

  it('must be known: whom nobody knows, or whose identities are of two people, is kept nowhere', async () => {
    await start(['u1', 'u2']);
    const answer = await upload('add', ['u1', 'nobody', 'u1+u2', 'u2+nobody']);
    expect(answer).toEqual({ found: 2, added: 2, removed: 0, problems: [{ row: 2, reason: 'unknown' }, { row: 3, reason: 'ambiguous' }] });
    expect([(await people()).length, await world.store.collections.identities.countDocuments({})]).toEqual([2, 2]);
  });
});

describe('an upload', () => {
  const six = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'];

  it('adds, takes off and replaces', async () => {
    await start(six);
    expect(await upload('add', ['u1', 'u2', 'u3', 'u4', 'u5'])).toMatchObject({ added: 5, removed: 0 });
    expect(await upload('remove', ['u5', 'u6'])).toMatchObject({ found: 2, added: 0, removed: 1 });
    expect(await upload('replace', ['u4', 'u6', 'u6'])).toMatchObject({ found: 3, added: 1, removed: 3 });
    expect(await listed()).toEqual(['u4', 'u6']);
    expect(await upload('replace', [])).toMatchObject({ added: 0, removed: 2 });
    expect(await listed()).toEqual([]);
  });

  it('that breaks off anywhere is made whole by the same call again, and nobody enters twice', async () => {
    await start([...six, 'old']);
    for (const userId of [...six, 'old']) await decide(world, 'granted', userId);
    await upload('add', ['old']);
    for (const pages of [1, 2, 3]) {
      let left = pages;
      const breaking: Store = { ...world.store.store, transaction: (work) => ((left -= 1) < 0 ? Promise.reject(new RangeError('killed')) : world.store.store.transaction(work)) };
      await expect(upload('replace', six, breaking)).rejects.toThrow(RangeError);
      expect((await listed()).filter((id) => id !== 'old')).toHaveLength(2 * pages);
    }
    await upload('replace', six);
    expect(await upload('replace', six)).toMatchObject({ found: 6, added: 0, removed: 0 });
    expect([await listed(), await members()]).toEqual([six, six]);
    expect([await changes('Segment Entered'), await changes('Segment Exited')]).toEqual([7, 1]);
  });

  it('and what people do at the same time both count', async () => {
    await start(six);
    for (const userId of six) await decide(world, 'granted', userId);
    await world.track(six.map((userId) => event(world, `again-${userId}`, { userId })), { isVerified: true });
    await Promise.all([upload('add', six), world.apply.drain()]);
    expect(await members()).toEqual(six);
    expect((await people()).map(({ activity }) => activity['Product Viewed']?.total)).toEqual(six.map(() => 2));
  });
});

describe('a flow', () => {
  const counts = async (stepId: string): Promise<Record<string, number>> => {
    const sums: Record<string, number> = {};
    for (const { counts: ofFlow } of await world.store.collections.stepCounts.find({}).toArray()) {
      for (const { outcome, count } of ofFlow.filter((one) => one.stepId === stepId)) sums[outcome] = (sums[outcome] ?? 0) + count;
    }
    return sums;
  };
  const bought = (messageId: string): JsonValue => event(world, messageId, { event: 'Order Completed' });

  it('puts people on a list and takes them off; other flows go by it', async () => {
    await start(['u1'], {
      flows: [
        flow('buyers', { type: 'event', name: 'Order Completed' }, [{ id: 'on', type: 'addToList', segmentId: LIST }]),
        flow('returns', { type: 'event', name: 'Order Refunded' }, [{ id: 'off', type: 'removeFromList', segmentId: LIST }]),
        flow('greet', { type: 'segment', segmentId: LIST, on: 'entered' }, [send]),
      ],
    });
    await decide(world, 'granted');
    await track([bought('m1'), bought('m2')]);
    await world.settle();
    expect([await listed(), await members(), world.received.length]).toEqual([['u1'], ['u1'], 1]);
    expect((await people())[0]?.lists).toEqual([{ segmentId: LIST, at: world.clock.now, origin: 'flow|buyers' }]);
    expect(await counts('on')).toEqual({ entered: 2, listed: 1, 'already-listed': 1 });
    await track([event(world, 'm3', { event: 'Order Refunded' })]);
    await world.settle();
    expect([await listed(), await members(), await counts('off')]).toEqual([[], [], { entered: 1, unlisted: 1 }]);
  });

  it('that adds to the list by which it is started comes to an end', async () => {
    await start(['u1'], { flows: [flow('f', { type: 'segment', segmentId: LIST, on: 'both' }, [{ id: 'on', type: 'addToList', segmentId: LIST }, send])] });
    await decide(world, 'granted');
    await upload('add', ['u1']);
    for (let turn = 0; turn < 4; turn += 1) await world.settle();
    expect([await counts('on'), await changes('Segment Entered'), world.received.length]).toEqual([{ entered: 1, 'already-listed': 1 }, 1, 1]);
    await upload('remove', ['u1']);
    for (let turn = 0; turn < 6; turn += 1) await world.settle();
    // Off, on again by the flow, and told of that: there it ends.
    expect([await counts('on'), await changes('Segment Entered'), await changes('Segment Exited')]).toEqual([{ entered: 3, 'already-listed': 2, listed: 1 }, 2, 1]);
  });
});
