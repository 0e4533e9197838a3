import { syncFlowId } from '@firsthand/domain';
import type { FakeShopify } from '../support/fake-shopify.js';
import type { FakeHubspot } from '../support/fake-hubspot.js';
import { startTwoSystems, type TwoSystems } from '../support/two-systems.js';
import { until } from '../support/until.js';

/** Deletes and merges travel: what is deleted or merged in HubSpot or Shopify, and merged and told apart here, seen from both, by their real plugins. */
let systems: TwoSystems;
let hubspot: FakeHubspot;
let shopify: FakeShopify;
let siteKey: string;
let people = 0;

beforeAll(async () => {
  systems = await startTwoSystems({ phone: 'phone', firstName: 'firstName', lastName: 'lastName', email: 'email' });
  ({ hubspot, shopify } = systems);
  // The newest word counts, whoever says it.
  const { version } = (await systems.owner.get('/ownership-settings')).body as { version: number };
  const fields = ['phone', 'firstName', 'lastName', 'email'].map((name) => ({ field: `profile.${name}`, policy: 'newest' }));
  expect((await systems.owner.put('/ownership-settings', version, { fields })).status).toBe(200);
  await systems.host.configuration.refresh();
  ({ secretKey: siteKey } = await systems.host.seed.source({ pluginId: 'web', capability: 'events', agreementId: systems.agreementId, profilePurpose: 'care' }));
  hubspot.subscribe({ url: `${systems.host.url}/hooks/crm` });
});
afterAll(() => systems?.stop());

interface Person { email: string; contactId: string; customerId: number; profileId: string }

/** Somebody whom both systems know. */
async function somebody(properties: Record<string, string> = {}): Promise<Person> {
  const email = `p${people += 1}@example.com`;
  const contact = hubspot.addContact({ email, firstname: `First${people}`, phone: `+4930123450${String(people).padStart(2, '0')}`, ...properties });
  await systems.quiet();
  const customer = [...shopify.customers.byId.values()].find((one) => one.email === email);
  const profileId = await profileOf(email);
  expect(customer).toMatchObject({ firstName: `First${people}` });
  return { email, contactId: contact.id, customerId: customer?.id ?? 0, profileId };
}

async function profileOf(email: string): Promise<string> {
  const answer = await systems.owner.get(`/profiles/lookup?namespace=email&value=${email}`);
  expect(answer.status).toBe(200);
  return String(answer.body.id);
}

const traits = async (profileId: string): Promise<Record<string, unknown>> => {
  const { body } = await systems.owner.get(`/profiles/${profileId}`);
  return Object.fromEntries((body.traits as { name: string; value: unknown }[]).map(({ name, value }) => [name, value]));
};
const reasons = async (profileId: string, connectionId: string): Promise<string[]> =>
  (await systems.host.connected.collections.deliveries.find({ profileId, connectionId, flowId: syncFlowId(connectionId) }).sort({ seq: 1 }).toArray()).map(({ state, reason }) => reason ?? state);

/** Somebody proves at the web site to have both addresses. */
async function becomeOne(...both: Person[]): Promise<void> {
  for (const { email } of both) {
    const body = JSON.stringify({ messageId: `both-${email}`, userId: `both-${both[0]?.email}`, traits: { email } });
    expect((await fetch(`${systems.host.url}/v1/identify`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${siteKey}:`)}` }, body })).status).toBe(200);
    await systems.quiet();
  }
}

async function changeInStore(id: number, fields: Parameters<FakeShopify['edit']>[1]): Promise<void> {
  systems.shopAheadMs += 1_000;
  shopify.edit(id, fields);
  await systems.quiet();
}

it('what is deleted in the CRM is left out there, and stays here and in the store; restored, it is caught up', async () => {
  const { contactId, customerId, profileId } = await somebody();
  hubspot.removeContact(contactId);
  await systems.quiet();
  await changeInStore(customerId, { lastName: 'Li' });
  expect(await traits(profileId)).toMatchObject({ lastName: 'Li' });
  expect((await reasons(profileId, 'crm')).at(-1)).toBe('deleted-there');
  expect(hubspot.contact(contactId)).toBeUndefined();
  expect(shopify.customers.byId.get(customerId)).toMatchObject({ lastName: 'Li' });
  hubspot.restoreContact(contactId);
  await systems.quiet();
  expect(await until(() => hubspot.contact(contactId)?.properties.lastname, (name) => name === 'Li')).toBe('Li');
});

it('what is deleted in the store is left out there, and stays here and in the CRM; made again there, it is caught up', async () => {
  const { contactId, customerId, profileId, email } = await somebody();
  shopify.customers.delete(customerId);
  await systems.quiet();
  hubspot.editContact(contactId, { lastname: 'Wu' });
  await systems.quiet();
  expect(await traits(profileId)).toMatchObject({ lastName: 'Wu' });
  expect((await reasons(profileId, 'store')).at(-1)).toBe('deleted-there');
  expect([...shopify.customers.byId.values()].filter((one) => one.email === email)).toEqual([]);
  systems.shopAheadMs += 1_000;
  const again = shopify.add({ email });
  await systems.quiet();
  expect(shopify.customers.byId.get(again.id)).toMatchObject({ lastName: 'Wu' });
  expect(hubspot.contact(contactId)?.properties.lastname).toBe('Wu');
});

it.each([['older', 0], ['younger', 1]] as const)('two who are merged in the CRM into the %s one are one here, as was chosen there, and the store has it; nobody is made or deleted', async (_, chosen) => {
  const both = [await somebody(), await somebody()] as const;
  const [stays, goes] = chosen === 0 ? both : [both[1], both[0]];
  const before = [hubspot.contacts.size - 1, shopify.customers.byId.size];
  const { firstName, phone, email } = await traits(stays.profileId);
  hubspot.mergeContacts(stays.contactId, goes.contactId);
  await systems.quiet();
  const profileId = await profileOf(stays.email);
  expect(await profileOf(goes.email)).toBe(profileId);
  expect(await traits(profileId)).toEqual({ firstName, phone, email });
  hubspot.editContact(hubspot.contact(goes.contactId)?.id ?? '', { lastname: `Merged${chosen}` });
  await systems.quiet();
  expect(hubspot.contact(stays.contactId)?.properties).toMatchObject({ firstname: firstName, phone, email, lastname: `Merged${chosen}` });
  expect([...shopify.customers.byId.values()].filter(({ lastName }) => lastName === `Merged${chosen}`)).toMatchObject([{ id: stays.customerId, firstName, phone, email }]);
  expect([hubspot.contacts.size, shopify.customers.byId.size]).toEqual(before);
});

it.each([['older', 0], ['younger', 1]] as const)('two who are merged in the store into the %s one are one here, and the CRM has what was decided; nobody is made or deleted', async (_, kept) => {
  const both = [await somebody(), await somebody()] as const;
  const [stays, goes] = kept === 0 ? both : [both[1], both[0]];
  const before = [hubspot.contacts.size, shopify.customers.byId.size - 1];
  systems.shopAheadMs += 1_000;
  shopify.customers.merge(stays.customerId, goes.customerId);
  await systems.quiet();
  expect(await profileOf(stays.email)).toBe(await profileOf(goes.email));
  await changeInStore(stays.customerId, { lastName: `Kept${kept}` });
  const profileId = await profileOf(stays.email);
  const { firstName, phone, email, lastName } = await traits(profileId);
  expect(lastName).toBe(`Kept${kept}`);
  expect(shopify.customers.byId.get(stays.customerId)).toMatchObject({ firstName, phone, email, lastName });
  expect([...hubspot.contacts.values()].filter(({ properties }) => properties.lastname === lastName).map(({ properties }) => properties)).toMatchObject([{ firstname: firstName, phone, email }]);
  expect([hubspot.contacts.size, shopify.customers.byId.size]).toEqual(before);
});

it('two who are merged here, and told apart again, have in both systems what they have here; nobody is made or deleted', async () => {
  const [one, other] = [await somebody(), await somebody()];
  const before = [hubspot.contacts.size, shopify.customers.byId.size];
  const [first, second] = [await traits(one.profileId), await traits(other.profileId)];
  await becomeOne(one, other);
  const profileId = await profileOf(one.email);
  expect(await profileOf(other.email)).toBe(profileId);
  hubspot.editContact(other.contactId, { lastname: 'Both' });
  await systems.quiet();
  const { firstName, phone, email, lastName } = await traits(profileId);
  expect([email, lastName]).toEqual([other.email, 'Both']);
  expect(shopify.customers.byId.get(other.customerId)).toMatchObject({ firstName, phone, email, lastName });
  expect(hubspot.contact(other.contactId)?.properties).toMatchObject({ firstname: firstName, phone, email, lastname: lastName });

  const { mergedFrom: [loser = ''] } = (await systems.owner.get(`/profiles/${profileId}`)).body as { mergedFrom: string[] };
  expect((await systems.owner.post(`/profiles/${loser}/unmerge`)).status).toBe(200);
  await systems.quiet();
  expect(await traits(await profileOf(one.email))).toEqual(first);
  expect(await traits(await profileOf(other.email))).toEqual({ ...second, lastName: 'Both' });
  const had: [Person, Record<string, unknown>][] = [[one, first], [other, { ...second, lastName: 'Both' }]];
  for (const [{ contactId, customerId }, own] of had) {
    expect(shopify.customers.byId.get(customerId)).toMatchObject(own);
    expect(hubspot.contact(contactId)?.properties).toMatchObject({ firstname: own.firstName, phone: own.phone, email: own.email });
    expect(hubspot.contact(contactId)?.properties.lastname ?? undefined).toBe(own.lastName);
  }
  expect([hubspot.contacts.size, shopify.customers.byId.size]).toEqual(before);
});

it.each([['older', 0], ['younger', 1]] as const)('of one person\'s two customers the %s is deleted in the store: the other is kept equal still, and no more is made', async (_, deleted) => {
  const both = [await somebody(), await somebody()] as const;
  await becomeOne(...both);
  const stays = both[1 - deleted] as Person;
  const before = shopify.customers.byId.size - 1;
  shopify.customers.delete((both[deleted] as Person).customerId);
  await systems.quiet();
  hubspot.editContact(stays.contactId, { lastname: `Left${deleted}` });
  await systems.quiet();
  expect(shopify.customers.byId.get(stays.customerId)).toMatchObject({ lastName: `Left${deleted}` });
  await changeInStore(stays.customerId, { lastName: `Right${deleted}` });
  // The CRM has two contacts still: the one is written whose address stands.
  expect(hubspot.contacts.get(both[1].email)?.properties.lastname).toBe(`Right${deleted}`);
  expect(shopify.customers.byId.size).toBe(before);
});

describe('two who were merged in the CRM and are told apart here', () => {
  const contactOf = (id: string): Record<string, string | null> => hubspot.contact(id)?.properties ?? {};
  const fromSite = async (email: string, traits: Record<string, string>): Promise<void> => {
    const body = JSON.stringify({ messageId: `site-${email}-${JSON.stringify(traits)}`, userId: `site-${email}`, traits: { email, ...traits } });
    expect((await fetch(`${systems.host.url}/v1/identify`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${siteKey}:`)}` }, body })).status).toBe(200);
  };

  /** Both, with whose contact it is first; `beforeParting` is done while they are one, and `beforeMerge` before. */
  async function tellApart(chosen: 0 | 1, beforeParting = async (): Promise<unknown> => undefined, beforeMerge = async (_: Person): Promise<unknown> => undefined): Promise<[Person, Person]> {
    const both = [await somebody(), await somebody()] as const;
    const [stays, goes] = chosen === 0 ? both : [both[1], both[0]];
    await beforeMerge(goes);
    hubspot.mergeContacts(stays.contactId, goes.contactId);
    await systems.quiet();
    const profileId = await profileOf(stays.email);
    expect(await profileOf(goes.email)).toBe(profileId);
    const { mergedFrom: [loser = ''] } = (await systems.owner.get(`/profiles/${profileId}`)).body as { mergedFrom: string[] };
    await beforeParting();
    expect((await systems.owner.post(`/profiles/${loser}/unmerge`)).status).toBe(200);
    await systems.quiet();
    return [stays, goes];
  }

  async function expectApart(stays: Person, goes: Person, own: Record<string, unknown>[]): Promise<void> {
    expect([await profileOf(stays.email), await profileOf(goes.email)]).toEqual([stays.profileId, goes.profileId]);
    expect([await traits(stays.profileId), await traits(goes.profileId)]).toEqual(own);
  }

  it.each([['older', 0], ['younger', 1]] as const)('stay two, the contact is the %s one\'s who was chosen there, and nothing of the other reaches it', async (_, chosen) => {
    const [stays, goes] = await tellApart(chosen);
    const before = [await traits(stays.profileId), await traits(goes.profileId)] as const;
    expect(before.map(({ email }) => email)).toEqual([stays.email, goes.email]);
    const contact = structuredClone(contactOf(stays.contactId));
    expect(contact).toMatchObject({ email: stays.email, firstname: before[0].firstName, phone: before[0].phone });

    await fromSite(goes.email, { lastName: 'Away' });
    await systems.quiet();
    expect(contactOf(stays.contactId)).toEqual(contact);
    expect((await reasons(goes.profileId, 'crm')).at(-1)).toBe('merged-there');
    expect(shopify.customers.byId.get(goes.customerId)).toMatchObject({ lastName: 'Away' });

    await fromSite(stays.email, { lastName: 'Stays' });
    await systems.quiet();
    expect(contactOf(stays.contactId)).toEqual({ ...contact, lastname: 'Stays', lastmodifieddate: expect.any(String) as unknown });
    hubspot.editContact(hubspot.contact(goes.contactId)?.id ?? '', { firstname: 'Edited' });
    await systems.quiet();
    await expectApart(stays, goes, [{ ...before[0], firstName: 'Edited', lastName: 'Stays' }, { ...before[1], lastName: 'Away' }]);
    expect(shopify.customers.byId.get(goes.customerId)).toMatchObject({ email: goes.email, firstName: before[1].firstName, phone: before[1].phone, lastName: 'Away' });
    expect(shopify.customers.byId.get(stays.customerId)).toMatchObject({ email: stays.email, firstName: 'Edited', phone: before[0].phone, lastName: 'Stays' });
  });

  it('are each themselves to a reconcile: the record is whose it is, and of the other there is none, nor is one written', async () => {
    const [stays, goes] = await tellApart(0);
    const contact = hubspot.contact(stays.contactId);
    const ours = contact?.properties.firstname;
    // As an import writes it of which nobody is told.
    if (contact !== undefined) contact.properties.firstname = 'By hand';
    const begun = await systems.owner.post('/sync-rules/crm/reconciles', { repair: 'push-ours' });
    expect(begun.status).toBe(202);
    const at = `/sync-rules/crm/reconciles/${String(begun.body.id)}`;
    expect(await until(async () => (await systems.owner.get(at)).body, ({ state }) => state !== 'running')).toMatchObject({ state: 'done' });
    await systems.quiet();
    const found = (await systems.owner.get(`${at}/findings?limit=200`)).body.items as { profileId: string; kind: string; fields: { field: string }[] }[];
    const of = (profileId: string) => found.flatMap((one) => (one.profileId === profileId ? [[one.kind, ...one.fields.map(({ field }) => field)]] : []));
    expect([of(stays.profileId), of(goes.profileId)]).toEqual([[['different', 'firstName']], [['missing']]]);
    expect([contactOf(stays.contactId).firstname, contactOf(stays.contactId).email]).toEqual([ours, stays.email]);
    expect((await reasons(goes.profileId, 'crm')).at(-1)).toBe('merged-there');
  });

  it('are not crossed by what waits in the queue as they are told apart, and a new contact of the one there is theirs; merged there once more, they are one', async () => {
    let first = '';
    let isApart = false;
    const [stays, goes] = await tellApart(1, async () => {
      first = `Waits${people}`;
      // Not once alone: a retry that went out before they are told apart would be none that waits.
      hubspot.script({ times: Infinity, path: /batch\/update/, when: ({ text }) => !isApart && text.includes(first), answer: { status: 503, json: { status: 'error', message: 'Service unavailable' } } });
      await fromSite(`p${people - 1}@example.com`, { lastName: first });
      expect(await until(() => systems.host.connected.collections.deliveries.countDocuments({ connectionId: 'crm', state: 'pending', attempt: { $gt: 0 } }), (count) => count > 0)).toBe(1);
    });
    isApart = true;
    expect(goes.email).toBe(`p${people - 1}@example.com`);
    expect(await traits(goes.profileId)).toMatchObject({ lastName: first });
    expect(contactOf(stays.contactId)).toMatchObject({ email: stays.email });
    expect(contactOf(stays.contactId).lastname ?? null).toBeNull();
    const { words } = ((await systems.owner.get(`/profiles/${goes.profileId}/explain?flowId=${syncFlowId('crm')}`)).body) as { words: string };
    expect(words).toContain('make a record of the person');

    // Somebody there takes the address off the contact that is left, and makes a contact with it.
    const merged = hubspot.contact(stays.contactId);
    if (merged !== undefined) merged.properties.hs_additional_emails = null;
    const made = hubspot.addContact({ email: goes.email });
    await systems.quiet();
    const own = await traits(goes.profileId);
    expect(hubspot.contact(made.id)?.properties).toMatchObject({ email: goes.email, lastname: first, firstname: own.firstName, phone: own.phone });
    hubspot.editContact(made.id, { lastname: 'Anew' });
    hubspot.editContact(stays.contactId, { lastname: 'Other' });
    await systems.quiet();
    const before = await traits(stays.profileId);
    await expectApart(stays, goes, [{ ...before, lastName: 'Other' }, { ...own, lastName: 'Anew' }]);
    expect(shopify.customers.byId.get(goes.customerId)).toMatchObject({ lastName: 'Anew' });
    expect(await traits(goes.profileId)).not.toMatchObject({ phone: before.phone });

    hubspot.mergeContacts(stays.contactId, made.id);
    await systems.quiet();
    expect(await profileOf(goes.email)).toBe(await profileOf(stays.email));
    await fromSite(stays.email, { lastName: 'One' });
    await systems.quiet();
    expect(contactOf(made.id)).toMatchObject({ email: stays.email, lastname: 'One' });
  });

  it('are one again where another source names both, and are apart there as before when that is taken back', async () => {
    const [stays, goes] = await tellApart(0);
    const own = [await traits(stays.profileId), await traits(goes.profileId)];
    await becomeOne(stays, goes);
    const profileId = await profileOf(stays.email);
    expect(await profileOf(goes.email)).toBe(profileId);
    hubspot.editContact(goes.contactId, { lastname: 'Both' });
    await systems.quiet();
    const { mergedFrom } = (await systems.owner.get(`/profiles/${profileId}`)).body as { mergedFrom: string[] };
    expect((await systems.owner.post(`/profiles/${mergedFrom.at(-1) ?? ''}/unmerge`)).status).toBe(200);
    await systems.quiet();
    await expectApart(stays, goes, [{ ...own[0], lastName: 'Both' }, own[1] ?? {}]);
    expect(contactOf(stays.contactId)).toMatchObject({ email: stays.email, firstname: own[0]?.firstName, phone: own[0]?.phone });
    expect((await reasons(goes.profileId, 'crm')).at(-1)).toBe('merged-there');
  });

  it('are erased each by themselves: the contact is the other\'s and stays, and goes on to be told of', async () => {
    const [stays, goes] = await tellApart(0, undefined, async ({ email }) => {
      await fromSite(email, { lastName: 'Written' });
      await systems.quiet();
    });
    const { body: { id } } = await systems.owner.post('/privacy-requests', { kind: 'erasure', identity: { namespace: 'email', value: goes.email }, verification: 'called-back' });
    expect((await systems.owner.post(`/privacy-requests/${String(id)}/start`, {})).status).toBe(200);
    const { body: done } = await until(() => systems.owner.get(`/privacy-requests/${String(id)}`), ({ body }) => body.status === 'completed');
    const { body: { recipients } } = await systems.owner.get(`/erasures/${(done.result as { erasureId: string }).erasureId}`);
    expect((recipients as { connectionId: string }[]).filter(({ connectionId }) => connectionId === 'crm')).toMatchObject([{ status: 'cannot-erase', reason: 'merged-there' }]);
    await systems.quiet();
    const contact = hubspot.contact(stays.contactId);
    expect(contact?.properties).toMatchObject({ email: stays.email });
    expect(shopify.customers.byId.get(stays.customerId)).toMatchObject({ email: stays.email });
    hubspot.editContact(stays.contactId, { lastname: 'Still' });
    await systems.quiet();
    expect(await traits(stays.profileId)).toMatchObject({ email: stays.email, lastName: 'Still' });
    expect((await systems.owner.get(`/profiles/lookup?namespace=email&value=${goes.email}`)).status).toBe(404);
    const stored = JSON.stringify(await systems.host.connected.collections.profiles.findOne({ profileId: stays.profileId }));
    expect(stored).not.toContain(goes.email);
    expect(stored).not.toMatch(new RegExp(`hubspot:\\d+:${goes.contactId}"`));
  });
});

it.each([['older', 0], ['younger', 1]] as const)('two who were merged in the store into the %s and are told apart here stay two: the one who is left out there is written nowhere but in the CRM', async (_, kept) => {
  const both = [await somebody(), await somebody()] as const;
  const [stays, goes] = kept === 0 ? both : [both[1], both[0]];
  systems.shopAheadMs += 1_000;
  const merged = shopify.customers.merge(stays.customerId, goes.customerId);
  await systems.quiet();
  // The address of the one who is gone was chosen for the one who is left.
  await changeInStore(stays.customerId, { email: goes.email });
  const profileId = await profileOf(stays.email);
  const { mergedFrom: [loser = ''] } = (await systems.owner.get(`/profiles/${profileId}`)).body as { mergedFrom: string[] };
  expect((await systems.owner.post(`/profiles/${loser}/unmerge`)).status).toBe(200);
  await systems.quiet();
  expect([await profileOf(stays.email), await profileOf(goes.email)]).toEqual([stays.profileId, goes.profileId]);
  await changeInStore(stays.customerId, { lastName: 'Stays' });
  hubspot.editContact(goes.contactId, { lastname: 'Away' });
  await systems.quiet();
  expect([(await traits(stays.profileId)).lastName, (await traits(goes.profileId)).lastName]).toEqual(['Stays', 'Away']);
  expect(shopify.customers.byId.get(merged.id)).toMatchObject({ email: stays.email, lastName: 'Stays' });
  expect((await reasons(goes.profileId, 'store')).at(-1)).toBe('merged-there');
  expect(hubspot.contact(goes.contactId)?.properties).toMatchObject({ email: goes.email, lastname: 'Away' });
  expect(hubspot.contact(stays.contactId)?.properties).toMatchObject({ email: stays.email, lastname: 'Stays' });
});
