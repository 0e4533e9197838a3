import { parseIdentityKey, type CanonicalRecord, type PartedThere } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import { leaveOutParted } from './leave-out-parted.js';
import type { Candidate } from './apply-context.js';

const digest = (key: string): string => `digest of ${key}`;
const ours: PartedThere = { mergeId: 'm', id: 'crmId|a:1', at: 1, strangers: ['crmId|a:2', 'email|b@example.com'].map(digest) };
const theirs: PartedThere = { mergeId: 'm', id: 'crmId|a:2', at: 1, own: ['crmId|a:2', 'email|b@example.com'] };
const account = { connectionId: 'crm', ownIds: { crmId: (id: string) => id.startsWith('a:') } };
const configuration = { sources: new Map<string, object>([['crm', account], ['web', { connectionId: 'web' }]]) } as unknown as Parameters<typeof leaveOutParted>[2];

/** Ana (whose record it is) and Bo, each by what they have. */
function heard(keys: string[], { by = 'crm', bo = ['crmId|a:2', 'email|b@example.com'] }: { by?: string; bo?: string[] } = {}): { left: string[]; flags: string[]; raw: unknown; work: PersonWork; touched: PersonWork[] } {
  const workOf = (profileId: string, parted: PartedThere): PersonWork => ({ profile: { profileId, version: 3, parted: [parted] }, storedVersion: 3, isTouched: false }) as unknown as PersonWork;
  const work = workOf('bo', theirs);
  const owners = new Map([...['crmId|a:1', 'email|a@example.com'].map((key) => [key, 'ana'] as const), ...bo.map((key) => [key, 'bo'] as const)]);
  const record = { identities: keys.map(parseIdentityKey), profile: { email: 'b@example.com', city: 'Bonn' }, flags: [] } as unknown as CanonicalRecord;
  const candidate = { record, eventId: 'e', item: { id: 'i', record: { connectionId: by, record, raw: 'raw' } } } as unknown as Candidate;
  const { candidates: [one], touched } = leaveOutParted([candidate], { owners, works: new Map([['ana', workOf('ana', ours)], ...(bo.length === 0 ? [] : [['bo', work] as const])]) }, configuration, digest);
  return { left: one?.record.identities.map(({ namespace, value }) => `${namespace}|${value}`) ?? [], flags: one?.record.flags ?? [], raw: one?.item.record.raw, work, touched };
}

describe('leaveOutParted', () => {
  const word = ['crmId|a:9', 'crmId|a:1', 'crmId|a:2', 'email|b@example.com', 'email|a@example.com'];

  it('takes off what the system says of the other with the record, also when the other is erased', () => {
    for (const bo of [undefined, []]) expect(heard(word, { ...(bo === undefined ? {} : { bo }) })).toMatchObject({ left: ['crmId|a:9', 'crmId|a:1', 'email|a@example.com'], flags: ['identity-disowned:crmId', 'identity-disowned:email'], raw: null, touched: [] });
  });

  it('takes off all else that is known to be the other\'s, who keeps by what the record is found', () => {
    const { left, work, touched } = heard([...word, 'email|new@example.com'], { bo: ['crmId|a:2', 'email|b@example.com', 'email|new@example.com'] });
    expect(left).toEqual(['crmId|a:9', 'crmId|a:1', 'email|a@example.com']);
    expect(touched).toEqual([work]);
    expect(work).toMatchObject({ isTouched: true, profile: { version: 4, parted: [{ own: ['crmId|a:2', 'email|b@example.com', 'email|new@example.com'] }] } });
  });

  it('leaves what other sources say, what names one of them, and what the system has merged since', () => {
    for (const [keys, more] of [[word, { by: 'web' }], [['email|b@example.com'], {}], [['crmId|a:1', 'email|a@example.com'], {}], [[...word, 'crmId|a:7'], { bo: ['crmId|a:2', 'email|b@example.com', 'crmId|a:7'] }]] as [string[], object][]) {
      expect(heard(keys, more)).toMatchObject({ left: keys, flags: [], raw: 'raw' });
    }
  });
});
