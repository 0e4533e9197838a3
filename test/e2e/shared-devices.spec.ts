import type { JsonValue } from '@firsthand/domain';
import { PURPOSE_DEFAULTS, type ConsentDecision, type FlowDefinition, type Identity, type Purpose } from '@firsthand/domain';
import { createSweep, recordConsents, startErasure, unmergePerson, type RecordConsentsOptions, type StoreTransaction } from '@firsthand/pipeline';
import type { AdminContext } from '../../apps/host/src/admin/admin-context.js';
import { findPerson } from '../../apps/host/src/admin/profiles/find-person.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

/** Sent on an interest of the brand: who says nothing gets it. */
const NEWS: Purpose = { key: 'news', name: { en: 'News' }, description: { en: 'What is new' }, lawfulBasis: 'legitimate', fields: ['profile.*', 'event.*', 'identities.*'], ...PURPOSE_DEFAULTS, expiresAfterDays: null };
const toAudience: FlowDefinition = {
  flowId: 'audience', version: 1, name: 'Audience', purpose: 'news', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false,
  steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' } }],
};
const TABLET = 'tablet';

let world: World;
beforeEach(async () => {
  world = await createWorld((parts) => {
    parts.purposes.push(NEWS);
    parts.flows = [toAudience];
    parts.sources = [{ connectionId: 'web', agreementId: 'terms' }];
  });
});
afterEach(() => world.close());

const message = (messageId: string, rest: Record<string, JsonValue>): JsonValue => ({ type: 'track', event: 'Looked', messageId, properties: {}, timestamp: new Date(world.clock.now).toISOString(), ...rest });
const login = (messageId: string, userId: string, rest: Record<string, JsonValue> = {}): JsonValue => message(messageId, { type: 'identify', userId, anonymousId: TABLET, traits: { email: `${userId}@example.com` }, ...rest });
const saying = (isYes: boolean): Record<string, JsonValue> => ({ context: { consent: { categoryPreferences: { news: isYes } } } });

/** One batch, applied and delivered. */
async function hear(messages: JsonValue[], isVerified = false): Promise<void> {
  world.clock.now += 1_000;
  await world.track(messages, { isVerified });
  await world.settle();
}

const tx = <T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> => world.store.store.transaction(work);

async function profileOf(userId: string): Promise<string> {
  return (await tx((t) => t.findIdentities(WORKSPACE, [`userId|${userId}`]))).get(`userId|${userId}`) ?? '';
}

/** By what sends go, of each. */
async function standings(...users: string[]): Promise<(string | undefined)[]> {
  const ids = await Promise.all(users.map(profileOf));
  const states = await tx((t) => t.findConsentStates(WORKSPACE, ids));
  return ids.map((id) => states.get(id)?.news?.processor?.decision);
}

function options(over: Partial<RecordConsentsOptions> = {}): RecordConsentsOptions {
  return { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES, ...over };
}

async function decide(identity: Identity, decision: ConsentDecision, over: Partial<RecordConsentsOptions> = {}): Promise<void> {
  world.clock.now += 1_000;
  await recordConsents({
    workspaceId: WORKSPACE, identity, decisions: [{ purpose: 'news', decision }], agreement: decision === 'granted' ? { agreementId: 'terms', version: 1, language: 'en' } : null, method: 'toggle', submissionId: '',
  }, options(over));
}

/** Three who have logged in at the tablet; the first has it. */
async function family(): Promise<void> {
  for (const userId of ['ana', 'bo', 'cy']) await hear([login(`in-${userId}`, userId)], true);
}

const told = (operation: string): JsonValue[] => world.received.filter((one) => one.operation === operation).map(({ payload }) => payload.email ?? null).sort();
const EVERYBODY = ['ana@example.com', 'bo@example.com', 'cy@example.com'];

describe('a no at a device that several are known on', () => {
  it('without a login is everybody’s at once, and taken back of each', async () => {
    await family();
    await hear(['ana', 'bo', 'cy'].map((userId) => message(`view-${userId}`, { event: 'Product Viewed', userId })), true);
    expect(told('addMembers')).toEqual(EVERYBODY);
    await hear([message('no', { anonymousId: TABLET, ...saying(false) })]);
    expect(await standings('ana', 'bo', 'cy')).toEqual(['denied', 'denied', 'denied']);
    expect(told('removeMembers')).toEqual(EVERYBODY);
    await hear(['ana', 'bo', 'cy'].map((userId) => message(`again-${userId}`, { event: 'Product Viewed', userId })), true);
    expect(told('addMembers')).toEqual(EVERYBODY);
  });

  it('is one record, and none where all have said so already', async () => {
    await family();
    await hear([message('no', { anonymousId: TABLET, ...saying(false) }), message('no-2', { anonymousId: TABLET, ...saying(false) })]);
    await hear([message('no-3', { anonymousId: TABLET, ...saying(false) })]);
    expect(await world.store.collections.consents.countDocuments({ workspaceId: WORKSPACE })).toBe(1);
  });

  it('is everybody’s too where who has the device has said no long ago, and where another is logged in over a public key', async () => {
    await family();
    await decide({ namespace: 'userId', value: 'ana' }, 'withdrawn');
    await hear([message('no', { anonymousId: TABLET, ...saying(false) })]);
    expect(await standings('bo', 'cy')).toEqual(['denied', 'denied']);
    await decide({ namespace: 'userId', value: 'cy' }, 'granted');
    expect(await standings('bo', 'cy')).toEqual(['denied', 'granted']);
    await hear([message('no-of-bo', { userId: 'bo', anonymousId: TABLET, ...saying(false) })]);
    expect(await standings('bo', 'cy')).toEqual(['denied', 'denied']);
  });

  it('counts also in a record that is put aside, and where it comes over REST', async () => {
    await family();
    world.rebuild((parts) => { parts.sources = [{ connectionId: 'web', agreementId: 'terms', unknownEvents: 'quarantine' }]; });
    await hear([message('aside', { anonymousId: TABLET, ...saying(false) })]);
    expect(await world.store.collections.quarantine.countDocuments({})).toBe(1);
    expect(await standings('ana', 'bo', 'cy')).toEqual(['denied', 'denied', 'denied']);
    await decide({ namespace: 'anonymousId', value: TABLET }, 'withdrawn');
    expect(await standings('ana', 'bo', 'cy')).toEqual(['withdrawn', 'withdrawn', 'withdrawn']);
  });

  it('holds for who is known there from then on, also when their record says nothing of it', async () => {
    await hear([login('in-ana', 'ana')], true);
    await hear([message('no', { anonymousId: TABLET, ...saying(false) })]);
    await hear([message('in-dee', { userId: 'dee', anonymousId: TABLET })]);
    await hear([login('in-eve', 'eve', { anonymousId: 'phone-of-eve' })], true);
    expect(await standings('ana', 'dee', 'eve')).toEqual(['denied', 'denied', undefined]);
    await hear([login('in-eve-2', 'eve')], true);
    expect(await standings('eve')).toEqual(['denied']);
  });

  it('does not miss who logs in there at the same moment', async () => {
    await family();
    let runs = 0;
    const store = { ...world.store.store, transaction: <T>(work: (t: StoreTransaction) => Promise<T>) => tx(async (t) => {
      await t.findIdentities(WORKSPACE, [`anonymousId|${TABLET}`]);
      runs += 1;
      // Commits while this one, which has read what was there before, goes on.
      if (runs === 1) await hear([login('in-dee', 'dee')], true);
      return work(t);
    }) };
    await decide({ namespace: 'anonymousId', value: TABLET }, 'withdrawn', { store });
    expect(runs).toBe(2);
    expect(await standings('ana', 'bo', 'cy', 'dee')).toEqual(['withdrawn', 'withdrawn', 'withdrawn', 'withdrawn']);
  });

  it('is no yes of anybody: what one agrees to there the others have not agreed to, until they come', async () => {
    await family();
    await hear([message('no', { anonymousId: TABLET, ...saying(false) })]);
    await hear([message('yes', { anonymousId: TABLET, ...saying(true) })]);
    expect(await standings('ana', 'bo', 'cy')).toEqual(['granted', 'denied', 'denied']);
  });
});

describe('a no at a device that hundreds are known on', () => {
  const SIZE = 450;
  const crowd = Array.from({ length: SIZE }, (_, n) => `of-crowd-${n}`);

  /** Ana has the tablet; Bo, and as many others as he, are known on it and have been sent to the audience. */
  beforeEach(async () => {
    for (const userId of ['ana', 'bo']) await hear([login(`in-${userId}`, userId)], true);
    await hear([message('view-bo', { event: 'Product Viewed', userId: 'bo' })], true);
    const { profiles, disclosures, identities } = world.store.collections;
    const bo = await profileOf('bo');
    const [profile] = await profiles.find({ profileId: bo }).toArray();
    const [disclosure] = await disclosures.find({ profileId: bo }).toArray();
    const ofCrowd = (userId: string, text: string): string => text.replaceAll(bo, userId).replaceAll('bo@', `${userId}@`).replaceAll(/(["|])bo"/g, `$1${userId}"`);
    const copies = <T>(row: T): T[] => crowd.map((userId) => JSON.parse(ofCrowd(userId, JSON.stringify(row))) as T);
    if (profile === undefined || disclosure === undefined) throw new Error('Bo was sent nothing.');
    await profiles.insertMany(copies(profile));
    await disclosures.insertMany(copies(disclosure));
    await identities.insertMany(crowd.map((userId) => ({ _id: `${WORKSPACE}|userId|${userId}`, schemaVersion: 1, workspaceId: WORKSPACE, profileId: userId, createdAt: world.clock.now })));
  });

  const records = (): Promise<number> => world.store.collections.consents.countDocuments({ workspaceId: WORKSPACE });
  /** One batch, applied: nobody has been swept, nothing delivered. */
  const apply = async (messages: JsonValue[], isVerified = false): Promise<void> => {
    world.clock.now += 1_000;
    await world.track(messages, { isVerified });
    await world.apply.drain();
  };

  it('counts at the next decision, before it is written of each, and is taken back of each', async () => {
    await apply([message('view', { event: 'Product Viewed', userId: 'of-crowd-7' })], true);
    await apply([message('no', { anonymousId: TABLET, ...saying(false) })]);
    expect([await standings('ana', 'of-crowd-7'), await viewed('of-crowd-7')]).toEqual([['denied', undefined], 'denied']);
    await world.deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
    expect(told('addMembers')).toEqual(['bo@example.com']);
    await apply([message('view-2', { event: 'Product Viewed', userId: 'of-crowd-8' })], true);
    expect(await standings('of-crowd-8')).toEqual(['denied']);
    await world.settle();
    expect(new Set(await standings('ana', 'bo', ...crowd))).toEqual(new Set(['denied']));
    expect(told('addMembers')).toEqual(['bo@example.com']);
    expect(told('removeMembers')).toEqual(['bo', ...crowd].map((userId) => `${userId}@example.com`).sort());
  });

  it('is one record however often it is told, until one of them agrees again', async () => {
    await apply([message('no', { anonymousId: TABLET, ...saying(false) }), message('no-2', { anonymousId: TABLET, ...saying(false) })]);
    await apply([message('no-3', { anonymousId: TABLET, ...saying(false) })]);
    expect(await records()).toBe(1);
    await decide({ namespace: 'userId', value: 'of-crowd-7' }, 'granted');
    expect(await standings('of-crowd-7')).toEqual(['granted']);
    await apply([message('no-4', { anonymousId: TABLET, ...saying(false) }), message('no-5', { anonymousId: TABLET, ...saying(false) })]);
    expect(await records()).toBe(3);
    await world.settle();
    expect(new Set(await standings('ana', 'bo', ...crowd))).toEqual(new Set(['denied']));
    await hear([message('no-6', { anonymousId: TABLET, ...saying(false) })]);
    expect(await records()).toBe(3);
  });

  /** As staff and the person's own page are shown it. */
  const viewed = async (profileId: string): Promise<string | undefined> => {
    const { store: { collections, store }, configuration: { current } } = world;
    return (await findPerson({ collections, store, configuration: { workspace: () => current } as unknown as AdminContext['configuration'], clock: () => world.clock.now }, WORKSPACE, profileId))?.consents.news?.processor?.decision;
  };
  const no = (messageId: string): JsonValue => message(messageId, { anonymousId: TABLET, ...saying(false) });
  const handOn = (limit: number): Promise<void> => tx((t) => t.handOnMark(WORKSPACE, `anonymousId|${TABLET}`, limit, world.clock.now));
  const marks = async (): Promise<number> => (await world.store.store.findMarks(10)).length;

  it('of more than a thousand is one write, however many they are, and reaches all of them after a crash on the way', async () => {
    const { profiles } = world.store.collections;
    const [one] = await profiles.find({ profileId: 'of-crowd-7' }).toArray();
    const more = Array.from({ length: 1_000 }, (_, n) => `of-thousands-${n}`);
    await profiles.insertMany(more.map((id) => ({ ...one!, _id: `${WORKSPACE}|${id}`, profileId: id, identities: [] })));
    await apply([message('view', { event: 'Product Viewed', userId: 'of-crowd-7' })], true);
    await apply([no('no')]);
    expect([await profiles.countDocuments({ mustRefold: true }), await marks()]).toEqual([0, 1]);
    await world.deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
    expect(told('addMembers')).toEqual(['bo@example.com']);
    const dying = { ...world.store.store, transaction: <T>(work: (t: StoreTransaction) => Promise<T>) => tx(async (t) => {
      if (await profiles.countDocuments({ mustRefold: true }) >= 400) throw new RangeError('died');
      return work(t);
    }) };
    await expect(createSweep({ ...options({ store: dying }), clock: () => world.clock.now }).tick()).rejects.toThrow(RangeError);
    expect([await profiles.countDocuments({ mustRefold: true }), await marks()]).toEqual([400, 1]);
    for (let ticks = 0; ticks < 3; ticks += 1) await world.settle();
    expect([await profiles.countDocuments({ mustRefold: true }), await marks()]).toEqual([0, 0]);
    const states = await world.store.collections.consentStates.find({ _id: { $in: more.map((id) => `${WORKSPACE}|${id}`) } }).toArray();
    expect([states.length, new Set(states.map(({ state }) => state.news?.processor?.decision))]).toEqual([1_000, new Set(['denied'])]);
    expect(told('removeMembers')).toEqual(['bo', ...crowd].map((userId) => `${userId}@example.com`).sort());
  });

  it('that is told again to who has agreed meanwhile reaches whom the sweep has passed already', async () => {
    await apply([no('no')]);
    await handOn(200);
    const passed = (await world.store.collections.profiles.find({ mustRefold: true }).toArray()).map(({ profileId }) => profileId).filter((id) => id.startsWith('of-crowd'));
    const [first = ''] = passed;
    await decide({ namespace: 'userId', value: first }, 'granted');
    expect(await standings(first)).toEqual(['granted']);
    await apply([no('no-2')]);
    await handOn(200);
    await handOn(200);
    expect([await marks(), await standings(first)]).toEqual([1, ['granted']]);
    await world.settle();
    expect([await marks(), new Set(await standings('ana', 'bo', ...crowd)), await records()]).toEqual([0, new Set(['denied']), 3]);
  });

  it('is told once more after somebody has come who has agreed since, and not after who has not', async () => {
    await hear([no('no')]);
    await hear([login('in-dee', 'dee', { anonymousId: 'phone-of-dee' }), login('in-eve', 'eve', { anonymousId: 'phone-of-eve' })], true);
    await decide({ namespace: 'userId', value: 'dee' }, 'granted');
    await hear([login('in-eve-2', 'eve')], true);
    await hear([no('no-2')]);
    expect([await records(), await standings('dee', 'eve')]).toEqual([2, ['granted', 'denied']]);
    await hear([login('in-dee-2', 'dee')], true);
    expect(await standings('dee')).toEqual(['granted']);
    await hear([no('no-3')]);
    await hear([no('no-4')]);
    expect([await records(), await standings('dee', 'eve')]).toEqual([3, ['denied', 'denied']]);
  });

  it('is heard by who came there with a yes, also where the first of it is told late', async () => {
    await hear([login('in-dee', 'dee', { anonymousId: 'phone-of-dee' })], true);
    await decide({ namespace: 'userId', value: 'dee' }, 'granted');
    await hear([login('in-dee-2', 'dee')], true);
    await apply([message('late', { anonymousId: TABLET, ...saying(false), timestamp: new Date(world.clock.now - 600_000).toISOString() })]);
    await apply([no('no')]);
    await world.settle();
    expect(await standings('dee')).toEqual(['denied']);
  });

  it('stays with whom the device goes to when who had it is erased before the sweep', async () => {
    const [next] = await world.store.collections.profiles.find({ sharedKeys: `anonymousId|${TABLET}` }).sort({ createdAt: 1, profileId: 1 }).toArray();
    await apply([no('no')]);
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'ana' }], profileId: null }, { ...options(), tombstones: TOMBSTONES });
    expect((await tx((t) => t.findIdentities(WORKSPACE, [`anonymousId|${TABLET}`]))).get(`anonymousId|${TABLET}`)).toBe(next?.profileId);
    const userId = next?.profileId === await profileOf('bo') ? 'bo' : next?.profileId ?? '';
    expect(await standings(userId)).toEqual([undefined]);
    await apply([message('view', { event: 'Product Viewed', userId })], true);
    expect(await standings(userId)).toEqual(['denied']);
    await world.settle();
    expect([await marks(), new Set(await standings('bo', ...crowd))]).toEqual([0, new Set(['denied'])]);
  });

  it('is taken back of who is made one with somebody before the sweep', async () => {
    const { profiles, identities } = world.store.collections;
    await hear([login('in-zed', 'zed', { anonymousId: 'phone-of-zed' })], true);
    await profiles.updateOne({ profileId: await profileOf('zed') }, { $set: { createdAt: 1 } });
    await identities.insertOne({ _id: `${WORKSPACE}|email|of-crowd-7@example.com`, schemaVersion: 1, workspaceId: WORKSPACE, profileId: 'of-crowd-7', createdAt: 1 });
    await decide({ namespace: 'userId', value: 'zed' }, 'withdrawn');
    await apply([no('no')]);
    await apply([login('one', 'zed', { anonymousId: 'phone-of-zed', traits: { email: 'of-crowd-7@example.com' } })], true);
    expect((await tx((t) => t.findProfiles(WORKSPACE, ['of-crowd-7']))).get('of-crowd-7')?.profileId).toBe(await profileOf('zed'));
    expect(await world.store.collections.deliveries.countDocuments({ operation: 'removeMembers', profileId: await profileOf('zed') })).toBe(1);
  });

  it('counts for each of them where it comes over REST', async () => {
    await decide({ namespace: 'anonymousId', value: TABLET }, 'withdrawn');
    expect(await standings('of-crowd-7')).toEqual([undefined]);
    await apply([message('view', { event: 'Product Viewed', userId: 'of-crowd-7' })], true);
    expect(await standings('of-crowd-7')).toEqual(['withdrawn']);
    await world.settle();
    expect(new Set(await standings('ana', 'bo', ...crowd))).toEqual(new Set(['withdrawn']));
    expect(told('addMembers')).toEqual(['bo@example.com']);
  });
});

describe('a no at a shared device, of two who are made one', () => {
  const PHONE = { anonymousId: 'phone-of-ana' };
  const join = (): Promise<void> => hear([login('one', 'ana', { ...PHONE, traits: { email: 'bo@example.com' } })], true);
  const part = async (loser: string): Promise<void> => {
    world.clock.now += 1_000;
    await unmergePerson({ workspaceId: WORKSPACE, loser }, { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES });
  };
  /** Ana has a phone of her own; Bo is known on the tablet, which is Cy's. Gives Bo's profile. */
  const two = async (): Promise<string> => {
    await hear([login('in-ana', 'ana', PHONE)], true);
    await hear([login('in-cy', 'cy')], true);
    await hear([login('in-bo', 'bo')], true);
    return profileOf('bo');
  };
  const no = (messageId: string, of: Record<string, JsonValue>): JsonValue => message(messageId, { ...of, ...saying(false) });

  it('stays where it stood for the one alone and the other has agreed since', async () => {
    const bo = await two();
    await hear([no('no', { anonymousId: TABLET })]);
    await decide({ namespace: 'userId', value: 'ana' }, 'granted');
    await join();
    expect(await standings('ana', 'cy')).toEqual(['denied', 'denied']);
    await part(bo);
    expect(await standings('ana', 'bo', 'cy')).toEqual(['granted', 'denied', 'denied']);
  });

  it('is not the other’s where they were never known there and the one has agreed since', async () => {
    const bo = await two();
    await hear([no('no', { anonymousId: TABLET })]);
    await decide({ namespace: 'userId', value: 'bo' }, 'granted');
    await join();
    expect(await standings('ana', 'cy')).toEqual(['granted', 'denied']);
    await part(bo);
    expect(await standings('ana', 'bo', 'cy')).toEqual([undefined, 'granted', 'denied']);
  });

  it('is each one’s of two who were both known there', async () => {
    const bo = await two();
    await hear([login('in-ana-2', 'ana')], true);
    await hear([no('no', { anonymousId: TABLET })]);
    await decide({ namespace: 'userId', value: 'ana' }, 'granted');
    await join();
    expect(await standings('ana')).toEqual(['denied']);
    await part(bo);
    expect(await standings('ana', 'bo', 'cy')).toEqual(['granted', 'denied', 'denied']);
  });

  it('stays with who was there while both were one, on a device of the other’s and on a new one, when they are told apart', async () => {
    const bo = await two();
    await join();
    await hear([login('in-ana-2', 'ana', { traits: {} })], true);
    await hear([no('no', { userId: 'ana', anonymousId: TABLET })]);
    await part(bo);
    expect(await standings('ana', 'bo', 'cy')).toEqual(['denied', 'denied', 'denied']);
  });

  it('stays with who alone was at a device that came while both were one', async () => {
    const bo = await two();
    await join();
    await hear([login('in-bo-2', 'bo', { anonymousId: 'new' })], true);
    await hear([no('no', { anonymousId: 'new' })]);
    await part(bo);
    expect(await standings('ana', 'bo', 'cy')).toEqual([undefined, 'denied', undefined]);
    await hear([no('no-2', { anonymousId: 'new' })]);
    expect(await standings('ana', 'bo')).toEqual([undefined, 'denied']);
  });

  it('is both’s where both were at such a device', async () => {
    const bo = await two();
    await join();
    await hear([login('in-bo-2', 'bo', { anonymousId: 'new' }), login('in-ana-2', 'ana', { anonymousId: 'new', traits: {} })], true);
    await part(bo);
    await hear([no('no', { anonymousId: 'new' })]);
    expect(await standings('ana', 'bo', 'cy')).toEqual(['denied', 'denied', undefined]);
  });
});
