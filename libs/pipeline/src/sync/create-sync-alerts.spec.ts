import { createSyncDirectory, syncRuleContentSchema, type SyncField } from '@firsthand/domain';
import { createMemoryStore, type MemoryStore } from '../../../../test/support/memory-store/create-memory-store.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoppedGroup } from '../ports/sync-states.js';
import { createSyncAlerts, SYNC_ALERT_EVERY_MS } from './create-sync-alerts.js';

const ws = 'acme';
let store: MemoryStore;
let now: number;
let told: StoppedGroup[][];
let logged: object[];
let observed: readonly StoppedGroup[];
let isReached: boolean;
let rules: { ruleId: string; connectionId: string; field: string; isEnabled?: boolean }[];

beforeEach(() => {
  store = createMemoryStore();
  [now, told, logged, isReached] = [1_000, [], [], true];
  rules = [{ ruleId: 'contacts', connectionId: 'crm', field: 'profile.phone' }];
});

const alerts = (holder = 'me') => createSyncAlerts({
  store, clock: () => now, holder, log: { warn: (fields) => void logged.push(fields) },
  configuration: { workspace: () => ({ syncs: createSyncDirectory(rules.map(({ ruleId, connectionId, field, isEnabled = true }) => ({
    ruleId, version: 1, ...syncRuleContentSchema.parse({ name: ruleId, connectionId, action: 'contact', purpose: 'care', fields: [{ field, to: 'it' }], isEnabled }),
  })), (id) => id) }) as unknown as WorkspaceConfiguration },
  tell: (_, stopped) => (isReached ? Promise.resolve(void told.push([...stopped])) : Promise.reject(new TypeError('no mail'))), observe: (_, stopped) => { observed = stopped; },
});
const tick = () => alerts().tick([ws]);
const people = () => told.map((groups) => groups.map(({ field, people: count }) => `${field} ${count}`));

async function stop(profileId: string, key = 'phone'): Promise<void> {
  const field: SyncField = { held: null, turns: [], stopped: { since: now, ruleId: 'contacts', between: ['crm', 'shop'], digests: ['a', 'b'] } };
  await store.transaction((tx) => tx.writeSyncStates([{ workspaceId: ws, connectionId: 'crm', profileId, names: [], fields: { [key]: field } }]));
}

it('tells once of all people of whom a field was stopped, and again, no sooner than a day later, of those who came since', async () => {
  await tick();
  await stop('p1');
  await stop('p2');
  await tick();
  await tick();
  expect(people()).toEqual([['phone 2']]);
  expect(logged).toEqual([{ workspaceId: ws, ruleId: 'contacts', connectionId: 'crm', field: 'profile.phone', source: 'shop', people: 2 }]);
  await stop('p3');
  now += SYNC_ALERT_EVERY_MS - 1;
  await tick();
  expect(people()).toHaveLength(1);
  now += 1;
  await tick();
  await tick();
  expect(people().slice(1)).toEqual([['phone 3']]);
  now += 10 * SYNC_ALERT_EVERY_MS;
  await tick();
  expect(people()).toHaveLength(2);
});

it('tells again at once of a field that was released and stopped anew', async () => {
  await stop('p1');
  await tick();
  await store.syncs.release(ws, 'crm', 'p1', 'phone');
  await tick();
  expect(observed).toEqual([]);
  await stop('p1');
  await tick();
  expect(people()).toEqual([['phone 1'], ['phone 1']]);
});

it('tells at the next tick whom it could not reach, and not of it twice in two processes', async () => {
  await stop('p1');
  isReached = false;
  await expect(tick()).rejects.toThrow(TypeError);
  isReached = true;
  await Promise.all([alerts('one').tick([ws]), alerts('other').tick([ws])]);
  await tick();
  expect(people()).toEqual([['phone 1']]);
});

it.each([
  ['is paused', { isEnabled: false }], ['writes elsewhere now', { connectionId: 'other' }], ['does not write the field any more', { field: 'profile.city' }], ['was deleted', { ruleId: 'another' }],
])('says nothing of a rule that %s', async (_, more) => {
  await stop('p1');
  rules = rules.map((rule) => ({ ...rule, ...more }));
  await tick();
  expect([told, observed]).toEqual([[], []]);
});
