import fc from 'fast-check';
import { FirsthandError } from '../errors/index.js';
import { REQUEST_STATUSES } from '../request/privacy-request.js';
import { canTransition } from '../request/request-transition.js';
import { openDsrChanges, openDsrStatus } from './opendsr-status.js';
import { readSubjectIdentities, SUPPORTED_IDENTITIES, type SubjectIdentity } from './read-subject-identities.js';

const named = (identity_type: string, identity_value: string, identity_format = 'raw'): SubjectIdentity => ({ identity_type, identity_value, identity_format });
const read = (...standard: SubjectIdentity[]) => readSubjectIdentities({ standard, own: [] }, 'customerId');
const refusal = (work: () => unknown): FirsthandError => {
  try {
    work();
  } catch (error) {
    if (error instanceof FirsthandError) return error;
  }
  throw new RangeError('It was not refused.');
};

describe('the identities that a machine names', () => {
  it('are those of the dictionary, as they are stored, each once', () => {
    expect(read(named('email', ' Ana@Example.com'), named('email', 'ana@example.com'), named('controller_customer_id', '7290014'), named('ios_advertising_id', '6D92078A-8246-4BA4-AE5B-76104861E7DC'), named('android_advertising_id', '38400000-8cf0-11bd-b23e-10b96e40000d'), named('ios_vendor_id', 'B5372DB0')))
      .toEqual([
        { namespace: 'email', value: 'ana@example.com' }, { namespace: 'customerId', value: '7290014' }, { namespace: 'idfa', value: '6d92078a-8246-4ba4-ae5b-76104861e7dc' },
        { namespace: 'gaid', value: '38400000-8cf0-11bd-b23e-10b96e40000d' }, { namespace: 'deviceId', value: 'B5372DB0' },
      ]);
    expect(readSubjectIdentities({ standard: [], own: [named('phone', '+86 139 1234 5678')] }, 'userId')).toEqual([{ namespace: 'phone', value: '+8613912345678' }]);
  });

  it('are all that discovery says, and no others', () => {
    const value: Record<string, string> = { email: 'ana@example.com', android_advertising_id: '38400000-8cf0-11bd-b23e-10b96e40000d', ios_advertising_id: '38400000-8cf0-11bd-b23e-10b96e40000d' };
    for (const { identity_type, identity_format } of SUPPORTED_IDENTITIES) expect(read(named(identity_type, value[identity_type] ?? 'id-20481', identity_format))).toHaveLength(1);
    for (const type of ['fire_advertising_id', 'microsoft_advertising_id', 'microsoft_publisher_id', 'roku_publisher_id', 'roku_advertising_id', 'phone', 'constructor']) expect(refusal(() => read(named(type, 'id-20481'))).code).toBe('IDENTITY_UNSUPPORTED');
  });

  it('are refused as a whole, with the place of each that nobody is found by and no value', () => {
    const { code, places, message } = refusal(() => readSubjectIdentities({
      standard: [named('email', 'ana@example.com'), named('email', 'f'.repeat(64), 'sha256'), named('roku_advertising_id', 'roku-1')], own: [named('phone', 'no number')],
    }, 'userId'));
    expect([code, places.map(({ path }) => path)]).toEqual(['IDENTITY_UNSUPPORTED', ['/subject_identities/1/identity_format', '/subject_identities/2/identity_type', '/extensions/identities/0/identity_value']]);
    expect(JSON.stringify([places, message])).not.toMatch(/ffff|roku-1|no number/);
  });
});

describe('the statuses that a machine is told', () => {
  it('change as the request does, and end with a refusal as with a cancellation', () => {
    expect(openDsrChanges([{ to: 'identity-check' }, { to: 'received' }, { to: 'in-progress' }, { to: 'completed' }])).toEqual(['in_progress', 'completed']);
    expect(openDsrChanges([{ to: 'received' }, { to: 'refused' }])).toEqual(['cancelled']);
    expect(openDsrChanges([{ to: 'received' }])).toEqual([]);
  });

  it('never tell the same twice, nor anything after the end, whatever way a request goes', () => {
    fc.assert(fc.property(fc.constantFrom('received' as const, 'identity-check' as const), fc.array(fc.constantFrom(...REQUEST_STATUSES), { maxLength: 12 }), (first, wanted) => {
      const history = [{ to: first as (typeof REQUEST_STATUSES)[number] }];
      for (const to of wanted) if (canTransition(history.at(-1)?.to ?? first, to)) history.push({ to });
      const changes = openDsrChanges(history);
      expect(new Set(changes).size).toBe(changes.length);
      expect(changes.slice(0, -1).filter((status) => status === 'completed' || status === 'cancelled')).toEqual([]);
      expect(changes.at(-1) ?? 'pending').toBe(openDsrStatus(history.at(-1)?.to ?? first));
    }));
  });
});
