import type { FlowDefinition, IdentitySettings, JsonValue } from '@firsthand/domain';
import { createEraser, decideIdentityLink, startErasure, unmergePerson, type LinkDecision } from '@firsthand/pipeline';
import { createErasureStore, type StoredIdentityLink } from '@firsthand/persistence';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const PHONE = '+12025550123';
const OTHER_PHONE = '+12025550124';

async function start(identitySettings: Partial<IdentitySettings>, adjust: (parts: WorldParts) => void = () => undefined): Promise<void> {
  world = await createWorld((parts) => {
    parts.identitySettings = identitySettings;
    adjust(parts);
  });
}
const ONE_ACCOUNT: Partial<IdentitySettings> = { namespaces: [{ namespace: 'userId', maxPerProfile: 1, blockedValues: [] }] };

async function send(...batches: JsonValue[][]): Promise<void> {
  for (const batch of batches) {
    await world.track(batch, { isVerified: true });
    await world.settle();
  }
}
const names = (messageId: string, userId: string, phone: string): JsonValue => identify(world, messageId, userId, { phone });
const links = (): Promise<StoredIdentityLink[]> => world.store.collections.identityLinks.find({}).sort({ _id: 1 }).toArray();
const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES });
const decideLink = (linkId: string, decision: LinkDecision['decision']) => decideIdentityLink({ workspaceId: WORKSPACE, linkId, decision }, options());

/** Who is stored: their identities, and the phone that they are reached by. */
async function people(): Promise<[string, JsonValue][]> {
  const profiles = await world.store.collections.profiles.find({}).toArray();
  return profiles.map(({ identities, fields }): [string, JsonValue] => [identities.map(({ value }) => value).sort().join(' '), fields.phone?.value ?? null]).sort();
}
const recordOf = async (messageId: string) => (await world.store.collections.events.findOne({ 'record.messageId': messageId }))?.record;

describe('a link that would break a limit', () => {
  it('waits for a decision, and the event is the person’s of the strongest identity', async () => {
    await start(ONE_ACCOUNT);
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    world.clock.now += 1_000;
    await send([names('m3', 'u2', PHONE)]);
    expect(await people()).toEqual([[`${PHONE} u1`, PHONE], ['u2', null]]);
    expect(await ledgerTotals(world)).toMatchObject({ received: 3, applied: 3 });
    expect(await links()).toEqual([expect.objectContaining({
      keys: ['userId|u2', `phone|${PHONE}`], breach: { reason: 'too-many-of-namespace', namespace: 'userId', limit: 1 }, connectionId: 'web', state: 'pending', decidedAt: null, causeEventId: (await world.store.collections.events.findOne({ 'record.messageId': 'm2' }))?._id,
    })]);
    expect((await recordOf('m2'))?.flags).toEqual(['identity-held:phone']);
    // What it was held for is proven for nobody else by it.
    const other = await world.store.collections.profiles.findOne({ 'identities.value': 'u2' });
    expect(other?.verifiedKeys).toEqual(['userId|u2']);
  });

  it('is held once for a whole batch, and leaves the rest of the record to the person', async () => {
    await start(ONE_ACCOUNT);
    await send([names('m1', 'u1', PHONE), identify(world, 'm2', 'u2', { phone: PHONE, email: 'bo@example.com' }), names('m3', 'u2', PHONE)]);
    expect((await people()).map(([identities]) => identities)).toEqual([`${PHONE} u1`, 'bo@example.com u2']);
    expect(await links()).toHaveLength(1);
  });

  it('makes one of both when it is accepted, with consents, segments and a journal from which it can be undone', async () => {
    await start(ONE_ACCOUNT);
    await decide(world, 'granted', 'u1');
    await decide(world, 'withdrawn', 'u2');
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    const before = await people();
    const [link] = await links();
    await decideLink(link?._id as string, 'accepted');
    expect(await people()).toEqual([[`${PHONE} u1 u2`, PHONE]]);
    expect(await links()).toEqual([expect.objectContaining({ state: 'accepted', decidedAt: world.clock.now })]);
    const [state] = await world.store.collections.consentStates.find({ profileId: (await world.store.collections.profiles.findOne({}))?.profileId ?? '' }).toArray();
    expect(state?.state.marketing?.processor?.decision).toBe('withdrawn');
    // Again: nothing. What a record names now is one person already.
    await decideLink(link?._id as string, 'accepted');
    await expect(decideLink(link?._id as string, 'rejected')).rejects.toMatchObject({ code: 'LINK_DECIDED' });
    await send([names('m3', 'u2', PHONE)]);
    expect([await world.store.collections.merges.countDocuments({}), (await links()).length]).toEqual([1, 1]);
    const [merge] = await world.store.collections.merges.find({}).toArray();
    expect(merge).toMatchObject({ causeEventId: link?.causeEventId });
    await unmergePerson({ workspaceId: WORKSPACE, loser: merge?.loser as string }, options());
    expect((await people()).map(([identities]) => identities)).toEqual(before.map(([identities]) => identities));

    // Nobody is asked again; who thinks better of it can still have them joined.
    await send([names('m4', 'u2', PHONE)]);
    expect([await world.store.collections.merges.countDocuments({}), (await links()).length]).toEqual([1, 1]);
    world.clock.now += 1_000;
    await decideLink(link?._id as string, 'accepted');
    expect([await people(), await links()]).toEqual([[[`${PHONE} u1 u2`, PHONE]], [expect.objectContaining({ state: 'accepted', decidedAt: world.clock.now })]]);
  });

  it('gives an identity that nobody has to the person when it is accepted', async () => {
    await start({ namespaces: [{ namespace: 'phone', maxPerProfile: 1, blockedValues: [] }] });
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u1', OTHER_PHONE)]);
    expect(await people()).toEqual([[`${PHONE} u1`, PHONE]]);
    await decideLink((await links())[0]?._id as string, 'accepted');
    expect((await people())[0]?.[0]).toBe(`${PHONE} ${OTHER_PHONE} u1`);
    await send([names('m3', 'u1', OTHER_PHONE)]);
    expect(await people()).toEqual([[`${PHONE} ${OTHER_PHONE} u1`, OTHER_PHONE]]);
  });

  it('takes a claim from who only claimed it when it is accepted, and nobody along', async () => {
    const EVE = 'eve@example.com';
    await start({ namespaces: [{ namespace: 'email', maxPerProfile: 1, blockedValues: [] }] });
    await send([identify(world, 'm1', 'u-eve', { email: 'old@example.com' }), event(world, 'm2', { userId: 'u-mal' })]);
    await world.track([identify(world, 'm3', 'u-mal', { email: EVE })]);
    await world.settle();
    await send([identify(world, 'm4', 'u-eve', { email: EVE })]);
    expect((await people()).map(([identities]) => identities)).toEqual([`${EVE} u-mal`, 'old@example.com u-eve']);
    await decideLink((await links())[0]?._id as string, 'accepted');
    expect((await people()).map(([identities]) => identities)).toEqual([`${EVE} old@example.com u-eve`, 'u-mal']);
    expect(await world.store.collections.merges.find({}).toArray()).toEqual([expect.objectContaining({ movedKey: `email|${EVE}` })]);
  });

  it('is not asked about again when it was rejected, also when the limit is gone', async () => {
    await start(ONE_ACCOUNT);
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    const [link] = await links();
    await decideLink(link?._id as string, 'rejected');
    world.rebuild((parts) => { parts.identitySettings = {}; });
    await send([names('m3', 'u2', PHONE)]);
    expect(await people()).toEqual([[`${PHONE} u1`, PHONE], ['u2', null]]);
    expect([(await links()).map(({ state }) => state), (await recordOf('m3'))?.flags]).toEqual([['rejected'], ['identity-disowned:phone']]);
    await expect(decideLink(link?._id as string, 'accepted')).rejects.toMatchObject({ code: 'LINK_DECIDED' });
  });

  it('cannot be rejected once a record has joined both', async () => {
    await start(ONE_ACCOUNT);
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    world.rebuild((parts) => { parts.identitySettings = {}; });
    await send([names('m3', 'u2', PHONE)]);
    const [link] = await links();
    await expect(decideLink(link?._id as string, 'rejected')).rejects.toMatchObject({ code: 'LINK_JOINED' });
    await decideLink(link?._id as string, 'accepted');
    expect([(await links())[0]?.state, await world.store.collections.merges.countDocuments({})]).toEqual(['accepted', 1]);
  });

  it('is known by its id in its workspace alone', async () => {
    await start(ONE_ACCOUNT);
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    const [link] = await links();
    await expect(decideIdentityLink({ workspaceId: 'elsewhere', linkId: link?._id as string, decision: 'accepted' }, options())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(decideLink(`${WORKSPACE}|nothing`, 'accepted')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await links())[0]?.state).toBe('pending');
  });

  it('goes when a person at either end is erased', async () => {
    await start(ONE_ACCOUNT);
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u1' }], profileId: null }, { ...options(), newId: () => crypto.randomUUID(), tombstones: TOMBSTONES });
    const eraser = createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder: 'eraser' });
    for (let ticks = 0; ticks < 20 && (await links()).length > 0; ticks += 1) await eraser.tick();
    expect(await links()).toEqual([]);
  });
});

describe('the breaker', () => {
  it('holds a value that makes one of more people than it allows within its time, and lets it when that is over', async () => {
    await start({ breaker: { maxIdentities: 100, maxMerges: 1, withinHours: 1 } });
    await send(['u1', 'u2', 'u3'].map((userId) => event(world, `e-${userId}`, { userId })), [names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)], [names('m3', 'u3', PHONE)]);
    expect((await people()).map(([identities]) => identities)).toEqual([`${PHONE} u1 u2`, 'u3']);
    expect((await links()).map(({ keys, breach }) => [keys[0], breach])).toEqual([['userId|u3', { reason: 'too-many-merges', limit: 1 }]]);
    world.clock.now += 2 * 3_600_000;
    await send([names('m4', 'u3', PHONE)]);
    expect((await people()).map(([identities]) => identities)).toEqual([`${PHONE} u1 u2 u3`]);
  });

  it('holds what would give a person more identities than anybody has', async () => {
    await start({ breaker: { maxIdentities: 3, maxMerges: 25, withinHours: 1 } });
    await send([names('m1', 'u1', PHONE)], [identify(world, 'm2', 'u1', { email: 'ana@example.com' })], [names('m3', 'u1', OTHER_PHONE)], [names('m4', 'u2', PHONE)]);
    expect((await people()).map(([identities]) => identities)).toEqual([`${PHONE} ana@example.com u1`, 'u2']);
    expect((await links()).map(({ keys, breach }) => [keys.join(' '), breach]).sort()).toEqual([
      [`userId|u1 phone|${OTHER_PHONE}`, { reason: 'too-many-identities', limit: 3 }], [`userId|u2 phone|${PHONE}`, { reason: 'too-many-identities', limit: 3 }],
    ]);
  });
});

describe('what names nobody', () => {
  it('joins nobody, and is told on the event: example numbers of the country, words for nothing, addresses of tests', async () => {
    await start({}, (parts) => { parts.sources = [{ connectionId: 'web', defaultCountry: 'CN' }]; });
    const traits: Record<string, string>[] = [{ phone: '13800000000' }, { phone: '138 0013 8000' }, { phone: '139 1234 5678' }, { email: 'test@example.com' }, { email: 'no-reply@example.com' }];
    for (const [index, given] of traits.entries()) await send(['a', 'b'].map((who) => identify(world, `${who}${index}`, `${who}${index}`, given)));
    expect((await people()).map(([identities]) => identities)).toEqual(['+8613912345678 a2 b2', 'a0', 'a1', 'a3', 'a4', 'b0', 'b1', 'b3', 'b4']);
    for (const [index, flag] of [[0, 'phone'], [1, 'phone'], [3, 'email'], [4, 'email']] as const) expect((await recordOf(`a${index}`))?.flags).toContain(`identity-dropped:${flag}`);
    expect((await recordOf('a2'))?.flags).toEqual([]);
    await send([identify(world, 'n1', 'null', {}), event(world, 'n2', { userId: 'undefined' })]);
    expect((await world.store.collections.quarantine.find({}).toArray()).map(({ code }) => code)).toEqual(['MISSING_IDENTITY', 'MISSING_IDENTITY']);
  });
});

describe('what a workspace says of its namespaces', () => {
  it('a shared phone reaches each of those who have it, and joins nobody', async () => {
    await start({ namespaces: [{ namespace: 'phone', isShared: true, blockedValues: [] }] });
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    expect(await people()).toEqual([[`${PHONE} u1`, PHONE], [`${PHONE} u2`, PHONE]]);
    expect(await links()).toEqual([]);
  });

  it('a blocked number joins nobody', async () => {
    await start({ namespaces: [{ namespace: 'phone', blockedValues: [PHONE] }] });
    await send([names('m1', 'u1', PHONE)], [names('m2', 'u2', PHONE)]);
    expect((await people()).map(([identities]) => identities)).toEqual(['u1', 'u2']);
    expect((await recordOf('m2'))?.flags).toEqual(['identity-blocked:phone']);
  });

  it('ids of two systems that give out the same numbers are two people’s', async () => {
    await start({ scopes: [{ namespace: 'userId', scope: 'kids', connectionIds: ['kids'] }] }, (parts) => parts.sources.push({ connectionId: 'kids' }));
    await send([event(world, 'm1', { userId: '7' })]);
    await world.track([event(world, 'm2', { userId: '7' })], { isVerified: true, connectionId: 'kids' });
    await world.settle();
    expect((await people()).map(([identities]) => identities)).toEqual(['7', 'kids:7']);
  });

  it('two spellings of one mailbox are one person, and what is sent is the address as it came', async () => {
    await start({ mailboxRules: ['gmail'] }, (parts) => {
      parts.purposes = [{ ...MARKETING, lawfulBasis: 'contract' }];
      parts.flows = [{ ...parts.flows[0] as FlowDefinition, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event', mapping: { email: '{{profile.email}}', profile: '{{identities}}' } }] }];
    });
    await send([identify(world, 'm1', 'u1', { email: 'a.na+shop@gmail.com' })], [event(world, 'e1')], [identify(world, 'm2', 'u2', { email: 'ana@gmail.com' })], [event(world, 'e2')]);
    expect((await people()).map(([identities]) => identities)).toEqual(['a.na+shop@gmail.com ana@gmail.com ana@gmail.com u1 u2']);
    expect(world.received.map(({ payload }) => payload)).toEqual([
      { email: 'a.na+shop@gmail.com', profile: { userId: 'u1', email: 'a.na+shop@gmail.com' } }, { email: 'ana@gmail.com', profile: { userId: 'u1', email: 'a.na+shop@gmail.com' } },
    ]);
  });
});
