import { randomUUID } from 'node:crypto';
import type { Condition, ConsentActor, FlowDefinition, JsonValue } from '@firsthand/domain';
import { createChangeLog } from '@firsthand/persistence';
import { changeList, correctPerson, createChangeNumbering, recordConsents, startErasure, unmergePerson, type ChangeCause, type ChangeLog, type PersonChange } from '@firsthand/pipeline';
import { event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

/** From where each change of people comes, over a real MongoDB. */
let world: World;
let log: ChangeLog;
let told = 0;
const DAY_MS = 86_400_000;
const segment = (segmentId: string, condition: Condition, purpose = 'service', version = 1) => ({ segmentId, version, name: segmentId, purpose, condition });
const SEGMENTS = [
  segment('in-shanghai', { trait: 'city', op: 'eq', value: 'Shanghai' }), segment('buyers', { event: 'Order Completed' }), segment('lately', { event: 'Product Viewed', within: { days: 1 } }),
  segment('guests', { list: 'guests' }), segment('marked', { list: 'marked' }), segment('golden', { trait: 'membershipLevel', op: 'eq', value: 'gold' }), segment('asked', { trait: 'city', op: 'exists' }, 'marketing'), segment('both', { all: [{ segment: 'in-shanghai' }, { segment: 'buyers' }] }),
];
const MARKS: FlowDefinition = { flowId: 'marks', version: 1, name: 'Marks', purpose: 'service', trigger: { type: 'event', name: 'Room Entered' }, acceptsHistorical: false, steps: [{ id: 'on', type: 'addToList', segmentId: 'marked' }, { id: 'level', type: 'setField', field: 'membershipLevel', value: { $const: 'gold' } }] };

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.purposes = [{ ...MARKETING, fields: ['*'], retentionDays: 30 }, { ...SERVICE, fields: ['*'], retentionDays: 30 }];
    parts.segments = SEGMENTS;
    parts.flows = [MARKS];
    parts.sources = ['web', 'shop'].map((connectionId) => ({ connectionId, consentCategories: { Advertising: 'marketing' } }));
  });
  log = createChangeLog(world.store.collections);
  follow();
});
afterAll(() => world.close());

const follow = (): void => { world.configuration.current = { ...world.configuration.current, changes: { since: 0, startsAfter: 0, keptForDays: 7, feeds: [] } }; };
const options = () => ({
  store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: randomUUID, tombstones: TOMBSTONES,
});
const accept = (connectionId: string, ...messages: JsonValue[]) => world.track(messages, { isVerified: true, connectionId });
/** What has changed since this was asked last: what, and from where. */
async function changes(): Promise<[string, ...string[]][]> {
  await world.settle();
  await createChangeNumbering(options()).tick([WORKSPACE]);
  const found = (await log.read(WORKSPACE, told, 100)).flatMap(({ changes: all }) => all.flatMap((change) => change ?? []));
  told = await log.last(WORKSPACE);
  return found.map((change) => [nameOf(change), ...(change.from ?? []).map(({ by, source }: ChangeCause) => (source === null ? by : `${by} ${source}`)).sort()]);
}
function nameOf(change: PersonChange): string {
  if (change.kind === 'profile') return change.fields.map(({ name }) => name).sort().join('+');
  if (change.kind === 'consent') return [change.purpose, ...change.standings.slice(0, 1).flatMap(({ decision, source, actor }) => [decision, String(source), String(actor)])].join(' ');
  return change.kind === 'membership' ? `${change.isMember ? '' : 'not '}${change.segmentId}` : [change.act, ...('namespaces' in change ? [[...change.namespaces].sort().join('+')] : [])].join(' ');
}
const ownerOf = async (userId: string): Promise<string> => (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|${userId}` }))?.profileId ?? '';
const decide = (userId: string, decision: 'granted' | 'withdrawn', actor: ConsentActor) => recordConsents({
  workspaceId: WORKSPACE, identity: { namespace: 'userId', value: userId }, decisions: [{ purpose: 'marketing', decision, recipients: ['own'] }], agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '', actor,
}, options());

it('names for each change the connection whose records brought it, of several that came together too', async () => {
  await accept('web', identify(world, 'i1', 'u1', { city: 'Shanghai' }));
  world.clock.now += 1;
  await accept('shop', event(world, 'e1', { event: 'Order Completed' }), identify(world, 'i2', 'u1', { email: 'ana@example.com' }));
  expect(await changes()).toEqual([
    ['added email+userId', 'record shop', 'record web'], ['city+email', 'record shop', 'record web'], ['in-shanghai', 'record web'], ['buyers', 'record shop'], ['both', 'record shop', 'record web'],
  ]);
  await accept('shop', identify(world, 'i3', 'u1', { city: 'Xiamen' }), event(world, 'e2'));
  await accept('web', event(world, 'e3'));
  expect(await changes()).toEqual([['city', 'record shop'], ['not in-shanghai', 'record shop'], ['lately', expect.stringMatching(/^record /u), expect.stringMatching(/^record /u)], ['not both', 'record shop']]);
});

it('says of a decision who told it and by which connection, and so of a segment that rests on it', async () => {
  await accept('web', event(world, 'c1', { context: { consent: { categoryPreferences: { Advertising: true } } } }));
  expect(await changes()).toEqual([['marketing granted web person', 'record web'], ['asked', 'record web']]);
  await decide('u1', 'withdrawn', { kind: 'person' });
  expect(await changes()).toEqual([['marketing withdrawn null person', 'person'], ['not asked', 'person']]);
  world.clock.now += 1;
  await decide('u1', 'granted', { kind: 'clerk', id: 'till-7' });
  expect(await changes()).toEqual([['marketing granted null clerk', 'admin'], ['asked', 'admin']]);
});

it('tells a merge by records, what came with it, and its end by an admin', async () => {
  await accept('web', identify(world, 'm1', 'u2', { lastName: 'Li', city: 'Shanghai' }));
  await changes();
  world.clock.now += 1;
  await accept('shop', identify(world, 'm2', 'u2', { email: 'ana@example.com' }));
  // The older one wins; the newer city of the other is theirs from now on.
  expect(await changes()).toEqual([
    ['merged', 'record shop'], ['added userId', 'record shop'], ['city+lastName', 'record shop'], ['in-shanghai', 'record shop'], ['both', 'record shop'],
  ]);
  const merge = await world.store.collections.merges.findOne({ workspaceId: WORKSPACE });
  await unmergePerson({ workspaceId: WORKSPACE, loser: merge?.loser ?? '' }, options());
  const parted = await changes();
  expect(parted.map(([what]) => what)).toEqual(expect.arrayContaining(['unmerged', 'released userId', 'not in-shanghai', 'in-shanghai']));
  expect(new Set(parted.flatMap(([, ...from]) => from))).toEqual(new Set(['admin']));
});

it('tells lists from flows, which it names where they are known, and both from time and from what an admin has set', async () => {
  await accept('web', identify(world, 'l1', 'u3', {}));
  await changes();
  await changeList({ workspaceId: WORKSPACE, segmentId: 'guests', mode: 'add', rows: [{ row: 1, identityKeys: ['userId|u3'] }] }, options());
  expect(await changes()).toEqual([['guests', 'list']]);
  await accept('web', event(world, 'l2', { event: 'Room Entered', userId: 'u3' }));
  expect(await changes()).toEqual([['membershipLevel', 'flow marks'], ['marked', 'flow marks'], ['golden', 'flow']]);
  await accept('shop', event(world, 'l3', { userId: 'u3' }));
  expect(await changes()).toEqual([['lately', 'record shop']]);
  world.clock.now += DAY_MS + 1;
  const gone = await changes();
  expect([gone.length > 0, gone.filter(([what, ...from]) => what !== 'not lately' || from.join() !== 'time')]).toEqual([true, []]);
  world.rebuild((parts) => { parts.segments = [...SEGMENTS.slice(0, -1), segment('anybody', { not: { event: 'Nothing' } })]; });
  follow();
  await world.store.collections.profiles.updateOne({ _id: `${WORKSPACE}|${await ownerOf('u3')}` }, { $set: { dueAt: world.clock.now } });
  expect(await changes()).toEqual([['anybody', 'rule']]);
});

it('tells who has corrected a person, that time has taken a field, and that a request has erased them', async () => {
  const profileId = await ownerOf('u3');
  await changes();
  for (const [by, city] of [['user', 'Suzhou'], ['person', 'Shanghai']] as const) {
    await correctPerson({ workspaceId: WORKSPACE, profileId, correctionId: by, fields: { 'profile.city': city }, identities: [], reason: 'inaccurate', by, actorId: null }, options());
  }
  const corrected = await changes();
  expect(corrected.filter(([what]) => what === 'city')).toEqual([['city', 'admin'], ['city', 'person']]);
  expect(corrected.filter(([what]) => what === 'in-shanghai')).toEqual([['in-shanghai', 'person']]);
  world.clock.now += 31 * DAY_MS;
  const ended = await changes();
  expect(ended.filter(([what]) => what.split('+').includes('city')).length).toBeGreaterThan(0);
  // Who was not evaluated since the segments were changed is now.
  expect(ended.filter(([what, ...from]) => from.join() !== (what === 'anybody' ? 'rule' : 'time'))).toEqual([]);
  await startErasure({ workspaceId: WORKSPACE, requestId: 'r1', identities: [{ namespace: 'userId', value: 'u3' }], profileId: null }, options());
  expect(await changes()).toEqual([['removed', 'request']]);
});
