import { MalformedBody, RateLimited, type JsonValue } from '@firsthand/plugin-sdk';
import { startFakeHubspot, type FakeHubspot } from '../../../test/support/fake-hubspot.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { webhooks } from './webhooks.js';

const log = { info: () => undefined, warn: () => undefined };
let hubspot: FakeHubspot;

beforeEach(async () => void (hubspot = await startFakeHubspot()));
afterEach(() => hubspot.close());

function records(events: unknown): JsonValue[] {
  return [...(webhooks.records?.({ body: Buffer.from(JSON.stringify(events)), headers: {}, query: {} }) ?? [])];
}

async function fetched(events: readonly unknown[]): Promise<(JsonValue | null)[]> {
  const given = await webhooks.fetch?.({ records: records(events), settings: hubspot.settings, http: fetchHttpClient(), log, signal: new AbortController().signal });
  return given ?? [];
}

describe('webhooks: records', () => {
  it('gives the events of contacts and passes over those of other objects', () => {
    const given = records(['contact.creation', 'company.creation', 'contact.propertyChange', 'contact.associationChange', 'contact.privacyDeletion'].map((subscriptionType) => ({ subscriptionType })));
    expect(given).toEqual([{ subscriptionType: 'contact.creation' }, { subscriptionType: 'contact.propertyChange' }, { subscriptionType: 'contact.privacyDeletion' }]);
  });

  it('reads the events of the newer developer platform', () => {
    expect(records([{ subscriptionType: 'object.creation', objectTypeId: '0-1' }, { subscriptionType: 'object.creation', objectTypeId: '0-2' }])).toEqual([
      { subscriptionType: 'contact.creation', objectTypeId: '0-1' },
    ]);
  });

  it('refuses a body that is no JSON', () => {
    expect(() => [...(webhooks.records?.({ body: Buffer.from('['), headers: {}, query: {} }) ?? [])]).toThrow(MalformedBody);
  });
});

describe('webhooks: fetch', () => {
  it('gives every event its contact, in order, and asks once per 100 contacts', async () => {
    const contacts = Array.from({ length: 120 }, (_, at) => hubspot.addContact({ email: `p${at}@example.com`, firstname: `P${at}` }));
    const events = contacts.map(({ id }) => hubspot.event('contact.creation', id));
    const given = await fetched([...events, hubspot.event('contact.propertyChange', contacts[3]?.id ?? '', { propertyName: 'city', propertyValue: 'Hangzhou' })]);
    expect(given).toHaveLength(121);
    expect(given[119]).toMatchObject({ objectId: Number(contacts[119]?.id), contact: { id: contacts[119]?.id, properties: { firstname: 'P119' } } });
    expect(given[120]).toMatchObject({ propertyName: 'city', contact: { properties: { email: 'p3@example.com' } } });
    expect(hubspot.requests).toHaveLength(2);
  });

  it('gives null for a contact that is gone, and asks nothing for a deletion', async () => {
    const deletion = hubspot.event('contact.deletion', '999');
    await expect(fetched([deletion])).resolves.toEqual([deletion]);
    expect(hubspot.requests).toHaveLength(0);
    await expect(fetched([hubspot.event('contact.creation', '999'), deletion])).resolves.toEqual([null, deletion]);
  });

  it('finds a contact that was merged away under its new id', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com', hs_merged_object_ids: '77;78' });
    const given = await fetched([hubspot.event('contact.propertyChange', '78'), hubspot.event('contact.merge', '77', { newObjectId: Number(id), mergedObjectIds: [77, 78] })]);
    expect(given).toMatchObject([{ contact: { id } }, { contact: { id } }]);
  });

  it('asks for the further properties of the connection', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com', favorite_food: 'Donut' });
    const given = await webhooks.fetch?.({
      records: [hubspot.event('contact.creation', id) as JsonValue], settings: { ...hubspot.settings, contactProperties: ['favorite_food'] }, http: fetchHttpClient(), log,
      signal: new AbortController().signal,
    });
    expect(given).toMatchObject([{ contact: { properties: { favorite_food: 'Donut' } } }]);
  });

  it('passes on that HubSpot asks to wait', async () => {
    hubspot.rateLimit({ retryAfterSeconds: 5 });
    await expect(fetched([hubspot.event('contact.creation', '1')])).rejects.toMatchObject({ name: RateLimited.name, retryAfterMs: 5000 });
  });
});
