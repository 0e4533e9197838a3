import { compileMapping, type FlowDefinition, type IdentitySettings, type JsonValue } from '@firsthand/domain';
import { identityLinkRow } from '@firsthand/persistence';
import { createDeliver, recordConsents, reviewIdentityLink, settleIdentityLinks, unmergePerson, type IdentityLinkRow, type Store } from '@firsthand/pipeline';
import { RetryableError } from '@firsthand/plugin-sdk';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

/** What stands under an id that was merged away before goes with whom it names, when people are told apart. */
let world: World;
afterEach(() => world.close());

const [BEA, CY, PHONE] = ['bea@example.com', 'cy@example.com', '+12025550123'];
const LOCALS: FlowDefinition = {
  flowId: 'locals', version: 1, name: 'Locals', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'locals', on: 'entered' }, acceptsHistorical: true,
  steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' } }],
};
const FORWARD: FlowDefinition = {
  flowId: 'forward', version: 1, name: 'Forward', purpose: 'marketing', trigger: { type: 'event', name: 'Seen' }, acceptsHistorical: true,
  steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event', mapping: { email: '{{profile.email}}' } }],
};
const MAPPING = compileMapping({
  type: { $const: 'track' }, name: '{{default name "Seen"}}', messageId: '{{id}}', occurredAt: '{{at}}', 'identities.userId': '{{userId}}', 'identities.memberNo': '{{memberNo}}', 'identities.crmId': '{{crmId}}', 'identities.phone': '{{phone}}', 'identities.email': '{{email}}',
  'profile.email': '{{email}}', 'profile.phone': '{{phone}}', 'profile.city': '{{city}}',
});
const limited = (namespace: string): Partial<IdentitySettings> => ({ namespaces: [{ namespace, maxPerProfile: 1, blockedValues: [] }] });

async function start(): Promise<void> {
  world = await createWorld((parts) => {
    parts.segments = [{ segmentId: 'locals', version: 1, name: 'Locals', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } }];
    parts.flows = [LOCALS, FORWARD];
    parts.sources = [{ connectionId: 'web', mapping: MAPPING }];
  });
}

const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES });
let messages = 0;
/** What a server of the brand says of somebody. */
async function says(...records: Record<string, JsonValue>[]): Promise<void> {
  world.clock.now += 1_000;
  await world.track(records.map((record) => ({ id: `m${messages += 1}`, at: new Date(world.clock.now).toISOString(), ...record })), { isVerified: true });
  await world.settle();
}
async function decides(decision: 'granted' | 'withdrawn', namespace: string, value: string, { isWaiting = false } = {}): Promise<void> {
  world.clock.now += 1_000;
  await recordConsents({
    workspaceId: WORKSPACE, identity: { namespace, value }, decisions: [{ purpose: 'marketing', decision, recipients: ['own', 'processor'] }], agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, options());
  if (!isWaiting) await world.settle();
}
const linkOf = async (...keys: string[]): Promise<IdentityLinkRow> => (await world.store.collections.identityLinks.find({}).toArray()).map(identityLinkRow).find((link) => link.keys.join(' ') === keys.join(' ')) as IdentityLinkRow;
async function settle(...keys: string[]): Promise<void> {
  world.clock.now += 1_000;
  const link = await linkOf(...keys);
  const review = await world.store.store.snapshot((tx) => reviewIdentityLink(tx, link, { configuration: world.configuration.current, now: world.clock.now }));
  await settleIdentityLinks({ workspaceId: WORKSPACE, linkId: link.linkId, version: review?.version ?? '' }, options());
  await world.settle();
}
/** Who is stored, by all they are known by. */
const people = async (): Promise<string[]> => (await world.store.collections.profiles.find({}).toArray()).map(({ identities }) => identities.map(({ value }) => value).sort().join(' ')).sort();
/** By what the person with an identity is known whose a profile id is. */
async function ownerOf(profileId: string): Promise<string> {
  const owner = await world.store.collections.profiles.findOne({ $or: [{ profileId }, { mergedFrom: profileId }] });
  return owner?.identities.map(({ value }) => value).sort().join(' ') ?? '';
}
/** Whose an address is for the sink: who would have it taken back, and who stands in its audience by it. */
const toldOf = async (email: string): Promise<string[]> => Promise.all((await world.store.collections.disclosures.find({ 'identifiers.email': email }).toArray()).map(({ profileId }) => ownerOf(profileId)));
const inBy = async (email: string): Promise<string[]> => Promise.all((await world.store.collections.audienceMembers.find({ sets: { $elemMatch: { 'identifiers.email': email, state: 'in' } } }).toArray()).map(({ profileId }) => ownerOf(profileId)));
const taken = (): JsonValue[] => world.received.splice(0).flatMap(({ operation, payload }) => (operation === 'removeMembers' ? [payload.email ?? null] : []));

describe('where a review leaves with somebody an identity that a merge had brought', () => {
  /** m1 was known by the address before they became one with u1, who keeps it. */
  async function begin(city = 'Shanghai'): Promise<void> {
    await start();
    for (const [namespace, value] of [['userId', 'u1'], ['memberNo', 'm1']] as const) await decides('granted', namespace, value);
    await says({ userId: 'u1', city });
    await says({ memberNo: 'm1', email: BEA, city: 'Shanghai' });
    await says({ userId: 'u1', email: BEA });
    world.rebuild((parts) => { parts.identitySettings = limited('memberNo'); });
    await says({ userId: 'u1', memberNo: 'm2' });
    world.received.splice(0);
    await settle('userId|u1', 'memberNo|m2');
    expect(await people()).toEqual([`${BEA} m2 u1`, 'm1']);
  }

  it('goes what had been sent by it before, and the place in an audience', async () => {
    await begin();
    expect([await toldOf(BEA), await inBy(BEA)]).toEqual([[`${BEA} m2 u1`, `${BEA} m2 u1`], [`${BEA} m2 u1`]]);
    expect(taken()).toEqual([]);
    await decides('withdrawn', 'memberNo', 'm1');
    expect(taken()).not.toContain(BEA);
    await decides('withdrawn', 'userId', 'u1');
    expect(taken().filter((email) => email === BEA)).toEqual([BEA, BEA]);
  });

  it('is taken out of an audience in which who keeps it is no more', async () => {
    await begin('Berlin');
    expect([await inBy(BEA), taken()]).toEqual([[], [BEA]]);
  });
});

describe('where somebody leaves whom a merge into another who was merged away had brought', () => {
  /** c1 was merged into m1, and m1 into u1: c1 leaves, and m1 stays. */
  async function begin(ofFirst: 'granted' | 'withdrawn' = 'granted', meanwhile = (): Promise<void> => Promise.resolve(), first = (): Promise<void> => Promise.resolve()): Promise<World['store']> {
    await start();
    for (const [namespace, value, decision] of [['userId', 'u1', ofFirst], ['memberNo', 'm1', 'granted'], ['crmId', 'c1', 'granted']] as const) await decides(decision, namespace, value);
    await says({ userId: 'u1', city: 'Shanghai' });
    await says({ memberNo: 'm1', phone: PHONE });
    await says({ crmId: 'c1', email: BEA });
    await first();
    await says({ memberNo: 'm1', email: BEA });
    await says({ crmId: 'c1', city: 'Shanghai' });
    await meanwhile();
    await says({ userId: 'u1', phone: PHONE });
    world.rebuild((parts) => { parts.identitySettings = limited('email'); });
    await says({ userId: 'u1', email: CY });
    expect(await people()).toEqual([`${PHONE} ${BEA} c1 m1 u1`]);
    return world.store;
  }
  const settleBoth = (): Promise<void> => settle('userId|u1', `email|${CY}`);

  it('goes what was sent of them while they were one with that one, and their place in an audience', async () => {
    await begin();
    world.received.splice(0);
    await settleBoth();
    expect(await people()).toEqual([`${PHONE} ${CY} m1 u1`, `${BEA} c1`]);
    expect([new Set(await toldOf(BEA)), await inBy(BEA)]).toEqual([new Set([`${BEA} c1`]), [`${BEA} c1`]]);
    expect(taken()).toEqual([]);
    await decides('withdrawn', 'userId', 'u1');
    expect(taken()).not.toContain(BEA);
    await decides('withdrawn', 'crmId', 'c1');
    expect(taken()).toEqual([BEA, BEA]);
  });

  it.each<[string, string[], string[]]>([['alone: it goes', ['c1'], ['c1']], ['as that one did: it goes, and stays', ['c1', 'm1'], ['c1', 'm1']], ['no more than that one: it stays', ['m1'], ['m1']], ['and has been taken off: it is nobody’s', ['c1', 'off'], []]])('and had stood on a list %s', async (_, listed, expected) => {
    const { collections: { profiles } } = await begin('granted', () => Promise.resolve(), async () => {
      for (const value of listed) await world.store.collections.profiles.updateOne({ 'identities.value': value }, { $set: { lists: [{ segmentId: 'vip', at: listed.indexOf(value), origin: value }] } });
    });
    if (listed.includes('off')) await profiles.updateOne({}, { $unset: { lists: '' } });
    await settleBoth();
    expect((await profiles.find({ lists: { $exists: true } }).toArray()).map(({ identities, lists }) => [lists?.[0]?.origin, identities.some(({ value }) => value === lists?.[0]?.origin)])).toEqual(expect.arrayContaining(expected.map((value) => [value, true])));
    expect(await profiles.countDocuments({ lists: { $exists: true } })).toBe(expected.length);
  });

  it('is taken back what they had refused as one, from who got it before', async () => {
    await begin();
    world.received.splice(0);
    await decides('withdrawn', 'crmId', 'c1', { isWaiting: true });
    await settleBoth();
    expect(taken()).toEqual([BEA, BEA]);
  });

  it('is taken back what had been refused before that merge, and waits for a recipient that is away', async () => {
    await begin('withdrawn', async () => {
      world.script.next = () => new RetryableError('UNAVAILABLE');
      await decides('withdrawn', 'crmId', 'c1');
    });
    await settleBoth();
    world.received.splice(0);
    world.script.next = () => undefined;
    world.clock.now += 3_600_000;
    await world.settle();
    expect(taken()).toEqual([BEA, BEA]);
  });
});

it('takes back of who is told apart what was sent of them before they became one, where they had refused as one what needed no yes', async () => {
  await start();
  world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, lawfulBasis: 'legitimate' })); });
  await says({ userId: 'u1', city: 'Berlin' });
  await says({ crmId: 'c1', email: BEA });
  await says({ name: 'Joined', userId: 'u1', email: BEA });
  world.received.splice(0);
  await decides('withdrawn', 'crmId', 'c1', { isWaiting: true });
  const [merge] = await world.store.collections.merges.find({}).toArray();
  await unmergePerson({ workspaceId: WORKSPACE, loser: merge?.loser ?? '' }, options());
  expect(await people()).toEqual([`${BEA} c1`, 'u1']);
  await world.settle();
  expect(taken()).toEqual([BEA]);
});

describe('what was sent because of somebody while they were one with another', () => {
  const mail: FlowDefinition = { ...FORWARD, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event', channel: 'email', mapping: { email: '{{profile.email}}' } }] };
  const late: FlowDefinition = { ...mail, steps: [{ id: 'later', type: 'delay', span: { hours: 1 } }, ...mail.steps] };
  /** u1 and c1 are one; what c1 does sends a message, of which each gets one a day. */
  async function begin(flow: FlowDefinition, first: () => Promise<void>, then: () => Promise<void>): Promise<void> {
    await start();
    world.rebuild((parts) => { parts.flows = [flow]; parts.flowSettings = { timeZone: 'UTC', quietHours: [], caps: [{ channel: 'email', limit: 1, per: { days: 1 } }] }; });
    for (const [namespace, value] of [['userId', 'u1'], ['crmId', 'c1']] as const) await decides('granted', namespace, value);
    await says({ name: 'Joined', userId: 'u1', email: CY });
    await says({ name: 'Joined', crmId: 'c1', email: BEA });
    await first();
    await says({ name: 'Joined', userId: 'u1', email: BEA });
    await then();
    const [merge] = await world.store.collections.merges.find({}).toArray();
    await unmergePerson({ workspaceId: WORKSPACE, loser: merge?.loser ?? '' }, options());
  }
  const rowsOf = async (name: 'deliveries' | 'contacts'): Promise<string[]> => Promise.all((await world.store.collections[name].find({}).toArray()).map(({ profileId }) => ownerOf(profileId)));

  it('counts against their own cap once they are told apart, and not against the other’s', async () => {
    await begin(mail, () => Promise.resolve(), () => says({ crmId: 'c1' }));
    expect([await rowsOf('deliveries'), await rowsOf('contacts')]).toEqual([[`${BEA} c1`], [`${BEA} c1`]]);
    world.received.splice(0);
    await says({ crmId: 'c1' }, { userId: 'u1' });
    expect(world.received.map(({ payload }) => payload.email)).toEqual([CY]);
  });

  it('is theirs also where it waits, and what they did was before that', async () => {
    await begin(late, () => says({ crmId: 'c1' }), async () => {
      world.script.next = () => new RetryableError('UNAVAILABLE');
      world.clock.now += 3_600_000;
      await world.settle();
    });
    expect([await rowsOf('deliveries'), await rowsOf('contacts')]).toEqual([[`${BEA} c1`], [`${BEA} c1`]]);
  });
});

it('notes what is being sent of both at that moment of whom it names', async () => {
  await start();
  world.rebuild((parts) => { parts.flows = [FORWARD]; });
  for (const [namespace, value] of [['userId', 'u1'], ['crmId', 'c1']] as const) await decides('granted', namespace, value);
  await says({ name: 'Joined', userId: 'u1', email: CY });
  await says({ name: 'Joined', crmId: 'c1', email: BEA });
  await says({ name: 'Joined', userId: 'u1', email: BEA });
  const [merge] = await world.store.collections.merges.find({}).toArray();
  world.clock.now += 1_000;
  await world.track([{ id: 'sent', at: new Date(world.clock.now).toISOString(), userId: 'u1' }], { isVerified: true });
  await world.apply.drain();
  let tries = 0;
  const { store } = world.store;
  const transaction: Store['transaction'] = (work) => store.transaction((tx) => work({
    ...tx,
    // All that the lane goes by is read.
    addDisclosures: async (rows) => {
      if (rows.length > 0 && (tries += 1) === 1) await unmergePerson({ workspaceId: WORKSPACE, loser: merge?.loser ?? '' }, options());
      return tx.addDisclosures(rows);
    },
  }));
  const quiet = { info: () => undefined, warn: () => undefined };
  const deliver = createDeliver({ ...options(), store: { ...store, transaction }, http: { request: () => Promise.reject(new TypeError('There is no network.')) }, pluginLog: () => quiet, log: quiet, holder: 'other' });
  await deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
  await deliver.stop();
  expect([tries, await toldOf(BEA), await toldOf(CY)]).toEqual([2, [], [`${CY} u1`]]);
});

describe('four who became one in any order and are told apart in any that is possible', () => {
  const NAMES = ['ana', 'bo', 'cy', 'di'] as const;
  type Name = (typeof NAMES)[number];
  const emailOf = (name: Name): string => `${name}@example.org`;
  const AUDIENCE: FlowDefinition = { flowId: 'seen', version: 1, name: 'Seen', purpose: 'marketing', trigger: { type: 'event', name: 'Seen' }, acceptsHistorical: true, steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' } }] };
  /** Who came to whom. */
  const JOINS: [Name, Name][][] = [
    [['ana', 'bo'], ['ana', 'cy'], ['ana', 'di']], [['ana', 'bo'], ['cy', 'di'], ['ana', 'cy']], [['cy', 'di'], ['ana', 'cy'], ['ana', 'bo']], [['cy', 'di'], ['bo', 'cy'], ['ana', 'bo']],
  ];
  /** The last that made somebody somebody else's is taken back first. */
  function orders(joins: readonly [Name, Name][]): Name[][] {
    if (joins.length === 0) return [[]];
    const isLast = ([winner]: [Name, Name], index: number): boolean => joins.slice(index + 1).every(([, loser]) => loser !== winner);
    return joins.flatMap((join, index) => (isLast(join, index) ? orders(joins.filter((one) => one !== join)).map((rest) => [join[1], ...rest]) : []));
  }

  it.each(JOINS.flatMap((joins) => orders(joins).map((leave): [string, string, [Name, Name][], Name[]] => [joins.map(([winner, loser]) => `${loser} to ${winner}`).join(', '), leave.join(', '), joins, leave])))('%s; %s leave: each has what is theirs, and nobody anything else', async (_joined, _left, joins, leave) => {
    await start();
    world.rebuild((parts) => { parts.flows = [AUDIENCE, FORWARD]; });
    for (const name of NAMES) await decides('granted', 'userId', name, { isWaiting: true });
    const idOf = new Map<Name, string>();
    const seen = (...names: Name[]): Promise<void> => says(...names.map((name) => ({ userId: name, email: emailOf(name) })));
    await seen(...NAMES);
    for (const name of NAMES) {
      const { profileId } = (await world.store.collections.profiles.findOne({ 'identities.value': name }))!;
      idOf.set(name, profileId);
      if (name !== 'ana') await world.store.collections.profiles.updateOne({ profileId }, { $set: { lists: [{ segmentId: 'vip', at: NAMES.indexOf(name), origin: name }] } });
    }
    for (const [winner, loser] of joins) {
      await says({ name: 'Joined', userId: winner, email: emailOf(loser) });
      for (const name of [loser, 'di'] as const) await seen(name);
    }
    expect(await people()).toHaveLength(1);
    const left = new Set<Name>();
    for (const name of leave) {
      world.clock.now += 1_000;
      await unmergePerson({ workspaceId: WORKSPACE, loser: idOf.get(name) ?? '' }, options());
      await world.settle();
      left.add(name);
      await seen(...NAMES);
      // Who is one with somebody on the list stands on it.
      const rest = joins.filter(([, loser]) => !left.has(loser));
      const rootOf = (one: Name): Name => { const join = rest.find(([, loser]) => loser === one); return join === undefined ? one : rootOf(join[0]); };
      for (const one of NAMES) {
        const profile = await world.store.collections.profiles.findOne({ profileId: idOf.get(rootOf(one)) ?? '' });
        expect([one, profile?.lists?.length ?? 0]).toEqual([one, NAMES.some((other) => other !== 'ana' && rootOf(other) === rootOf(one)) ? 1 : 0]);
      }
    }
    const { profiles, events, disclosures, audienceMembers } = world.store.collections;
    for (const name of NAMES) {
      const profile = await profiles.findOne({ profileId: idOf.get(name) ?? '' });
      const ids = { profileId: { $in: [profile?.profileId ?? '', ...profile?.mergedFrom ?? []] } };
      const own = [emailOf(name)];
      const named = (rows: { identifiers: { email?: JsonValue }[] }[]): unknown[] => [...new Set(rows.flatMap(({ identifiers }) => identifiers.map(({ email }) => email)))];
      expect({
        identities: profile?.identities.map(({ value }) => value).sort(), email: profile?.fields.email?.value, lists: profile?.lists?.map(({ origin }) => origin) ?? [],
        events: [...new Set((await events.find({ ...ids, connectionId: 'web' }).toArray()).map(({ record }) => record.identities.find(({ namespace }) => namespace === 'userId')?.value))],
        sent: named(await disclosures.find({ ...ids, action: 'send-event' }).toArray()), held: named(await disclosures.find({ ...ids, action: 'audience' }).toArray()),
        isIn: named((await audienceMembers.find(ids).toArray()).map(({ sets }) => ({ identifiers: sets.filter(({ state }) => state === 'in').map(({ identifiers }) => identifiers) }))),
      }).toEqual({ identities: [emailOf(name), name].sort(), email: emailOf(name), lists: name === 'ana' ? [] : [name], events: [name], sent: own, held: own, isIn: own });
    }
  });
});
