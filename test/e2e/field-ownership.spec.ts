import { randomUUID } from 'node:crypto';
import { compileOwnership, createDictionary, ownershipSettingsSchema } from '@firsthand/domain';
import { createBackfillStore, createConfigurationRepository, storeKey } from '@firsthand/persistence';
import { createBackfillWorker, decideIdentityLink, newBackfill, unmergePerson, type Backfill } from '@firsthand/pipeline';
import { event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';
import { row } from '../support/store-rows.js';

/** Who is believed about a field, when the rules change, when a source goes, when a value ends and when a merge is taken back. */
let world: World;
const DAY_MS = 86_400_000;
const CHANNELS = new Map([['crm', 'crm'], ['web', 'web'], ['till', 'store']]);

beforeEach(async () => {
  world = await createWorld((parts) => {
    parts.purposes = [{ ...MARKETING, lawfulBasis: 'legitimate', separateConsent: [], retentionDays: 30 }];
    parts.sources = [{ connectionId: 'web' }, { connectionId: 'crm' }, { connectionId: 'till' }];
    parts.segments = [{ segmentId: 'in-town', version: 1, name: 'In town', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Hangzhou' } }];
    parts.flows = [];
  });
  rules();
  await tell('crm', 'Suzhou');
  await tell('web', 'Hangzhou');
});
afterEach(() => world.close());

/** The rules of the workspace from now on, as each process knows them within a second. */
function rules(fields: object[] = [], channels: ReadonlyMap<string, string> = CHANNELS): void {
  const ownership = compileOwnership(ownershipSettingsSchema.parse({ fields }), { dictionary: createDictionary(), channels });
  world.configuration.current = { ...world.configuration.current, ownerRank: ownership.rank, ownership };
}

async function tell(connectionId: string, city: string, userId = 'u1'): Promise<void> {
  world.clock.now += 1_000;
  await world.track([identify(world, randomUUID(), userId, { city })], { isVerified: true, connectionId });
  await world.settle();
}

/** The work that a change of the rules leaves behind, and the sweep that carries it out. */
async function workOff(): Promise<void> {
  const backfills = createBackfillStore(world.store.connection);
  await createConfigurationRepository(world.store.connection).create<Backfill>('backfills', WORKSPACE, randomUUID(), newBackfill([], world.clock.now), world.clock.now);
  await createBackfillWorker({ backfills, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, holder: randomUUID() }).tick();
  await world.settle();
}

const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES });
const ana = async (userId = 'u1') => (await world.store.collections.profiles.findOne({ workspaceId: WORKSPACE, 'identities.value': userId }))!;
const cityOf = async (userId = 'u1') => {
  const { fields, candidates } = await ana(userId);
  return [fields.city?.value, ...(candidates?.city ?? []).map(({ source, value }) => `${source} ${String(value)}`)];
};

it('by the owner, with what lost beside it; another rule decides stored people anew, segments with them, though no event is left', async () => {
  expect([await cityOf(), (await ana()).memberships['in-town']]).toEqual([['Suzhou', 'web Hangzhou'], undefined]);
  await world.store.collections.events.deleteMany({});
  rules([{ field: 'profile.city', policy: 'newest' }]);
  const { version } = await ana();
  await workOff();
  expect([await cityOf(), (await ana()).memberships['in-town']?.isMember]).toEqual([['Hangzhou', 'crm Suzhou'], true]);
  const news = await world.store.collections.changes.find({ _id: { $gte: `${storeKey(WORKSPACE, (await ana()).profileId)}|` } }, { sort: { _id: -1 }, limit: 1 }).toArray();
  expect(news).toMatchObject([{ version: version + 1, changedFields: ['city'], memberships: [{ segmentId: 'in-town', isMember: true }] }]);
  // Once is enough: nobody is written again.
  await workOff();
  expect((await ana()).version).toBe(version + 1);
});

it('by the rules of now in what waited to be sent, before they reach the stored person', async () => {
  const aim = (status: 'paused' | 'enabled'): void => world.rebuild((parts) => {
    parts.flows = [{ flowId: 'f', version: 1, name: 'F', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event', mapping: { profile: { city: '{{profile.city}}' } } }] }];
    parts.destination = { status };
  });
  aim('paused');
  rules();
  await world.track([event(world, 'e1')], { isVerified: true, connectionId: 'crm' });
  await world.settle();
  aim('enabled');
  rules([{ field: 'profile.city', policy: 'newest' }]);
  await world.settle();
  expect(world.received.map(({ operation, payload }) => [operation, payload])).toEqual([['send', { profile: { city: 'Hangzhou' } }]]);
  expect(await cityOf()).toEqual(['Suzhou', 'web Hangzhou']);
});

it('by nobody who may not write, until they may again', async () => {
  rules([{ field: 'profile.city', masters: [], refused: [{ channel: 'crm' }, { channel: 'web' }] }]);
  await workOff();
  expect(await cityOf()).toEqual([undefined, 'web Hangzhou', 'crm Suzhou']);
  await tell('web', 'Wuhan');
  expect(await cityOf()).toEqual([undefined, 'web Wuhan', 'crm Suzhou']);
  await tell('till', 'Ningbo');
  expect(await cityOf()).toEqual(['Ningbo', 'web Wuhan', 'crm Suzhou']);
  rules();
  // Who is read meanwhile is decided on the way.
  await tell('till', 'Jinhua');
  expect(await cityOf()).toEqual(['Suzhou', 'till Jinhua', 'web Wuhan']);
});

it('by masters and those who may propose alone, and in the order that was set', async () => {
  rules([{ field: 'profile.city', masters: [], proposers: [{ channel: 'store' }] }]);
  await workOff();
  expect(await cityOf()).toEqual([undefined, 'web Hangzhou', 'crm Suzhou']);
  await tell('till', 'Ningbo');
  await tell('web', 'Wuhan');
  expect(await cityOf()).toEqual(['Ningbo', 'web Wuhan', 'crm Suzhou']);
  // A master may write, whoever may propose.
  rules([{ field: 'profile.city', masters: [{ connectionId: 'crm' }], proposers: [{ channel: 'store' }] }]);
  await workOff();
  expect((await cityOf())[0]).toBe('Suzhou');
  rules([{ field: 'profile.city', policy: 'priority', masters: [], priority: [{ channel: 'store' }, { connectionId: 'web' }] }]);
  await tell('crm', 'Jinhua');
  expect((await cityOf())[0]).toBe('Ningbo');
});

it('by the next best once a source is removed, and by its last word where there is nobody else', async () => {
  await tell('crm', 'Nanjing', 'u2');
  // What it said last is newer than what anybody else says.
  await tell('crm', 'Wuxi');
  rules([], new Map([...CHANNELS].filter(([id]) => id !== 'crm')));
  await workOff();
  expect([await cityOf(), await cityOf('u2')]).toEqual([['Hangzhou', 'crm Wuxi'], ['Nanjing']]);
});

it('by the next best once what the owner said may be kept no longer', async () => {
  const said = world.clock.now;
  world.clock.now += 20 * DAY_MS;
  await tell('web', 'Wuhan');
  expect(await cityOf()).toEqual(['Suzhou', 'web Wuhan']);
  world.clock.now = said + 32 * DAY_MS;
  await world.settle();
  expect(await cityOf()).toEqual(['Wuhan']);
  world.clock.now += 30 * DAY_MS;
  await world.settle();
  expect(await cityOf()).toEqual([undefined]);
});

it('by each one’s own sources again once a merge is taken back', async () => {
  await tell('web', 'Ningbo', 'u2');
  await tell('till', 'Jinhua', 'u2');
  const [one, other] = [await cityOf(), await cityOf('u2')];
  const linkId = `${WORKSPACE}|link`;
  await world.store.store.transaction((tx) => tx.writeIdentityLinks([row.identityLink('link', { linkId, workspaceId: WORKSPACE, keys: ['userId|u1', 'userId|u2'] })]));
  await decideIdentityLink({ workspaceId: WORKSPACE, linkId, decision: 'accepted' }, options());
  const merged = await ana();
  expect(await cityOf()).toEqual(['Suzhou', expect.stringMatching(/^(web|till) /), expect.stringMatching(/^(web|till) /)]);
  await unmergePerson({ workspaceId: WORKSPACE, loser: merged.mergedFrom[0] ?? '' }, options());
  expect([await cityOf(), await cityOf('u2')]).toEqual([one, other]);
});
