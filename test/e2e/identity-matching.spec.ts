import { createHash } from 'node:crypto';
import { PURPOSE_DEFAULTS, type JsonValue, type Purpose } from '@firsthand/domain';
import { createErasureStore, createMatchStore, type StoredMatchSuggestion } from '@firsthand/persistence';
import { createEraser, createMatchWorker, decideMatch, objectTo, recordConsents, setRestriction, startErasure, unmergePerson, type MatchDecision, type MatchStore } from '@firsthand/pipeline';
import { makePeople } from '../bench/make-people.mjs';
import { identify } from '../support/pipeline-story.js';
import { createWorld, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const CARE: Purpose = { ...PURPOSE_DEFAULTS, key: 'care', name: { en: 'Care' }, description: { en: 'Knowing who is who.' }, lawfulBasis: 'legitimate', fields: ['profile.*', 'identities.*'], expiresAfterDays: null };
const WANG = { name: '王小明', birthday: '1990-05-17', phone: '+8613912345678', address: { street: '文三路138号3幢501室', city: '杭州市', country: 'CN' } };
const WANG_AGAIN = { name: 'Wang Xiaoming', birthday: '1990-05-17', phone: '+8613912345687', address: { street: '138 Wensan Road, Building 3, Room 501', city: 'Hangzhou', country: 'CN' } };
/** A sister at the same address. */
const SISTER = { name: '王小红', birthday: '1993-08-02', phone: '+8613700001234', address: WANG.address };

async function start(traits: Record<string, Record<string, JsonValue>>, purpose: Partial<Purpose> = {}): Promise<void> {
  world = await createWorld((parts) => {
    parts.purposes = [...parts.purposes, { ...CARE, ...purpose }];
    parts.agreements = parts.agreements.map((version) => ({ ...version, purposes: [...version.purposes, 'care'] }));
    parts.identitySettings = { matching: { purpose: 'care', atLeast: 0.9, everyHours: 24 } };
    parts.flows = [];
  });
  const strangers = makePeople({ count: 30, seed: 3 }).map(({ profile: { fields } }, at) => {
    const { street, city, country, ...others } = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
    return identify(world, `s${at}`, `stranger-${at}`, { ...others, ...(street === undefined ? {} : { address: { street, city: city ?? null, country: country ?? null } }) });
  });
  await world.track([...strangers, ...Object.entries(traits).map(([userId, own]) => identify(world, `m-${userId}`, userId, own))], { isVerified: true });
  await world.settle();
}

const matches = () => createMatchStore(world.store.connection);
const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES });
const digest = (workspaceId: string, text: string): string => createHash('sha256').update(`${workspaceId}|${text}`).digest('base64url').slice(0, 22);
const worker = ({ holder = 'one', isBusy = false, maxParts = 50, store = matches() }: { holder?: string; isBusy?: boolean; maxParts?: number; store?: MatchStore } = {}) => (
  createMatchWorker({ ...options(), matches: store, digest, holder, isBusy: () => Promise.resolve(isBusy), maxParts }));
const suggestions = (): Promise<StoredMatchSuggestion[]> => world.store.collections.matchSuggestions.find({}).sort({ probability: -1 }).toArray();
const decide = (suggestionId: string, decision: MatchDecision['decision']) => decideMatch({ workspaceId: WORKSPACE, suggestionId, decision }, options());
const profileOf = async (userId: string): Promise<string> => (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|${userId}` }))?.profileId as string;
const pairOf = async (...userIds: string[]): Promise<string[]> => (await Promise.all(userIds.map(profileOf))).sort();

const ofPair = async (pair: readonly string[]): Promise<StoredMatchSuggestion | undefined> => (await suggestions()).find(({ profileIds }) => profileIds.join() === pair.join());

/** A run from its beginning to its end. */
async function run(): Promise<void> {
  await matches().request(WORKSPACE, world.clock.now);
  const own = worker();
  const before = (await matches().find(WORKSPACE))?.last?.startedAt;
  world.clock.now += 1_000;
  for (let ticks = 0; ticks < 20; ticks += 1) {
    await own.tick([WORKSPACE]);
    const row = await matches().find(WORKSPACE);
    if (row?.step === null && row.last !== null && row.last.startedAt !== before) return;
  }
  throw new Error('The run has no end.');
}

describe('a run', () => {
  it('suggests who is one person in two scripts and not who lives with them, says why without a value, and leaves no index', async () => {
    await start({ a: WANG, b: WANG_AGAIN, c: SISTER });
    await run();
    const found = await ofPair(await pairOf('a', 'b'));
    expect(found).toMatchObject({ state: 'open', decidedAt: null, workspaceId: WORKSPACE });
    expect(found?.probability).toBeGreaterThan(0.9);
    expect(found?.weights).toEqual(expect.arrayContaining([expect.objectContaining({ field: 'name', level: 'sameSound' }), expect.objectContaining({ field: 'birthday', level: 'same' }), expect.objectContaining({ field: 'phone', level: 'near' }), expect.objectContaining({ field: 'address', level: 'same' })]));
    const sister = await profileOf('c');
    expect((await suggestions()).filter(({ profileIds }) => profileIds.includes(sister))).toEqual([]);
    const rows = JSON.stringify([await suggestions(), await world.store.collections.matchRuns.find({}).toArray()]);
    for (const value of ['小明', 'Xiaoming', '13912345678', '1990-05-17', '文三']) expect(rows).not.toContain(value);
    expect(await world.store.collections.matchKeys.countDocuments({})).toBe(0);
    expect(await world.store.collections.matchBlocks.countDocuments({})).toBe(0);
    const row = await matches().find(WORKSPACE);
    expect(row?.last).toMatchObject({ counts: { people: 33, withheld: 0, suggested: (await suggestions()).length }, fit: { hasConverged: true } });
    expect(row?.dueAt).toBe((row?.last?.finishedAt ?? 0) + 24 * 3_600_000);
  });

  it('holds digests alone in its index, waits while others need the machine, and goes on where a dead worker stopped', async () => {
    await start({ a: WANG, b: WANG_AGAIN });
    await worker({ isBusy: true }).tick([WORKSPACE]);
    expect(await matches().find(WORKSPACE)).toBeUndefined();
    // It dies after its second part, before it gives the run back.
    const store = matches();
    const dying = worker({ holder: 'dying', maxParts: 2, store: { ...store, save: (lease, row, until) => (until === null ? Promise.reject(new Error('killed')) : store.save(lease, row, until)) } });
    await expect(dying.tick([WORKSPACE])).rejects.toThrow('killed');
    const keys = await world.store.collections.matchKeys.find({}).toArray();
    expect(keys.length).toBeGreaterThan(100);
    expect(keys.every(({ _id }) => /^ws1\|[0-9a-z]+\|[nk][\w-]{22}\|/u.test(_id))).toBe(true);
    expect((await matches().find(WORKSPACE))?.step).toBe('compare');
    // Its lease has to end first; then nobody begins anew.
    await worker({ holder: 'other' }).tick([WORKSPACE]);
    expect((await matches().find(WORKSPACE))?.step).toBe('compare');
    world.clock.now += 61_000;
    await worker({ holder: 'other' }).tick([WORKSPACE]);
    expect((await matches().find(WORKSPACE))?.last?.counts).toMatchObject({ people: 32 });
    expect((await suggestions()).map(({ profileIds }) => profileIds)).toContainEqual(await pairOf('a', 'b'));
    // Whoever was thought dead writes nothing more.
    await expect(store.save({ row: (await store.find(WORKSPACE)) as never, fence: 1 }, (await store.find(WORKSPACE)) as never, null)).rejects.toThrow('taken over');
  });

  it('leaves out who is restricted or has objected, and outdates what it had suggested of them', async () => {
    await start({ a: WANG, b: WANG_AGAIN });
    await run();
    const pair = await pairOf('a', 'b');
    expect(await ofPair(pair)).toMatchObject({ state: 'open' });
    const act = { workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'b' }, method: 'page' as const, submissionId: 's1' };
    const recording = { ...options(), newId: () => crypto.randomUUID(), tombstones: TOMBSTONES };
    await objectTo(act as never, ['care'], recording);
    world.clock.now += 1_000;
    await run();
    expect(await ofPair(pair)).toMatchObject({ state: 'outdated' });
    expect((await matches().find(WORKSPACE))?.last?.counts).toMatchObject({ people: 31, withheld: 1 });
    await setRestriction({ ...act, identity: { namespace: 'userId', value: 'a' } } as never, true, recording);
    world.clock.now += 1_000;
    await run();
    expect((await matches().find(WORKSPACE))?.last?.counts).toMatchObject({ people: 30, withheld: 2 });
  });

  it('asks for the consent of a purpose that rests on one, reads only what the purpose covers, and matches nobody once it is gone', async () => {
    await start({ a: WANG, b: WANG_AGAIN }, { lawfulBasis: 'consent' });
    await run();
    expect((await matches().find(WORKSPACE))?.last?.counts).toMatchObject({ people: 0, withheld: 32, pairs: 0 });
    world.rebuild((parts) => void (parts.purposes = [{ ...CARE, fields: ['profile.city'] }]));
    await run();
    expect((await matches().find(WORKSPACE))?.last?.counts).toMatchObject({ people: 0, withheld: 0, pairs: 0 });
    world.rebuild((parts) => void (parts.purposes = []));
    await run();
    expect((await matches().find(WORKSPACE))?.last?.counts).toMatchObject({ people: 0, withheld: 32 });
    expect(await suggestions()).toEqual([]);
  });

  it('reads what is sensitive of those alone who have agreed to that', async () => {
    await start({ a: WANG, b: WANG_AGAIN, c: SISTER });
    for (const value of ['a', 'b']) {
      await recordConsents({ workspaceId: WORKSPACE, identity: { namespace: 'userId', value }, decisions: [{ purpose: 'care', decision: 'granted', recipients: ['sensitive'] }], agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: value }, { ...options(), newId: () => crypto.randomUUID() });
    }
    const sensitivePaths = [...['name', 'firstName', 'lastName', 'birthday', 'street', 'city', 'region', 'postalCode', 'country', 'phone', 'email'].map((name) => `profile.${name}`), 'identities.phone', 'identities.email'];
    world.configuration.current = { ...world.configuration.current, sensitivePaths };
    await run();
    expect((await matches().find(WORKSPACE))?.last?.counts).toMatchObject({ people: 2, withheld: 0, pairs: 1 });
  });
});

describe('a decision', () => {
  it('accepted is a merge that can be taken back, and then the two are not suggested again', async () => {
    await start({ a: WANG, b: WANG_AGAIN });
    await run();
    const pair = await pairOf('a', 'b');
    const id = (await ofPair(pair))?._id as string;
    expect(await decide(id, 'accepted')).toMatchObject({ state: 'accepted', profileIds: pair });
    expect(await decide(id, 'accepted')).toMatchObject({ state: 'accepted' });
    await expect(decide(id, 'rejected')).rejects.toMatchObject({ code: 'SUGGESTION_DECIDED' });
    const [profile] = await world.store.collections.profiles.find({ profileId: { $in: pair } }).toArray();
    expect(profile?.identities.filter(({ namespace }) => namespace === 'userId').map(({ value }) => value).sort()).toEqual(['a', 'b']);
    const loser = pair.find((one) => one !== profile?.profileId) as string;
    expect(await world.store.collections.merges.findOne({ loser })).toMatchObject({ winner: profile?.profileId, causeEventId: null });
    await unmergePerson({ workspaceId: WORKSPACE, loser }, options());
    expect(await world.store.collections.profiles.countDocuments({ profileId: { $in: pair } })).toBe(2);
    expect(await ofPair(pair)).toMatchObject({ _id: id, state: 'outdated', wasUndone: true });
    await run();
    expect(await ofPair(pair)).toMatchObject({ _id: id, state: 'outdated' });
    await expect(decide(id, 'accepted')).rejects.toMatchObject({ code: 'SUGGESTION_OUTDATED' });
  });

  it('is not asked for about two whom a record had made one and somebody has told apart', async () => {
    await start({ a: WANG, b: WANG_AGAIN });
    const pair = await pairOf('a', 'b');
    await world.track([identify(world, 'both', 'a', { phone: WANG_AGAIN.phone })], { isVerified: true });
    await world.settle();
    const loser = (await world.store.collections.merges.findOne({}))?.loser as string;
    await unmergePerson({ workspaceId: WORKSPACE, loser }, options());
    expect(await pairOf('a', 'b')).toEqual(pair);
    await run();
    expect([(await matches().find(WORKSPACE))?.last?.counts.people, await ofPair(pair)]).toEqual([32, undefined]);
  });

  it('rejected is remembered, and goes with an erasure', async () => {
    await start({ a: WANG, b: WANG_AGAIN });
    await run();
    const pair = await pairOf('a', 'b');
    await decide((await ofPair(pair))?._id as string, 'rejected');
    await run();
    expect(await ofPair(pair)).toMatchObject({ state: 'rejected', decidedAt: expect.any(Number) as number });
    expect(await world.store.collections.profiles.countDocuments({ profileId: { $in: pair } })).toBe(2);
    await expect(decide(`${WORKSPACE}|none`, 'accepted')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'b' }], profileId: null }, { ...options(), newId: () => crypto.randomUUID(), tombstones: TOMBSTONES });
    const eraser = createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder: 'eraser' });
    for (let ticks = 0; ticks < 40 && (await ofPair(pair)) !== undefined; ticks += 1) {
      await eraser.tick();
      world.clock.now += 60_000;
    }
    expect(await ofPair(pair)).toBeUndefined();
  });
});

it('what waits is outdated by a merge that a record brings, and all of it once matching is off', async () => {
  await start({ a: WANG, b: WANG_AGAIN });
  await run();
  const pair = await pairOf('a', 'b');
  const id = (await ofPair(pair))?._id as string;
  await world.track([identify(world, 'both', 'a', { phone: WANG_AGAIN.phone })], { isVerified: true });
  await world.settle();
  expect(await ofPair(pair)).toMatchObject({ state: 'outdated' });
  await expect(decide(id, 'accepted')).rejects.toMatchObject({ code: 'SUGGESTION_OUTDATED' });
  expect((await suggestions()).some(({ state }) => state === 'open')).toBe(true);
  world.rebuild((parts) => void (parts.identitySettings = {}));
  await worker().tick([WORKSPACE]);
  expect((await suggestions()).some(({ state }) => state === 'open')).toBe(false);
});
