import { compileIdentityRules, DEFAULT_IDENTITY_SETTINGS } from '@firsthand/domain';
import { identitiesFor } from './identities-for.js';

const connection = { connectionId: 'eu', settings: { account: '7' } };
const destination = { ownIds: ({ account = '' }: { account?: string }) => ({ crmId: (id: string) => id.startsWith(`crm:${account}:`) }) };
const of = (...values: string[]) => ({ identities: [...values.map((value) => ({ namespace: 'crmId', value })), { namespace: 'customerId', value: '9' }, { namespace: 'customerId', value: '10' }, { namespace: 'mailbox', value: 'a@b' }] });

describe('the identities that a mapping of a destination reads', () => {
  it('are the first of each namespace, and of those that its system gives out the first of its own account', () => {
    expect(identitiesFor(of('512', 'crm:8:1', 'crm:7:2', 'crm:7:3'), { connection, destination })).toEqual({ crmId: 'crm:7:2', customerId: '9' });
    expect(identitiesFor(of('512', 'crm:8:1'), { connection, destination })).toEqual({ customerId: '9' });
    expect(identitiesFor(of('512', 'crm:8:1'), { connection, destination: {} })).toEqual({ crmId: '512', customerId: '9' });
  });

  it('are those that the system has not taken away, of its own; the others are no less than before', () => {
    const goneIds = { 'crmId|crm:7:2': 5, 'customerId|9': 5 };
    expect(identitiesFor({ ...of('crm:7:2', 'crm:7:3'), goneIds }, { connection, destination })).toEqual({ crmId: 'crm:7:3', customerId: '9' });
    expect(identitiesFor({ ...of('crm:7:2'), goneIds }, { connection, destination })).toEqual({ crmId: 'crm:7:2', customerId: '9' });
  });

  it('are without the scope that its own source puts before them, as the system knows them', () => {
    const identityRules = compileIdentityRules({ ...DEFAULT_IDENTITY_SETTINGS, scopes: [{ namespace: 'crmId', scope: 'europe', connectionIds: ['eu'] }, { namespace: 'crmId', scope: 'states', connectionIds: ['us'] }] });
    expect(identitiesFor(of('states:crm:7:1', 'europe:crm:8:2', 'europe:crm:7:3'), { connection, destination, identityRules }).crmId).toBe('crm:7:3');
    expect(identitiesFor(of('crm:7:4', 'europe:crm:7:3'), { connection, destination, identityRules }).crmId).toBe('crm:7:4');
  });
});
