import { mapPayload } from '@firsthand/plugin-testing';
import { listMembership } from './list-membership.js';
import { upsertContact } from './upsert-contact.js';

it('the default mapping of upsert-contact reads the profile', () => {
  expect(mapPayload(upsertContact, { profile: { email: 'ana@example.com', firstName: 'Ana', country: 'CN', lifecycleStage: 'customer' } })).toEqual({
    ok: true, values: { email: 'ana@example.com', firstName: 'Ana', phone: '+8613912345678', country: 'CN', lifecycleStage: 'customer' },
  });
});

it('the default mapping of list-membership leaves the list to the operator', () => {
  expect(mapPayload(listMembership)).toEqual({ ok: false, places: [{ path: '/listId', message: 'Required' }] });
});
