import { randomUUID } from 'node:crypto';
import { compileMapping, type JsonValue } from '@firsthand/domain';
import { createEraser, startErasure } from '@firsthand/pipeline';
import { createErasureStore } from '@firsthand/persistence';
import { liftTombstone } from '../../apps/host/src/admin/erasures/erasures.js';
import { identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SERVICE, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

/** Somebody is erased whom a CRM still holds, under an id that nobody here has ever heard of: what it says of the id alone brings nobody back. */
const MAPPING = compileMapping({ type: 'identify', messageId: '{{id}}', occurredAt: '{{at}}', 'identities.crmId': '{{crmId}}', 'identities.email': '{{email}}', 'profile.city': '{{city}}' });

let world: World;
let people = 0;
let email = '';
let crmId = '';
let refused = 0;

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.flows = [];
    parts.purposes = [SERVICE];
    parts.sources = [{ connectionId: 'web' }, { connectionId: 'crm', mapping: MAPPING }, { connectionId: 'files', mapping: MAPPING }];
  });
  const { sources } = world.configuration.current;
  const crm = { ...sources.get('crm')!, ownIds: { crmId: (id: string) => id.startsWith('crm:7:') } };
  world.configuration.current = { ...world.configuration.current, sources: new Map([...sources, ['crm', crm]]) };
});
afterAll(() => world.close());
beforeEach(async () => {
  people += 1;
  [email, crmId] = [`u${people}@example.com`, `crm:7:${people}`];
  await world.track([identify(world, `know ${people}`, `u${people}`, { email })], { isVerified: true });
  await world.settle();
  const options = { store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: randomUUID, tombstones: TOMBSTONES };
  await startErasure({ workspaceId: WORKSPACE, requestId: `r-${people}`, identities: [{ namespace: 'email', value: email }], profileId: null }, options);
  await createEraser({ erasures: createErasureStore(world.store.connection), clock: () => world.clock.now, holder: 'e' }).tick();
  refused = await refusals();
});

const refusals = async (): Promise<number> => (await ledgerTotals(world))['refused.erased'] ?? 0;
const said = (raw: Record<string, JsonValue>): Record<string, JsonValue> => ({ id: randomUUID(), at: new Date(world.clock.now).toISOString(), ...raw });
const say = async (records: Record<string, JsonValue>[], { connectionId = 'crm', isVerified = true } = {}): Promise<void> => {
  await world.track(records.map(said), { connectionId, isVerified });
  await world.settle();
};
const knows = async (id: string): Promise<boolean> => (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|crmId|${id}` })) !== null;
const lift = () => liftTombstone({ collections: world.store.collections, tombstones: TOMBSTONES }, { workspaceId: WORKSPACE }, { identity: { namespace: 'email', value: email } });

it('is refused by the id once the system has named both', async () => {
  await say([{ crmId, email }]);
  await say([{ crmId, city: 'Bonn' }]);
  await say([{ crmId, email: `new-${email}` }]);
  expect([await refusals() - refused, await knows(crmId), await world.store.collections.profiles.countDocuments({ 'identities.value': `new-${email}` })]).toEqual([3, false, 0]);
});

it('is refused in the batch that names both, before and behind', async () => {
  await say([{ crmId, city: 'Bonn' }, { crmId: `${crmId}0`, email: `old-${email}` }, { crmId, email }, { crmId, city: 'Ulm' }]);
  expect([await refusals() - refused, await knows(crmId), await knows(`${crmId}0`)]).toEqual([3, false, true]);
});

it('is let in again with the identity that it came along with', async () => {
  await say([{ crmId, email }]);
  expect([await lift(), await lift()]).toEqual([{ isLifted: true }, { isLifted: false }]);
  await say([{ crmId, email, city: 'Bonn' }]);
  expect([await refusals() - refused, await knows(crmId)]).toEqual([1, true]);
});

it.each<[string, () => Promise<void>]>([
  ['somebody here is known by it', async () => { await say([{ crmId, city: 'Bonn' }]); await say([{ crmId, email }]); }],
  ['a public key says so', () => say([{ crmId, email }], { isVerified: false })],
  ['the source gives out no ids of its own', () => say([{ crmId, email }], { connectionId: 'files' })],
  ['it is an id of another account', async () => { crmId = `crm:8:${people}`; await say([{ crmId, email }]); }],
])('is not refused by the id where %s', async (_, act) => {
  await act();
  await say([{ crmId, city: 'Ulm' }]);
  expect([await refusals() - refused, await knows(crmId)]).toEqual([1, true]);
});
