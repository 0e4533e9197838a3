import { newProfile, syncRuleContentSchema, type Identity, type JsonValue, type Profile, type SyncField } from '@firsthand/domain';
import { createMemoryStore } from '../../../../test/support/memory-store/create-memory-store.js';
import { newPersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { partCopies } from './part-copies.js';
import { syncDigest } from './sync-digest.js';

const rule = { ruleId: 'contacts', version: 1, ...syncRuleContentSchema.parse({ name: 'Contacts', connectionId: 'crm', action: 'contact', purpose: 'care', fields: [{ field: 'profile.phone', to: 'phone' }] }) };
const configuration = { workspaceId: 'acme', syncs: { rules: [rule] } } as unknown as Pick<WorkspaceConfiguration, 'workspaceId' | 'syncs'>;
const email = (value: string): Identity => ({ namespace: 'email', value });
const [ana, ben] = [email('ana@example.com'), email('ben@example.com')];

function profile(profileId: string, identities: Identity[], phone?: JsonValue): Profile {
  const field = { value: phone ?? null, source: 'web', at: 1, origin: 'm1' };
  return { ...newProfile({ workspaceId: 'acme', profileId, subjectKey: profileId, seenAt: 1, now: 1 }), identities, fields: phone === undefined ? {} : { phone: field as Profile['fields'][string] } };
}

/** Ana (p1) had won Ben (p2) and brought her phone; what the CRM holds was written while they were one. */
async function part(field: SyncField, { names = [ben], own, deleted, gone, other, goneOfOwn, since, forgottenAt, of = 'p2' }: { names?: Identity[]; other?: Identity; own?: SyncField; deleted?: Identity[]; gone?: Identity; goneOfOwn?: Identity; since?: number; forgottenAt?: number; of?: string } = {}): Promise<unknown[]> {
  const store = createMemoryStore();
  return store.transaction(async (tx) => {
    await tx.insertSalts('acme', new Map([['p1', 'hers'], ['p2', 'his']]));
    await tx.writeSyncStates([{ workspaceId: 'acme', connectionId: 'crm', profileId: 'p1', names: names.map(({ value }) => syncDigest('hers', value)), fields: { phone: field }, ...(since === undefined ? {} : { since }), ...(forgottenAt === undefined ? {} : { forgottenAt }), ...(other === undefined ? {} : { other: { saidAt: 7, names: [hers(other.value)] } }), ...(deleted === undefined ? {} : { deleted: { saidAt: 7, at: 8, names: deleted.map(({ value }) => hers(value)) } }), ...(gone === undefined ? {} : { gone: { saidAt: 7, at: 8, names: [hers(gone.value)] } }) }, ...(own === undefined ? [] : [{ workspaceId: 'acme', connectionId: 'crm', profileId: 'p2', names: [], fields: { phone: own }, ...(goneOfOwn === undefined ? {} : { gone: { saidAt: 7, at: 8, names: [his(goneOfOwn.value)] } }) }])]);
    const works = [newPersonWork(profile('p1', [ana], '+491'), {}, false), newPersonWork(profile('p2', [ben]), {}, true)] as const;
    await partCopies(tx, profile('p1', [ana, ben], '+491'), works, configuration);
    return tx.findSyncStates('acme', [of], ['crm']);
  });
}
const hers = (value: JsonValue) => syncDigest('hers', value);
const his = (value: JsonValue) => syncDigest('his', value);

it('knows again, under his own salt, what was written of him while both were one', async () => {
  const field: SyncField = { held: hers('+491'), turns: [{ digest: hers('+491'), at: 5, by: 'us' }], said: { digest: hers('+491'), at: 6 } };
  expect(await part(field)).toEqual([{ workspaceId: 'acme', connectionId: 'crm', profileId: 'p2', names: [his('ben@example.com')], fields: { phone: { held: his('+491'), turns: [{ digest: his('+491'), at: 5, by: 'us' }], said: { digest: his('+491'), at: 6 } } } }]);
});

it('leaves her own copy without his names, and unclear what it holds, where a copy of his own is known too', async () => {
  const field: SyncField = { held: hers('+491'), turns: [{ digest: hers('+491'), at: 5, by: 'us' }] };
  const left = { fields: { phone: { held: null, turns: field.turns } } };
  expect(await part(field, { of: 'p1' })).toMatchObject([{ names: [], ...left }]);
  expect(await part(field, { names: [ana, ben], of: 'p1' })).toMatchObject([{ names: [hers(ana.value)], ...left }]);
  expect(await part(field, { of: 'p1', own: { held: null, turns: [] } })).toMatchObject([{ names: [], ...left }]);
  expect(await part(field, { names: [ana], of: 'p1' })).toMatchObject([{ names: [hers(ana.value)], fields: { phone: field } }]);
});

it('leaves unclear what is on its way, and what neither had', async () => {
  const field: SyncField = { held: hers('+499'), pending: { digest: hers('+491'), deliveryId: 'd1' }, turns: [{ digest: hers('+491'), at: 5, by: 'us' }, { digest: hers('+499'), at: 4, by: 'them' }], said: { digest: hers('+499'), at: 6 } };
  expect(await part(field)).toMatchObject([{ fields: { phone: { held: null, turns: [{ digest: his('+491'), at: 5, by: 'us' }] } } }]);
  expect(await part({ held: hers('+499'), turns: [] })).toMatchObject([{ fields: { phone: { held: null, turns: [] } } }]);
});

it('takes no copy that is named by her alone for his, and nothing where a copy of his own is known', async () => {
  const field: SyncField = { held: hers('+491'), turns: [] };
  expect(await part(field, { names: [ana] })).toEqual([]);
  const own: SyncField = { held: his('+492'), turns: [] };
  expect(await part(field, { own })).toMatchObject([{ names: [], fields: { phone: own } }]);
});

it('knows of either that the system was made to forget them, and what it may tell late', async () => {
  const field: SyncField = { held: null, turns: [], former: { digests: [hers('+491'), hers('+499')], at: 7 } };
  expect(await part(field, { names: [], forgottenAt: 7 })).toEqual([{ workspaceId: 'acme', connectionId: 'crm', profileId: 'p2', names: [], fields: { phone: { held: null, turns: [], former: { digests: [his('+491')], at: 7 } } }, forgottenAt: 7 }]);
});

it('tells of each whether their copy was deleted, by whom the system named', async () => {
  const field: SyncField = { held: null, turns: [] };
  const namedBy = (name: string) => ({ deleted: { saidAt: 7, at: 8, names: [name] } });
  expect(await part(field, { names: [], deleted: [ben] })).toMatchObject([namedBy(his(ben.value))]);
  expect(await part(field, { names: [], deleted: [ben], of: 'p1' })).toEqual([{ workspaceId: 'acme', connectionId: 'crm', profileId: 'p1', names: [], fields: { phone: field } }]);
  expect(await part(field, { names: [], deleted: [ana] })).toEqual([]);
  expect(await part(field, { names: [], deleted: [ana], of: 'p1' })).toMatchObject([namedBy(hers(ana.value))]);
});

it('gives each the copy by which the system named them, also where only the other was known', async () => {
  const field: SyncField = { held: hers('+491'), turns: [] };
  const place = { workspaceId: 'acme', connectionId: 'crm' };
  expect(await part(field, { names: [ana], other: ben })).toEqual([{ ...place, profileId: 'p2', names: [his(ben.value)], fields: {}, namedAt: 7 }]);
  expect(await part(field, { names: [ana], other: ben, of: 'p1' })).toEqual([{ ...place, profileId: 'p1', names: [hers(ana.value)], fields: { phone: field } }]);
  expect(await part(field, { other: ana })).toMatchObject([{ names: [his(ben.value)], fields: { phone: { held: his('+491') } } }]);
  expect(await part(field, { other: ana, of: 'p1' })).toEqual([{ ...place, profileId: 'p1', names: [hers(ana.value)], namedAt: 7, fields: { phone: { held: null, turns: [] } } }]);
});

it('knows that her copy was deleted, where only his is known', async () => {
  const place = { workspaceId: 'acme', connectionId: 'crm' };
  const rows = await createMemoryStore().transaction(async (tx) => {
    await tx.insertSalts('acme', new Map([['p1', 'hers'], ['p2', 'his']]));
    await tx.writeSyncStates([{ ...place, profileId: 'p2', names: [his(ben.value)], fields: {}, gone: { saidAt: 7, at: 8, names: [his(ana.value)] } }]);
    await partCopies(tx, profile('p1', [ana, ben], '+491'), [newPersonWork(profile('p1', [ana], '+491'), {}, false), newPersonWork(profile('p2', [ben]), {}, true)], configuration);
    return tx.findSyncStates('acme', ['p1'], ['crm']);
  });
  expect(rows).toEqual([{ ...place, profileId: 'p1', names: [], fields: {}, deleted: { saidAt: 7, at: 8, names: [hers(ana.value)] } }]);
});

it('gives her the copy by which the system named her, where only his is known', async () => {
  const field: SyncField = { held: his('+491'), turns: [] };
  const place = { workspaceId: 'acme', connectionId: 'crm' };
  const rows = await createMemoryStore().transaction(async (tx) => {
    await tx.insertSalts('acme', new Map([['p1', 'hers'], ['p2', 'his']]));
    await tx.writeSyncStates([{ ...place, profileId: 'p2', names: [his(ben.value)], fields: { phone: field }, other: { saidAt: 7, names: [his(ana.value)] } }]);
    await partCopies(tx, profile('p1', [ana, ben], '+491'), [newPersonWork(profile('p1', [ana], '+491'), {}, false), newPersonWork(profile('p2', [ben]), {}, true)], configuration);
    return tx.findSyncStates('acme', ['p1', 'p2'], ['crm']);
  });
  expect(rows.sort((one, two) => (one.profileId < two.profileId ? -1 : 1))).toEqual([{ ...place, profileId: 'p1', names: [hers(ana.value)], fields: {}, namedAt: 7 }, { ...place, profileId: 'p2', names: [his(ben.value)], fields: { phone: field } }]);
});

it('tells of whom the one of two copies was that was deleted, where the other is there still', async () => {
  const field: SyncField = { held: hers('+491'), turns: [] };
  const [place, namedBy] = [{ workspaceId: 'acme', connectionId: 'crm' }, (name: string) => ({ names: [], fields: {}, deleted: { saidAt: 7, at: 8, names: [name] } })];
  expect(await part(field, { names: [ben], gone: ana, of: 'p1' })).toEqual([{ ...place, profileId: 'p1', ...namedBy(hers(ana.value)) }]);
  expect(await part(field, { names: [ben], gone: ana })).toMatchObject([{ names: [his(ben.value)], fields: { phone: { held: his('+491') } } }]);
  expect(await part(field, { names: [ana], gone: ben })).toEqual([{ ...place, profileId: 'p2', ...namedBy(his(ben.value)) }]);
  expect(await part(field, { names: [ana], gone: ben, of: 'p1' })).toEqual([{ ...place, profileId: 'p1', names: [hers(ana.value)], fields: { phone: field } }]);
  expect(await part(field, { names: [ana], own: field, goneOfOwn: ben })).toEqual([{ ...place, profileId: 'p2', ...namedBy(his(ben.value)) }]);
  expect(await part(field, { names: [ana, ben], gone: ana, of: 'p1' })).toMatchObject([{ names: [hers(ana.value)] }]);
});

it('takes for held by neither what the system says of before it deleted the copy of either', async () => {
  const field: SyncField = { held: hers('+491'), turns: [] };
  expect(await part(field, { names: [ana], since: 7 })).toEqual([{ workspaceId: 'acme', connectionId: 'crm', profileId: 'p2', names: [], fields: {}, since: 7 }]);
  expect(await part(field, { since: 7 })).toMatchObject([{ names: [his(ben.value)], fields: { phone: { held: his('+491') } }, since: 7 }]);
});

it('gives him the copy that stands under an id which was merged into her before, and leaves that without his names', async () => {
  const store = createMemoryStore();
  const early = (value: JsonValue): string => syncDigest('early', value);
  const field: SyncField = { held: early('+491'), turns: [{ digest: early('+491'), at: 5, by: 'us' }] };
  const [place, cy] = [{ workspaceId: 'acme', connectionId: 'crm' }, email('cy@example.com')];
  const merged = { ...profile('p1', [ana, ben, cy], '+491'), mergedFrom: ['p0', 'p2'] };
  const rows = await store.transaction(async (tx) => {
    await tx.insertSalts('acme', new Map([['p0', 'early'], ['p1', 'hers'], ['p2', 'his']]));
    await tx.writeSyncStates([{ ...place, profileId: 'p1', names: [hers(ana.value)], fields: {}, since: 6 }, { ...place, profileId: 'p0', names: [early(cy.value), early(ben.value)], fields: { phone: field } }]);
    const works = [newPersonWork({ ...profile('p1', [ana, cy], '+491'), mergedFrom: ['p0'] }, {}, false), newPersonWork(profile('p2', [ben]), {}, true)] as const;
    await partCopies(tx, merged, works, configuration);
    return tx.findSyncStates('acme', ['p0', 'p1', 'p2'], ['crm']);
  });
  expect(rows.find(({ profileId }) => profileId === 'p2')).toEqual({ ...place, profileId: 'p2', names: [his(ben.value)], fields: { phone: { held: his('+491'), turns: [{ digest: his('+491'), at: 5, by: 'us' }] } } });
  expect(rows.find(({ profileId }) => profileId === 'p0')).toMatchObject({ names: [early(cy.value)], fields: { phone: { held: null } } });
  expect(rows.find(({ profileId }) => profileId === 'p1')).toEqual({ ...place, profileId: 'p1', names: [hers(ana.value)], fields: {}, since: 6 });
});
