import { newProfile, syncRuleContentSchema } from '@firsthand/domain';
import { createMemoryStore } from '../../../../test/support/memory-store/create-memory-store.js';
import { newPersonWork } from '../person/person-work.js';
import { readSyncGround } from './read-sync-ground.js';
import { syncDigest } from './sync-digest.js';

const rule = { ruleId: 'contacts', version: 1, ...syncRuleContentSchema.parse({ name: 'Contacts', connectionId: 'crm', action: 'contact', purpose: 'care', fields: [{ field: 'profile.phone', to: 'phone' }] }) };
const person = (profileId: string) => newPersonWork(newProfile({ workspaceId: 'acme', profileId, subjectKey: profileId, seenAt: 1, now: 1 }), {}, false);

it('gives what the system of the rule holds of a person, by their own salt', async () => {
  const store = createMemoryStore();
  const held = { held: syncDigest('salt', '+491'), turns: [] };
  await store.transaction(async (tx) => {
    await tx.insertSalts('acme', new Map([['p1', 'salt']]));
    await tx.writeSyncStates(['crm', 'shop'].map((connectionId) => ({ workspaceId: 'acme', connectionId, profileId: 'p1', names: [], fields: { phone: held } })));
  });
  const { book } = await readSyncGround(store, rule, person('p1'));
  expect(book.copiesOf('crm', person('p1'))).toEqual([{ isNew: false, salt: 'salt', row: expect.objectContaining({ connectionId: 'crm', fields: { phone: held } }) }]);
});

it('leaves somebody of whom nothing is known without a salt', async () => {
  const store = createMemoryStore();
  const { book } = await readSyncGround(store, rule, person('p1'));
  expect(book.copiesOf('crm', person('p1'))).toMatchObject([{ isNew: true, salt: expect.stringMatching(/^.{22}$/) }]);
  expect(await store.transaction((tx) => tx.findSalts('acme', ['p1']))).toEqual(new Map());
});
