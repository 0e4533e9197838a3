import { randomUUID } from 'node:crypto';
import { createChangeLog, createErasureStore } from '@firsthand/persistence';
import { createChangeNumbering, createEraser, startErasure, unmergePerson, type ChangeBlock, type ChangeLog, type PersonChange } from '@firsthand/pipeline';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

let world: World;
let log: ChangeLog;
const KEEPING = { since: 0, startsAfter: 0, keptForDays: 7, feeds: [] };

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.purposes = [{ ...MARKETING, fields: ['*'] }, SERVICE];
    parts.segments = [{ segmentId: 'in-shanghai', version: 1, name: 'In Shanghai', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } }];
  });
  log = createChangeLog(world.store.collections);
});
afterAll(() => world.close());

const keep = (isKept = true): void => {
  const { changes: _, ...rest } = world.configuration.current;
  world.configuration.current = isKept ? { ...rest, changes: KEEPING } : rest;
};
const options = () => ({
  store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: randomUUID, tombstones: TOMBSTONES,
});
const number = () => createChangeNumbering(options()).tick([WORKSPACE]);
const shown = (change: PersonChange | null): unknown => {
  if (change === null) return null;
  const { profileId: _, version: __, ...content } = change;
  return content;
};
/** What is told after a number, in order. */
async function told(after: number): Promise<(PersonChange | null)[]> {
  const found: (PersonChange | null)[] = [];
  for (let from = after; ;) {
    const blocks = await log.read(WORKSPACE, from, 3);
    if (blocks.length === 0) return found;
    for (const { last, changes } of blocks) {
      found.push(...changes.slice(Math.max(0, from - (last - changes.length))));
      from = last;
    }
  }
}
const track = async (...messages: Parameters<World['track']>[0]): Promise<void> => {
  await world.track(messages, { isVerified: true });
  await world.apply.drain();
  await number();
};

it('writes nothing while nobody has asked for it', async () => {
  await track(identify(world, 'quiet', 'u-quiet', { city: 'Beijing' }));
  expect([await world.store.collections.changeBlocks.countDocuments({}), await log.last(WORKSPACE), await log.oldest(WORKSPACE)]).toEqual([0, 0, 0]);
});

it('tells what changed of a person and from where, in the order in which it happened, without a value', async () => {
  keep();
  await track(identify(world, 'i1', 'u1', { email: 'ana@example.com', city: 'Shanghai' }), event(world, 'e1'));
  await decide(world, 'granted');
  await number();
  // An event that changes nothing but counters is told to nobody.
  await track(event(world, 'e2'));
  await track(identify(world, 'i2', 'u1', { city: 'Hangzhou' }));
  await decide(world, 'withdrawn');
  await number();
  const now = world.clock.now;
  const standings = (decision: string) => ['own', 'processor'].map((recipient) => ({ recipient, decision, method: 'toggle', source: null, actor: null, at: now }));
  const from = [{ by: 'record', source: 'web' }];
  const changes = await told(0);
  expect(changes.map(shown)).toEqual([
    { from, kind: 'identity', act: 'added', namespaces: ['email', 'userId'] },
    { from, kind: 'profile', fields: [{ name: 'email', source: 'web', at: now }, { name: 'city', source: 'web', at: now }] },
    // Nobody has noted who decided.
    { from: [], kind: 'consent', purpose: 'marketing', standings: standings('granted') },
    { from: [], kind: 'membership', segmentId: 'in-shanghai', isMember: true },
    { from, kind: 'profile', fields: [{ name: 'city', source: 'web', at: now }] },
    { from, kind: 'membership', segmentId: 'in-shanghai', isMember: false },
    { from: [], kind: 'consent', purpose: 'marketing', standings: standings('withdrawn') },
  ]);
  const versions = changes.map((change) => change?.version ?? 0);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  const stored = JSON.stringify(await world.store.collections.changeBlocks.find({}).toArray());
  expect(stored).not.toMatch(/ana@|Shanghai"|Hangzhou|u1/u);
});

it('tells of a merge and of its end, and leaves of an erased person that they are gone', async () => {
  const before = await log.last(WORKSPACE);
  await track(identify(world, 'm1', 'u-one', { firstName: 'One' }));
  await track(identify(world, 'm2', 'u-two', { lastName: 'Two', email: 'both@example.com' }), identify(world, 'beside', 'u-beside', { city: 'Xiamen' }));
  await track(identify(world, 'm3', 'u-one', { email: 'both@example.com' }));
  const merged = (await told(before)).find((change) => change?.kind === 'identity' && change.act === 'merged');
  if (merged?.kind !== 'identity' || merged.act !== 'merged') throw new Error('No merge was told.');
  await unmergePerson({ workspaceId: WORKSPACE, loser: merged.other }, options());
  await number();
  const acts = (await told(before)).flatMap((change) => (change?.kind === 'identity' ? [change.act] : []));
  expect(acts.filter((act) => act !== 'added')).toEqual(['merged', 'unmerged', 'released', 'unmerged']);
  // Of each of them in order, over both.
  for (const one of [merged.profileId, merged.other]) {
    const versions = (await told(before)).flatMap((change) => (change?.profileId === one ? [change.version] : []));
    expect([versions.length > 1, versions]).toEqual([true, [...versions].sort((a, b) => a - b)]);
  }

  const beside = await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|u-beside` });
  await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u-one' }, { namespace: 'userId', value: 'u-two' }], profileId: null }, options());
  const eraser = createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder: 'eraser' });
  await eraser.tick();
  await eraser.tick();
  await number();
  const left = (await told(before)).filter((change) => change !== null);
  expect(left.filter(({ profileId }) => profileId !== beside?.profileId).map(shown)).toEqual([{ from: [], kind: 'identity', act: 'removed' }, { from: [], kind: 'identity', act: 'removed' }]);
  // Who shared a transaction with them is where they were.
  expect(left.filter(({ profileId }) => profileId === beside?.profileId).map(({ kind }) => kind)).toEqual(['identity', 'profile']);
  expect(new Set(left.slice(-2).map(({ profileId }) => profileId))).toEqual(new Set([merged.profileId, merged.other]));
});

it('gives numbers without a hole, to all that commits and nothing else, whatever commits first and however many give them', async () => {
  const before = await log.last(WORKSPACE);
  const PEOPLE = 6;
  const PER_PERSON = 8;
  const seen: PersonChange[] = [];
  let at = before;
  let isDone = false;
  const reading = (async () => {
    for (;;) {
      const isLast = isDone;
      for (const { last, changes } of await log.read(WORKSPACE, at, 2)) {
        expect(last - changes.length).toBe(at);
        seen.push(...changes.filter((change) => change !== null));
        at = last;
      }
      if (isLast && at === await log.last(WORKSPACE)) return;
    }
  })();
  const numbering = Promise.all([1, 2].map(async () => { while (!isDone) await number(); }));
  const block = (profileId: string, version: number, name: string): ChangeBlock => ({
    blockId: `${WORKSPACE}|${name}`, workspaceId: WORKSPACE, at: 1, keptUntil: world.clock.now + 86_400_000, changes: [{ profileId, version, kind: 'membership', segmentId: 's', isMember: true }, { profileId, version, kind: 'membership', segmentId: 't', isMember: true }],
  });
  // Each person's transactions one after the other, each the longer the sooner it began; and one that is given up beside each.
  await Promise.all(Array.from({ length: PEOPLE }, async (_, person) => {
    for (let version = 1; version <= PER_PERSON; version += 1) {
      await world.store.store.transaction(async (tx) => {
        await tx.insertChangeBlock(block(`p${person}`, version, `${person}-${version}`));
        for (let turn = 0; turn < (PEOPLE - person) * 2; turn += 1) await tx.findOpenChanges(WORKSPACE, 1);
      });
      await expect(world.store.store.transaction(async (tx) => {
        await tx.insertChangeBlock(block(`p${person}`, version, `lost-${person}-${version}`));
        throw new RangeError('given up');
      })).rejects.toThrow('given up');
    }
  }));
  await number();
  isDone = true;
  await Promise.all([numbering, reading]);
  await number();
  expect(seen).toHaveLength(PEOPLE * PER_PERSON * 2);
  for (let person = 0; person < PEOPLE; person += 1) {
    const versions = seen.filter(({ profileId }) => profileId === `p${person}`).map(({ version }) => version);
    expect(versions).toEqual(Array.from({ length: PER_PERSON * 2 }, (_, index) => Math.floor(index / 2) + 1));
  }
  expect(await world.store.collections.changeBlocks.countDocuments({ isOpen: true })).toBe(0);
});

it('gives nothing after a place that is kept no longer, and says where it begins', async () => {
  const { changeBlocks } = world.store.collections;
  const [first, second] = await changeBlocks.find({ last: { $gt: 0 } }, { sort: { last: 1 }, limit: 2 }).toArray();
  expect((first?.expireAt.getTime() ?? 0) - world.clock.now).toBe(7 * 86_400_000);
  await changeBlocks.deleteOne({ _id: first?._id ?? '' });
  expect([await log.read(WORKSPACE, 0, 5), await log.oldest(WORKSPACE)]).toEqual([[], first?.last]);
  expect((await log.read(WORKSPACE, first?.last ?? 0, 1))[0]?.last).toBe(second?.last);
  // A hole in the middle is no less a loss.
  await changeBlocks.deleteOne({ _id: (await changeBlocks.find({ last: { $gt: second?.last ?? 0 } }, { sort: { last: 1 }, limit: 1 }).toArray())[0]?._id ?? '' });
  expect((await log.read(WORKSPACE, first?.last ?? 0, 5)).map(({ last }) => last)).toEqual([second?.last]);
  const [next] = await changeBlocks.find({ last: { $gt: second?.last ?? 0 } }, { sort: { last: 1 }, limit: 1 }).toArray();
  expect([await log.oldest(WORKSPACE), await log.oldest(WORKSPACE, second?.last), await log.oldest(WORKSPACE, (next?.last ?? 0) - 1)]).toEqual([first?.last, (next?.last ?? 0) - (next?.count ?? 0), (next?.last ?? 0) - 1]);
  // Of numbers that are not given yet, as after a backup was put back, all that is there.
  expect([await log.oldest(WORKSPACE, await log.last(WORKSPACE)), await log.oldest(WORKSPACE, 1e9)]).toEqual([await log.last(WORKSPACE), first?.last]);
});
