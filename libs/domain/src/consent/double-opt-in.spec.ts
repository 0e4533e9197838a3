import { channelOfContact, contactsToConfirm, waitsForConfirmation } from './double-opt-in.js';

const IDENTITIES = [{ namespace: 'phone', value: '+8613912345678' }, { namespace: 'email', value: 'a@example.com' }, { namespace: 'email', value: 'b@example.com' }, { namespace: 'anonymousId', value: 'd' }];

it('waits where a purpose wants it, over a public channel, and never for a no', () => {
  const of = (isGranted: boolean, isVerified: boolean) => waitsForConfirmation({ doubleOptIn: ['email'] }, { isGranted, isVerified });
  expect([of(true, false), of(true, true), of(false, false), waitsForConfirmation({}, { isGranted: true, isVerified: false })]).toEqual([true, false, false, false]);
});

it('asks at one contact per channel', () => {
  expect(contactsToConfirm({ doubleOptIn: ['email', 'sms'] }, IDENTITIES).map(({ value }) => value)).toEqual(['a@example.com', '+8613912345678']);
  expect(contactsToConfirm({ doubleOptIn: ['sms'] }, IDENTITIES.slice(1))).toEqual([]);
  expect(['phone', 'email', 'userId'].map(channelOfContact)).toEqual(['sms', 'email', undefined]);
});
