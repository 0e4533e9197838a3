import { leaveOutIdentities } from './leave-out-identities.js';

it('leaves out each value that names one of the identities, in whatever spelling and place, and nothing else', () => {
  const tree = { fields: { 'profile.city': 'Oslo', 'profile.phone': '+1 202 555 0123' }, identities: [{ namespace: 'email', from: 'Ana@Example.com', to: 'bo@example.com' }], all: ['ana@example.com', null, 7], text: 'Not ana@example.com but bo' };
  expect(leaveOutIdentities(tree, new Set(['email|ana@example.com', 'phone|+12025550123']))).toEqual({
    fields: { 'profile.city': 'Oslo' }, identities: [{ namespace: 'email', to: 'bo@example.com' }], all: [null, 7], text: 'Not ana@example.com but bo',
  });
  expect(leaveOutIdentities(tree, new Set(['email|cy@example.com']))).toEqual(tree);
});
