import { unreachableConfirmations } from './unreachable-confirmations.js';

it.each([
  ['nothing is configured', { isConfigured: false }, [{ purpose: 'both', channels: ['email', 'sms'] }, { purpose: 'mail', channels: ['email'] }]],
  ['mail alone can be sent', { isConfigured: true }, [{ purpose: 'both', channels: ['sms'] }]],
  ['both can be sent', { isConfigured: true, takesNumbers: true }, []],
])('names who cannot be asked to confirm where %s', (_, notifier, expected) => {
  expect(unreachableConfirmations([{ key: 'both', doubleOptIn: ['email', 'sms'] }, { key: 'mail', doubleOptIn: ['email'] }, { key: 'none', doubleOptIn: [] }, { key: 'older' }], notifier)).toEqual(expected);
});
