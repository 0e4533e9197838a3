import { compileMapping, syncRuleContentSchema, type JsonValue, type OwnerRank, type SyncRule } from '@firsthand/domain';
import { createSyncAlerts, unmergePerson, type StoppedGroup } from '@firsthand/pipeline';
import { InvalidPayload } from '@firsthand/plugin-sdk';
import { FakeCopies, type CopyHabits } from '../support/fake-copies.js';
import { decide, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

const SYSTEMS = { [SINK]: 'crm', 'crm-deletions': 'crm', 'shop-hooks': 'shop' };

/** A rule keeps a system equal: what differs is written once, and what comes back of it goes no further. */
let world: World;
let crm: FakeCopies;
let shop: FakeCopies;
let people = 0;
let messages = 0;
let userId = '';
let email = '';

const rule = (ruleId: string, connectionId: string, more: object = {}): SyncRule => ({
  ruleId, version: 1,
  ...syncRuleContentSchema.parse({ name: ruleId, connectionId, action: 'contact', purpose: 'marketing', fields: ['phone', 'city', 'firstName'].map((to) => ({ field: `profile.${to}`, to })), ...more }),
});

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.flows = [];
    parts.segments = [{ segmentId: 'locals', version: 1, name: 'Locals', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Shanghai' } }];
    parts.sources = ['web', 'crm', 'shop-hooks'].map((connectionId) => ({ connectionId, name: connectionId }));
    parts.sources.push({ connectionId: 'crm-deletions', mapping: compileMapping({ type: { $const: 'delete' }, messageId: '{{messageId}}', occurredAt: '{{timestamp}}', 'identities.userId': '{{userId}}' }) });
    parts.sources.push({ connectionId: 'clears', mapping: compileMapping({ type: { $const: 'identify' }, messageId: '{{messageId}}', occurredAt: '{{timestamp}}', 'identities.userId': '{{userId}}', 'profile.city': { $const: null } }) });
    parts.others = ['shop'];
  });
  world.script.next = ({ payload }) => (world.received.at(-1)?.operation.startsWith('shop:') === true ? shop : crm).take({ payload });
});
afterAll(() => world.close());

/** A person of whom nothing is known, a yes of theirs, and systems that hold nothing of them. */
async function begin(rules: SyncRule[] = [rule('crm', SINK)], habits: { crm?: CopyHabits; shop?: CopyHabits } = {}): Promise<void> {
  userId = `u${people += 1}`;
  email = `${userId}@example.com`;
  world.received.length = 0;
  crm = new FakeCopies(world, 'crm', habits.crm);
  shop = new FakeCopies(world, 'shop-hooks', habits.shop);
  world.rebuild((parts) => {
    parts.syncs = { rules, systems: SYSTEMS };
    parts.destination = { status: 'enabled' };
  });
  await decide(world, 'granted', userId);
}

/** No two people have one. */
const phone = (n = 0): string => `+86139${87_000_000 + people * 100 + n}`;

async function change(traits: Record<string, JsonValue>, as: Record<string, JsonValue> = {}): Promise<void> {
  world.clock.now += 1_000;
  await world.track([identify(world, `m${messages += 1}`, userId, { email, ...traits }, as)], { isVerified: true });
  await world.settle();
}

const written = (prefix = ''): JsonValue[] => world.received.filter(({ operation }) => operation === `${prefix}contact`).map(({ payload: { email: _email, ...rest } }) => rest);
const profileIdOf = async (user = userId): Promise<string> => (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|${user}` }))?.profileId as string;
const profile = async (): Promise<Record<string, JsonValue>> => {
  const found = await world.store.store.transaction(async (tx) => (await tx.findProfiles(WORKSPACE, [await profileIdOf()])).values().next().value);
  return Object.fromEntries(Object.entries(found?.fields ?? {}).map(([key, { value }]) => [key, value]));
};
const outcomes = async (): Promise<string[]> => (await world.store.collections.deliveries.find({ profileId: await profileIdOf() }).sort({ seq: 1 }).toArray()).map(({ state, reason }) => reason ?? state);

/** Lets time pass, and all retries with it. */
async function later(ms: number): Promise<void> {
  world.clock.now += ms;
  await world.settle();
}

describe('what differs is written once', () => {
  it('of a change by the web; its echo, by webhook and by poll, starts nothing and does not win later', async () => {
    await begin();
    await change({ phone: phone(), city: 'Shanghai' });
    expect(written()).toEqual([{ phone: phone(), city: 'Shanghai' }]);
    const before = await outcomes();
    await later(5_000);
    await crm.tell();
    await crm.tell();
    await crm.poll(email);
    expect(written()).toHaveLength(1);
    expect(await outcomes()).toEqual(before);
    // A change of before the echo, told late: the echo was no newer word on it.
    await change({ phone: phone(99) }, { timestamp: new Date(world.clock.now - 3_000).toISOString() });
    expect([(await profile()).phone, written().at(-1)]).toEqual([phone(99), { phone: phone(99) }]);
    const events = await world.store.collections.events.find({ connectionId: 'crm' }).toArray();
    expect(events.map(({ record }) => [record.flags.includes('echo'), record.profile.phone])).toEqual(events.map(() => [true, undefined]));
  });

  it('of what the system said itself nothing goes back to it; only the field that differs goes out', async () => {
    await begin();
    crm.edit(email, { phone: phone(), city: 'Beijing' });
    await crm.tell();
    expect(written()).toEqual([]);
    await change({ city: 'Shanghai' });
    expect(written()).toEqual([{ city: 'Shanghai' }]);
    await change({ city: 'Shanghai' });
    expect(written()).toHaveLength(1);
    const proof = await world.store.collections.evidence.findOne({ content: /"isAllowed":true/ }, { sort: { seq: -1 } });
    expect(proof?.content).toMatch(/"fields":\["profile.city","profile.email"\]/);
  });

  it('also where the system writes it in its own manner, and clears what the person has no more', async () => {
    await begin(undefined, { crm: { reformat: (field, value) => (field === 'phone' ? String(value).replace(/^\+86(\d{3})(\d{4})/, '+86 $1-$2-') : field === 'city' ? String(value).toUpperCase() : value) } });
    await change({ phone: phone(), city: 'Shanghai' });
    await crm.tell();
    await later(60_000);
    await crm.poll(email);
    expect(written()).toHaveLength(1);
    expect(await profile()).toMatchObject({ phone: phone(), city: 'Shanghai' });
    world.clock.now += 1_000;
    await world.track([{ messageId: `m${messages += 1}`, userId, timestamp: new Date(world.clock.now).toISOString() }], { connectionId: 'clears', isVerified: true });
    await world.settle();
    expect(written().slice(1)).toEqual([{ city: null }]);
    await crm.tell();
    await crm.poll(email);
    expect([written().length, (await profile()).city]).toEqual([2, null]);
  });

  it('again when the answer is lost, and the echo of it changes nothing', async () => {
    let lost = 1;
    await begin(undefined, { crm: { losesAnswer: () => (lost -= 1) >= 0 } });
    await change({ city: 'Shanghai' });
    await crm.tell();
    await later(3_600_000);
    expect(crm.contacts.get(email)).toEqual({ city: 'Shanghai' });
    expect(written().length).toBeLessThanOrEqual(2);
    await crm.tell();
    expect([(await profile()).city, written().length <= 2]).toEqual(['Shanghai', true]);
  });

  it('also after a refusal: what the system had is known still', async () => {
    await begin();
    await change({ city: 'Shanghai' });
    const take = world.script.next;
    world.script.next = () => new InvalidPayload('No.');
    await change({ city: 'Beijing' });
    world.script.next = take;
    await change({ city: 'Shanghai' });
    expect((await outcomes()).slice(-2)).toEqual(['invalid-payload', 'in-sync']);
  });
});

/** What two processes, one after the other, tell of stopped fields. */
async function told(): Promise<string[]> {
  const lines: string[] = [];
  const lineOf = ({ ruleId, field, between, people }: StoppedGroup): string => [ruleId, ...between, field, people].join(' ');
  for (const holder of ['one', 'other']) {
    await createSyncAlerts({
      store: world.store.store, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, log: { warn: () => undefined }, holder, tell: (_, stopped) => Promise.resolve(void lines.push(...stopped.map(lineOf))),
    }).tick([WORKSPACE]);
  }
  return lines;
}

describe('who wins is the same everywhere', () => {
  it('where somebody corrects it there: it is here and in the other system, once', async () => {
    await begin([rule('crm', SINK), rule('shop', 'shop')]);
    await change({ phone: phone() });
    await crm.tell();
    await shop.tell();
    await later(5_000);
    crm.edit(email, { phone: phone(50) });
    await crm.tell();
    expect((await profile()).phone).toBe(phone(50));
    expect(written('shop:')).toEqual([{ phone: phone() }, { phone: phone(50) }]);
    await shop.tell();
    await crm.poll(email);
    expect([written().length, written('shop:').length]).toEqual([1, 2]);
  });

  it('where an edit there and a change here cross', async () => {
    await begin();
    await change({ city: 'Shanghai' });
    await crm.tell();
    world.script.next = (item) => {
      const failed = crm.take(item);
      if (item.payload.city === 'Beijing') crm.edit(email, { city: 'Suzhou' });
      return failed;
    };
    await change({ city: 'Beijing' });
    world.script.next = (item) => (world.received.at(-1)?.operation.startsWith('shop:') === true ? shop : crm).take(item);
    // Told in the wrong order.
    await crm.tell((records) => records.reverse());
    await later(60_000);
    await crm.tell();
    await later(60_000);
    expect(crm.contacts.get(email)?.city).toBe((await profile()).city);
  });

  it('where the owner of the field is another source: ours is restored there', async () => {
    await begin();
    world.configuration.current = { ...world.configuration.current, ownerRank: ((field, source) => (field === 'city' && source === 'web' ? 0 : 1)) as OwnerRank };
    await change({ city: 'Shanghai' });
    await crm.tell();
    await later(5_000);
    crm.edit(email, { city: 'Beijing' });
    await crm.tell();
    expect([(await profile()).city, crm.contacts.get(email)?.city]).toEqual(['Shanghai', 'Shanghai']);
    await crm.tell();
    expect(written()).toEqual([{ city: 'Shanghai' }, { city: 'Shanghai' }]);
  });

  it('unless two systems write it against each other: that is stopped, named, and can be released', async () => {
    await begin([rule('crm', SINK), rule('shop', 'shop')], { crm: { reformat: (field, value) => (field === 'city' ? `${String(value).replace(' City', '')} City` : value) }, shop: { reformat: (field, value) => (field === 'city' ? String(value).replace(' City', '') : value) } });
    await change({ city: 'Suzhou' });
    for (let round = 0; round < 12; round += 1) {
      await later(1_000);
      await crm.tell();
      await shop.tell();
    }
    const { stopped } = await world.store.store.syncs.stopped(WORKSPACE);
    const [one] = stopped.filter(({ profileId }) => profileId !== '');
    expect(one).toMatchObject({ field: 'city', between: expect.arrayContaining([expect.stringMatching(/shop|sink|crm/)]) });
    const many = world.received.length;
    for (let round = 0; round < 3; round += 1) {
      await later(1_000);
      await crm.poll(email);
      await shop.poll(email);
    }
    expect(world.received.length - many).toBeLessThanOrEqual(1);
    expect(await outcomes()).toContain('oscillation-stopped');
    expect(await told()).toEqual([`${one?.ruleId} ${one?.between.join(' ')} city 1`]);
    expect(await world.store.store.syncs.release(WORKSPACE, one?.connectionId ?? '', one?.profileId ?? '', 'city')).toBe(true);
    expect(await told()).toEqual([]);
  });

  it.each<[string, number, [string, string]]>([
    ['where each adds to what it gets, and no value comes twice', 1_000, ['$&x', '$&y']],
    ['where each tells of it only after twenty minutes', 20 * 60_000, ['Suzhou City', 'Suzhou']],
  ])('also %s', async (_, everyMs, [there, elsewhere]) => {
    const into = (becomes: string) => ({ reformat: (field: string, value: JsonValue) => (field === 'city' ? String(value).replace(/.+/, becomes) : value) });
    await begin([rule('crm', SINK), rule('shop', 'shop')], { crm: into(there), shop: into(elsewhere) });
    await change({ city: 'Suzhou' });
    const round = async (): Promise<number> => {
      for (const system of [crm, shop]) {
        await later(everyMs);
        await system.tell();
      }
      return world.received.length;
    };
    const rounds: number[] = [];
    for (let at = 0; at < 14; at += 1) rounds.push(await round());
    // Quiet for the last rounds.
    expect(new Set(rounds.slice(-3)).size).toBe(1);
    expect(await told()).not.toEqual([]);
  });

  it('and one that makes another value of what it gets is not told again every day', async () => {
    await begin([rule('crm', SINK)], { crm: { reformat: (field, value) => (field === 'city' ? String(value).slice(0, 4) : value) } });
    world.configuration.current = { ...world.configuration.current, ownerRank: ((field, source) => (field === 'city' && source === 'web' ? 0 : 1)) as OwnerRank };
    await change({ city: 'Shanghai' });
    for (let day = 0; day < 8; day += 1) {
      await later(24 * 60 * 60_000);
      await crm.poll(email);
    }
    expect(written()).toEqual([{ city: 'Shanghai' }, { city: 'Shanghai' }, { city: 'Shanghai' }]);
    expect(await told()).toEqual(['crm sink web city 1']);
  });
});

describe('what becomes of people', () => {
  it('a crash between request and answer: it is written again, and known then', async () => {
    await begin();
    await change({ city: 'Shanghai' });
    const profileId = await profileIdOf();
    // As it is left: noted ahead, and no outcome.
    const [row] = await world.store.store.transaction((tx) => tx.findSyncStates(WORKSPACE, [profileId], [SINK]));
    const field = row?.fields.city;
    if (row === undefined || field === undefined) throw new RangeError('Nothing is known of the copy.');
    await world.store.store.transaction((tx) => tx.writeSyncStates([{ ...row, fields: { city: { ...field, pending: { digest: field.turns[0]?.digest ?? '', deliveryId: 'dead' } } } }]));
    await change({ city: 'Shanghai', firstName: 'Ana' });
    expect(written().slice(1)).toEqual([{ city: 'Shanghai', firstName: 'Ana' }]);
  });

  it('consent withdrawn: nothing is written; granted again: caught up', async () => {
    await begin();
    await change({ city: 'Shanghai' });
    await decide(world, 'withdrawn', userId);
    await world.settle();
    expect(world.received.at(-1)?.operation).toBe('erase');
    await change({ city: 'Beijing' });
    expect(written()).toHaveLength(1);
    world.clock.now += 1_000;
    await decide(world, 'granted', userId);
    await world.settle();
    expect(written().slice(1)).toEqual([{ city: 'Beijing' }]);
  });

  it('a grant that we told comes back as no newer one, and a refusal is heard', async () => {
    await begin([rule('crm', SINK, { memberships: [{ segmentId: 'locals', action: 'audience' }] })]);
    const says = async (isGranted: boolean): Promise<void> => {
      world.clock.now += 1_000;
      await world.track([identify(world, `m${messages += 1}`, userId, { email }, { context: { consent: { categoryPreferences: { marketing: isGranted } } } })], { connectionId: 'crm', isVerified: true });
      await world.settle();
    };
    const decisions = async (): Promise<string[]> => (await world.store.collections.consents.find({ identityKey: `userId|${userId}` }).sort({ effectiveAt: 1 }).toArray()).map(({ decision }) => decision);
    await change({ city: 'Shanghai' });
    expect(world.received.map(({ operation }) => operation).sort()).toEqual(['addMembers', 'contact']);
    await says(false);
    await says(true);
    expect(await decisions()).toEqual(['granted', 'denied']);
    expect(world.received.at(-1)?.operation).not.toBe('addMembers');
    await says(true);
    world.clock.now += 3_600_000;
    await says(true);
    expect(await decisions()).toEqual(['granted', 'denied', 'granted']);
    await says(false);
    expect((await decisions()).at(-1)).toBe('denied');
  });

  it('a merge is written to whom it names; after an unmerge each has their own', async () => {
    await begin();
    await change({ city: 'Hangzhou' });
    const first = { userId, email };
    userId = `u${people += 1}`;
    email = `${userId}@example.com`;
    await decide(world, 'granted', userId);
    await change({ city: 'Beijing' });
    await crm.tell();
    const loser = { userId, email, profileId: await profileIdOf() };
    // One signs in as both.
    world.clock.now += 1_000;
    await world.track([{ type: 'alias', messageId: `m${messages += 1}`, userId: first.userId, previousId: loser.userId, timestamp: new Date(world.clock.now).toISOString() }], { isVerified: true });
    await world.settle();
    const merged = (await world.store.collections.merges.find({}).sort({ at: -1 }).toArray())[0];
    if (merged === undefined) throw new RangeError('Nobody was merged.');
    const { city, email: named } = await profile();
    expect(crm.contacts.get(String(named))?.city).toBe(city);
    await unmergePerson({ workspaceId: WORKSPACE, loser: merged.loser }, { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES });
    await later(120_000);
    expect([crm.contacts.get(first.email)?.city, crm.contacts.get(loser.email)?.city]).toEqual(['Hangzhou', 'Beijing']);
  });

  const deleted = (): JsonValue => ({ type: 'delete', messageId: `m${messages += 1}`, userId, timestamp: new Date(world.clock.now).toISOString() });

  it.each([['leave-out', 1, 0], ['make-again', 2, 0], ['request-erasure', 1, 1]] as const)('deleted there: %s', async (deletedThere, writes, requests) => {
    await begin([rule('crm', SINK, { deletedThere })]);
    await change({ city: 'Shanghai' });
    await crm.tell();
    await later(1_000);
    crm.contacts.delete(email);
    await remove();
    await later(1_000);
    expect(written()).toHaveLength(writes);
    expect(await world.store.collections.privacyRequests.countDocuments({ 'content.profileId': await profileIdOf() })).toBe(requests);
    await change({ city: 'Beijing' });
    expect(written()).toHaveLength(deletedThere === 'make-again' ? 3 : 1);
    if (deletedThere === 'make-again') return;
    expect((await outcomes()).at(-1)).toBe('deleted-there');
    await later(1_000);
    crm.edit(email, { firstName: 'Ana' });
    await crm.tell();
    expect(written().slice(1)).toEqual([{ city: 'Beijing' }]);
  });

  async function remove(): Promise<void> {
    await world.track([deleted()], { connectionId: 'crm-deletions', isVerified: true });
    await world.settle();
  }
});

it('keeps the books', async () => {
  const { deliveries, ...ended } = await ledgerTotals(world);
  expect(Object.entries(ended).filter(([key]) => /^(delivered|cancelled|dead|blocked)/.test(key)).reduce((sum, [, count]) => sum + count, 0)).toBe(deliveries);
});
