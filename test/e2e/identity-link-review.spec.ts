import type { FlowDefinition, IdentitySettings, JsonValue } from '@firsthand/domain';
import { createEraser, decideIdentityLink, recordConsents, reviewIdentityLink, settleIdentityLinks, startErasure, unmergePerson, type IdentityLinkRow, type LinkReview } from '@firsthand/pipeline';
import { createErasureStore, identityLinkRow } from '@firsthand/persistence';
import { decide, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

/** A link that a limit held back is weighed against those that came first, and takes its place where it is the stronger one. */
let world: World;
afterEach(() => world.close());

const ANA = 'ana@example.com';
const ONE_ACCOUNT: Partial<IdentitySettings> = { namespaces: [{ namespace: 'userId', maxPerProfile: 1, blockedValues: [] }] };
const LOCALS: FlowDefinition = {
  flowId: 'locals', version: 1, name: 'Locals', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'locals', on: 'entered' }, acceptsHistorical: true,
  steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}', profile: { city: '{{profile.city}}' } } }],
};

async function start(): Promise<void> {
  world = await createWorld((parts) => {
    parts.identitySettings = ONE_ACCOUNT;
    parts.segments = [{ segmentId: 'locals', version: 1, name: 'Locals', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } }];
    parts.flows = [LOCALS];
  });
}

/** What a server of the brand says of an account, so many seconds before the world began. */
async function says(messageId: string, userId: string, traits: Record<string, JsonValue>, secondsAgo = 0): Promise<void> {
  await world.track([identify(world, messageId, userId, traits, { timestamp: new Date(world.clock.now - secondsAgo * 1_000).toISOString() })], { isVerified: true });
  await world.settle();
  world.clock.now += 1_000;
}

const newId = (): string => crypto.randomUUID();
const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId, tombstones: TOMBSTONES });
const links = async (): Promise<IdentityLinkRow[]> => (await world.store.collections.identityLinks.find({}).sort({ at: 1, _id: 1 }).toArray()).map(identityLinkRow);
const linkOf = async (...keys: string[]): Promise<IdentityLinkRow> => (await links()).find((link) => link.keys.join(' ') === keys.join(' ')) as IdentityLinkRow;
const review = async (link: IdentityLinkRow): Promise<LinkReview> => (await world.store.store.snapshot((tx) => reviewIdentityLink(tx, link, { configuration: world.configuration.current, now: world.clock.now }))) as LinkReview;
async function settle(link: IdentityLinkRow): Promise<void> {
  const { version } = await review(link);
  await settleIdentityLinks({ workspaceId: WORKSPACE, linkId: link.linkId, version }, options());
  await world.settle();
  world.clock.now += 1_000;
}

/** Who is stored: their identities, their address and whether they are in the segment. */
async function people(): Promise<[string, JsonValue, boolean][]> {
  const profiles = await world.store.collections.profiles.find({}).toArray();
  return profiles.map(({ identities, fields, memberships }): [string, JsonValue, boolean] => [identities.map(({ value }) => value).sort().join(' '), fields.email?.value ?? null, memberships.locals?.isMember === true]).sort();
}
const profileOf = async (value: string) => (await world.store.collections.profiles.findOne({ 'identities.value': value }))!;
const standing = async (value: string): Promise<string | undefined> => (await world.store.collections.consentStates.findOne({ profileId: (await profileOf(value)).profileId }))?.state.marketing?.processor?.decision;

/** Whose account is in the audience by the address. */
async function inAudience(): Promise<(string | undefined)[]> {
  const rows = (await world.store.collections.audienceMembers.find({}).toArray()).filter(({ sets }) => sets.some(({ identifiers, state }) => identifiers.email === ANA && state === 'in'));
  const owners = await Promise.all(rows.map(({ profileId }) => world.store.collections.profiles.findOne({ $or: [{ profileId }, { mergedFrom: profileId }] })));
  return owners.map((owner) => owner?.identities.find(({ namespace }) => namespace === 'userId')?.value);
}

describe('a stronger link that comes later', () => {
  it('takes its place: the weaker one gives way, its event and address go where they belong, and the audience follows', async () => {
    await start();
    for (const userId of ['u1', 'u2']) await decide(world, 'granted', userId);
    await says('m1', 'u1', { email: ANA, city: 'Shanghai' });
    await says('m2', 'u2', { email: ANA }, 600);
    expect(await people()).toEqual([[`${ANA} u1`, ANA, true], ['u2', null, false]]);
    expect(await inAudience()).toEqual(['u1']);
    const held = await linkOf('userId|u2', `email|${ANA}`);
    const seen = await review(held);
    expect([seen.isJoined, seen.joins.map(({ keys }) => keys), seen.givesWay.map(({ link, breach }) => [link.keys, breach])]).toEqual([
      true, [held.keys], [[['userId|u1', `email|${ANA}`], { reason: 'too-many-of-namespace', namespace: 'userId', limit: 1 }]],
    ]);
    world.received.length = 0;
    await settle(held);
    expect(await people()).toEqual([[`${ANA} u2`, ANA, false], ['u1', null, true]]);
    expect((await links()).map(({ keys, state, isByPriority }) => [keys[0], state, isByPriority])).toEqual(expect.arrayContaining([['userId|u2', 'accepted', true], ['userId|u1', 'pending', undefined]]));
    const weaker = await linkOf('userId|u1', `email|${ANA}`);
    expect(weaker).toMatchObject({ breach: { reason: 'too-many-of-namespace', namespace: 'userId', limit: 1 }, connectionId: 'web', causeEventId: (await world.store.collections.events.findOne({ 'record.messageId': 'm1' }))?._id });
    // It is out of the audience, until its person enters that by themselves.
    expect(world.received.map(({ operation, payload }) => [operation, payload.email])).toContainEqual(['removeMembers', ANA]);
    expect(await inAudience()).toEqual([]);
    await says('m3', 'u2', { city: 'Shanghai' });
    expect(await inAudience()).toEqual(['u2']);

    // Again it changes nothing, whatever was seen; and the same records find both where they are.
    const before = await world.store.collections.profiles.find({}).sort({ _id: 1 }).toArray();
    await settleIdentityLinks({ workspaceId: WORKSPACE, linkId: held.linkId, version: seen.version }, options());
    expect(await world.store.collections.profiles.find({}).sort({ _id: 1 }).toArray()).toEqual(before);
    await says('m4', 'u1', { email: ANA });
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u2`, 'u1']);
    expect((await review(weaker)).givesWay).toEqual([]);

    // Whoever knows better accepts what gave way: that stays, whatever its priority.
    await decideIdentityLink({ workspaceId: WORKSPACE, linkId: weaker.linkId, decision: 'accepted' }, options());
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u1 u2`]);
    expect([(await review(await linkOf(...weaker.keys))).givesWay, (await review(await linkOf(...held.keys))).givesWay]).toEqual([[], []]);
  });

  it('undoes the merge that the weaker one made, by the journal: the old id is theirs again', async () => {
    await start();
    world.rebuild((parts) => { parts.identitySettings = {}; });
    await says('m0', 'u1', { city: 'Beijing', firstName: 'Una' });
    await says('m1', 'u3', { email: ANA, firstName: 'Trey' });
    const [una, trey] = [await profileOf('u1'), await profileOf('u3')];
    await says('m2', 'u1', { email: ANA });
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u1 u3`]);
    world.rebuild((parts) => { parts.identitySettings = ONE_ACCOUNT; });
    await says('m3', 'u2', { email: ANA }, 600);
    await settle(await linkOf('userId|u2', `email|${ANA}`));
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u2`, 'u1', 'u3']);
    expect([await profileOf('u1'), await profileOf('u3')].map(({ profileId, fields }) => [profileId, fields.firstName?.value])).toEqual([[una.profileId, 'Una'], [trey.profileId, 'Trey']]);
    expect(await world.store.collections.merges.find({ undoneAt: { $exists: true } }).toArray()).toEqual([expect.objectContaining({ winner: una.profileId, loser: trey.profileId })]);
  });

  it('takes nothing from who was one before links were noted: neither what is said of them again, nor what hangs between', async () => {
    await start();
    await says('m1', 'u1', { email: ANA, phone: '+12025550123' }, 1_200);
    await world.store.collections.profiles.updateMany({}, { $unset: { links: '' } });
    await says('m2', 'u1', { email: ANA });
    expect((await profileOf('u1')).links).toEqual(expect.arrayContaining([{ keys: ['userId|u1', `email|${ANA}`], at: 0, eventId: '', connectionId: '' }, { keys: ['userId|u1', 'phone|+12025550123'], at: 0, eventId: '', connectionId: '' }]));
    // It came before what is known by now, and after what nobody has noted.
    await says('m3', 'u2', { email: ANA }, 600);
    const held = await review(await linkOf('userId|u2', `email|${ANA}`));
    expect([held.isJoined, held.joins, held.givesWay]).toEqual([false, [], []]);

    // What they got since may give way, and takes nothing of before along.
    await says('m4', 'u1', { email: 'ana@example.org' });
    await says('m5', 'u2', { email: 'ana@example.org' }, 600);
    await settle(await linkOf('userId|u2', 'email|ana@example.org'));
    expect((await people()).map(([identities]) => identities)).toEqual([`+12025550123 ${ANA} u1`, 'ana@example.org u2']);
  });

  it('gives what nobody has to its person, and what gives way to nobody’s profile but its own', async () => {
    await start();
    world.rebuild((parts) => { parts.identitySettings = { namespaces: [{ namespace: 'phone', maxPerProfile: 1, blockedValues: [] }] }; });
    await says('m1', 'u1', { phone: '+12025550123', city: 'Beijing' });
    await says('m2', 'u1', { phone: '+12025550124' }, 600);
    await settle(await linkOf('userId|u1', 'phone|+12025550124'));
    expect((await people()).map(([identities]) => identities)).toEqual(['+12025550123', '+12025550124 u1']);
    const [one, other] = [await profileOf('u1'), await profileOf('+12025550123')];
    expect([one.fields.phone, one.fields.city?.value, other.fields.phone?.value, other.fields.city]).toEqual([undefined, 'Beijing', '+12025550123', undefined]);
    expect(await world.store.collections.merges.find({}).toArray()).toEqual([expect.objectContaining({ movedKey: 'phone|+12025550123', loser: one.profileId, winner: other.profileId })]);
    await says('m3', 'u1', { phone: '+12025550124' });
    expect((await profileOf('u1')).fields.phone?.value).toBe('+12025550124');
  });

  it('does not come back with a merge of before that is taken back after it', async () => {
    await start();
    world.rebuild((parts) => { parts.identitySettings = { namespaces: [{ namespace: 'email', maxPerProfile: 1, blockedValues: [] }] }; });
    await says('m1', 'u1', { email: ANA });
    await says('m2', 'u3', { phone: '+12025550123' });
    await says('m3', 'u1', { phone: '+12025550123' });
    const { mergedFrom: [loser = ''] } = await profileOf('u1');
    await says('m4', 'u1', { email: 'una@example.com' }, 600);
    await settle(await linkOf('userId|u1', 'email|una@example.com'));
    expect((await people()).map(([identities, email]) => [identities, email])).toEqual([['+12025550123 u1 u3 una@example.com', null], [ANA, ANA]]);
    await says('m5', 'u1', { email: 'una@example.com' }, 500);
    await unmergePerson({ workspaceId: WORKSPACE, loser }, options());
    expect((await people()).map(([identities, email]) => [identities, email])).toEqual([['+12025550123 u3', null], [ANA, ANA], ['u1 una@example.com', 'una@example.com']]);
  });

  it('takes a claim from who only claimed it, and nobody along', async () => {
    await start();
    world.rebuild((parts) => { parts.identitySettings = { namespaces: [{ namespace: 'email', maxPerProfile: 1, blockedValues: [] }] }; });
    await says('m1', 'u-eve', { email: 'old@example.com' });
    await says('m2', 'u-mal', {});
    await world.track([identify(world, 'm3', 'u-mal', { email: ANA })]);
    await world.settle();
    await says('m4', 'u-eve', { email: ANA }, 600);
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u-mal`, 'old@example.com u-eve']);
    await settle(await linkOf('userId|u-eve', `email|${ANA}`));
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u-eve`, 'old@example.com', 'u-mal']);
  });

  it('leaves each their own decisions, and what was refused under what moved counts for both', async () => {
    await start();
    await decide(world, 'withdrawn', 'u1');
    await decide(world, 'granted', 'u2');
    await says('m1', 'u1', { email: ANA });
    await says('m2', 'u2', { email: ANA }, 600);
    await settle(await linkOf('userId|u2', `email|${ANA}`));
    expect([await standing('u1'), await standing('u2')]).toEqual(['withdrawn', 'granted']);
    await world.close();

    await start();
    for (const userId of ['u1', 'u2']) await decide(world, 'granted', userId);
    await says('m1', 'u1', { email: ANA });
    await says('m2', 'u2', { email: ANA }, 600);
    await recordConsents({
      workspaceId: WORKSPACE, identity: { namespace: 'email', value: ANA }, decisions: [{ purpose: 'marketing', decision: 'withdrawn', recipients: ['own', 'processor'] }], agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
    }, { ...options(), tombstones: TOMBSTONES });
    expect([await standing('u1'), await standing('u2')]).toEqual(['withdrawn', 'granted']);
    await settle(await linkOf('userId|u2', `email|${ANA}`));
    expect([await standing('u1'), await standing('u2')]).toEqual(['withdrawn', 'withdrawn']);
  });

  it('is not settled by who has seen another proposal, nor in another workspace, nor where it was rejected', async () => {
    await start();
    await says('m1', 'u1', { email: ANA });
    await says('m2', 'u2', { email: ANA }, 600);
    const held = await linkOf('userId|u2', `email|${ANA}`);
    const { version } = await review(held);
    await says('m3', 'u3', { email: ANA }, 900);
    const settling = (linkId: string, workspaceId = WORKSPACE): Promise<void> => settleIdentityLinks({ workspaceId, linkId, version }, options());
    await expect(settling(held.linkId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(settling(held.linkId, 'elsewhere')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(settling(`${WORKSPACE}|none`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await decideIdentityLink({ workspaceId: WORKSPACE, linkId: held.linkId, decision: 'rejected' }, options());
    await expect(settling(held.linkId)).rejects.toMatchObject({ code: 'LINK_DECIDED' });
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u1`, 'u2', 'u3']);
  });

  it('is not weighed where more hang together than anybody can look at', async () => {
    await start();
    await says('m0', 'u0', { email: ANA });
    const many = Array.from({ length: 51 }, (_, n) => identify(world, `n${n}`, `many${n}`, { email: ANA }, { timestamp: new Date(world.clock.now - 60_000).toISOString() }));
    await world.track(many, { isVerified: true });
    await world.settle();
    const held = await linkOf('userId|many1', `email|${ANA}`);
    expect(await review(held)).toBeNull();
    await expect(settleIdentityLinks({ workspaceId: WORKSPACE, linkId: held.linkId, version: 'any' }, options())).rejects.toMatchObject({ code: 'LINKS_TOO_MANY' });
  });

  it('gives nobody back an identity of who is erased, from the first step on: neither settled nor accepted', async () => {
    await start();
    await says('m1', 'u1', { email: ANA });
    await says('m2', 'u2', { email: ANA }, 600);
    const held = await linkOf('userId|u2', `email|${ANA}`);
    const { version } = await review(held);
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u2' }], profileId: null }, { ...options(), tombstones: TOMBSTONES });
    await expect(settleIdentityLinks({ workspaceId: WORKSPACE, linkId: held.linkId, version }, options())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(decideIdentityLink({ workspaceId: WORKSPACE, linkId: held.linkId, decision: 'accepted' }, options())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await people()).map(([identities]) => identities)).toEqual([`${ANA} u1`]);
    await world.close();

    // Nor where it is the weaker end that nobody has any more.
    await start();
    await says('m1', 'u1', { email: ANA });
    await says('m2', 'u2', { email: ANA }, -600);
    const weaker = await linkOf('userId|u2', `email|${ANA}`);
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u1' }], profileId: null }, { ...options(), tombstones: TOMBSTONES });
    await expect(decideIdentityLink({ workspaceId: WORKSPACE, linkId: weaker.linkId, decision: 'accepted' }, options())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await people()).map(([identities]) => identities)).toEqual(['u2']);
  });

  it('leaves nothing behind of who is erased: neither the links of either, nor what the journal kept', async () => {
    await start();
    await says('m1', 'u1', { email: ANA, phone: '+12025550123' });
    await says('m2', 'u2', { email: ANA }, 600);
    await settle(await linkOf('userId|u2', `email|${ANA}`));
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u2' }], profileId: null }, { ...options(), tombstones: TOMBSTONES });
    const eraser = createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder: 'eraser' });
    const { profiles, merges, identityLinks, identities } = world.store.collections;
    const left = async (): Promise<number> => JSON.stringify(await Promise.all([profiles, merges, identityLinks, identities].map((rows) => rows.find({} as never).toArray()))).split(ANA).length - 1;
    for (let ticks = 0; ticks < 20 && await left() > 0; ticks += 1) await eraser.tick();
    expect(await left()).toBe(0);
    expect((await profileOf('u1')).links?.map(({ keys }) => keys)).toEqual([['userId|u1', 'phone|+12025550123']]);
  });
});

describe('links that are known of a person', () => {
  it('go with who is told apart, and are not taken up again by whoever was taken apart by hand', async () => {
    await start();
    world.rebuild((parts) => { parts.identitySettings = {}; });
    await says('m0', 'u1', {});
    await says('m1', 'u2', { email: ANA });
    await says('m2', 'u1', { email: ANA });
    const { links: all = [], mergedFrom: [loser = ''] } = await profileOf('u1');
    expect(all.map(({ keys }) => keys.join(' ')).sort()).toEqual([`userId|u1 email|${ANA}`, `userId|u2 email|${ANA}`]);
    await unmergePerson({ workspaceId: WORKSPACE, loser }, options());
    const owner = await profileOf(ANA);
    expect(owner.links?.map(({ keys }) => keys.join(' '))).toEqual([`userId|u2 email|${ANA}`]);
    expect((await profileOf('u1')).links).toBeUndefined();
  });
});
