import { newProfile, type Profile } from '@firsthand/domain';
import { findAsking } from './named-person.js';

const profile = (profileId: string, more: Partial<Profile>): Profile => ({ ...newProfile({ workspaceId: 'w', profileId, subjectKey: 'k', seenAt: 1, now: 1 }), ...more });
const ADDRESS = { namespace: 'email', value: 'ana@xn--exmple-cua.com' };

/** Who asked as p1 with an address that a correction has taken off them since, and that p2 has now. */
async function asking(disowned: string[]): Promise<string[]> {
  const people = [profile('p1', { disowned }), profile('p2', { identities: [ADDRESS], verifiedKeys: ['email|ana@xn--exmple-cua.com'] })];
  const reads = { findIdentities: () => Promise.resolve(new Map([['email|ana@xn--exmple-cua.com', 'p2']])), findProfiles: () => Promise.resolve(new Map(people.map((one) => [one.profileId, one]))) };
  return (await findAsking(reads, { workspaceId: 'w', identities: [ADDRESS], profileId: 'p1' })).map(({ profileId }) => profileId);
}

describe('who asked with an address that a correction has taken off them', () => {
  it.each(['email|ana@xn--exmple-cua.com', 'email|ana@exämple.com', 'email|ana@exa\u0308mple.com'])('is still asking, however the address was spelled then (%s)', async (spelled) => {
    expect(await asking([spelled])).toEqual(['p1', 'p2']);
  });

  it('is not, where the address is simply another person’s', async () => {
    expect(await asking([])).toEqual(['p2']);
    expect(await asking(['email|ana@example.com'])).toEqual(['p2']);
  });
});
