import { newProfile, type Identity, type JsonObject, type Profile } from '@firsthand/domain';
import { createMemoryStore } from '../../../../test/support/memory-store/create-memory-store.js';
import { partAudiences } from '../audience/correct-audiences.js';
import type { AudienceMemberRow, DisclosureRow } from '../ports/rows.js';
import { partRecords } from './part-records.js';
import { newPersonWork } from './person-work.js';
import { toRemoval } from './take-back.js';

const WORKSPACE = 'acme';
const [ana, ben] = ['ana@example.com', 'ben@example.com'];
const device: Identity = { namespace: 'deviceId', value: 'tablet' };

function person(profileId: string, email: string, mergedFrom: string[]): Profile {
  return { ...newProfile({ workspaceId: WORKSPACE, profileId, subjectKey: profileId, seenAt: 1, now: 1 }), identities: [{ namespace: 'email', value: email }, device], mergedFrom };
}
/** Ana (p1, and p0 before) and Ben (p2, and p3 before), who are told apart. */
const both = () => [newPersonWork(person('p1', ana, ['p0']), {}, false), newPersonWork(person('p2', ben, ['p3']), {}, true)] as const;
const told = (profileId: string, ...identifiers: JsonObject[]): DisclosureRow => ({ workspaceId: WORKSPACE, connectionId: 'crm', action: 'contact', profileId, purposes: ['ads'], fields: ['profile.email'], identifiers, firstAt: 1, grounds: [] });

/** What recipients are noted to have of each id afterwards, and of whom it is taken back. */
async function part({ disclosures, removalsOf = [] }: { disclosures: DisclosureRow[]; removalsOf?: string[] }): Promise<{ noted: Record<string, unknown>; removals: string[] }> {
  return createMemoryStore().transaction(async (tx) => {
    await tx.addDisclosures(disclosures);
    await tx.insertDeliveries(removalsOf.map((profileId) => ({ ...toRemoval(both()[0], { connectionId: 'crm', action: 'contact' }, 'ads', 1), deliveryId: profileId, profileId })));
    const removals = await partRecords(tx, WORKSPACE, both(), { isLosers: () => false, from: ['p1'], now: 2 });
    const rows = await tx.findDisclosures(WORKSPACE, ['p0', 'p1', 'p2', 'p3']);
    return { noted: Object.fromEntries(rows.map(({ profileId, identifiers }) => [profileId, identifiers])), removals: removals.map(({ profileId }) => profileId) };
  });
}

describe('what a recipient has of two who are told apart', () => {
  it('goes with whom it names, under whichever of their ids it stands', async () => {
    expect((await part({ disclosures: [told('p0', { email: ana }, { email: ben }), told('p3', { email: ben }, { email: ana })] })).noted).toEqual({ p0: [{ email: ana }], p1: [{ email: ana }], p2: [{ email: ben }], p3: [{ email: ben }] });
  });

  it('is noted of each where it named both to the one who was both, and stays theirs where it was sent of the other alone', async () => {
    expect((await part({ disclosures: [told('p0', { email: ana, deviceId: 'tablet' }), told('p3', { email: ben, deviceId: 'tablet' })] })).noted).toEqual({
      p0: [{ email: ana, deviceId: 'tablet' }], p2: [{ deviceId: 'tablet' }], p3: [{ email: ben, deviceId: 'tablet' }],
    });
  });

  it.each<[string, string[], DisclosureRow, string[]]>([
    ['the loser, where it waits for the winner', ['p0'], told('p3', { email: ben }), ['p2']], ['the winner, where it waits for the loser', ['p3'], told('p3', { email: ana }), ['p1']],
    ['nobody of whom nothing is there', ['p3'], told('p1', { email: ana }), []], ['nobody twice', ['p0', 'p3'], told('p3', { email: ben }), []],
  ])('is taken back of %s', async (_, removalsOf, row, expected) => {
    expect((await part({ disclosures: [row], removalsOf })).removals).toEqual(expected);
  });
});

it('hands places in audiences over to both at once', async () => {
  const rows = await createMemoryStore().transaction(async (tx) => {
    const row = (profileId: string, ...emails: string[]): AudienceMemberRow => ({ workspaceId: WORKSPACE, connectionId: 'ads', action: 'audience', profileId, sets: emails.map((email) => ({ identifiers: { email }, state: 'in', digest: null, at: 1, deliveryId: '', holders: [] })) });
    await tx.writeAudienceMembers([row('p0', ben), row('p1', ben), row('p2', ana), row('p3', ana, ben)]);
    await partAudiences(tx, WORKSPACE, both());
    return tx.findAudienceMembers(WORKSPACE, ['p0', 'p1', 'p2', 'p3']);
  });
  expect(Object.fromEntries(rows.map(({ profileId, sets }) => [profileId, sets.map(({ identifiers }) => identifiers.email)]))).toEqual({ p0: [], p1: [ana, ana], p2: [ben, ben], p3: [ben] });
});
