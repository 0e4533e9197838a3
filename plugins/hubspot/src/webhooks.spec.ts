import { MalformedBody, RateLimited, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { mapRecord } from '@firsthand/plugin-testing';
import { startFakeHubspot, type FakeHubspot } from '../../../test/support/fake-hubspot.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { startVendorServer, type VendorServer } from '../../../test/support/vendor-server.js';
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

  it('gives null for a contact that is gone, and asks nothing for a deletion for good', async () => {
    const [deletion, privacyDeletion] = [hubspot.event('contact.deletion', '999'), hubspot.event('contact.privacyDeletion', '999')];
    await expect(fetched([privacyDeletion])).resolves.toEqual([privacyDeletion]);
    expect(hubspot.requests).toHaveLength(0);
    await expect(fetched([hubspot.event('contact.creation', '999'), hubspot.event('contact.restore', '998'), deletion])).resolves.toEqual([null, null, deletion]);
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

describe('webhooks: what HubSpot tells of a contact as a whole', () => {
  const DAY = 86_400_000;
  const START = Date.UTC(2026, 2, 1);
  /** What HubSpot has told since then, as records. */
  async function told(): Promise<ReturnType<typeof mapRecord>[]> {
    const full = await fetched(events.splice(0));
    return full.flatMap((record) => (record === null ? [] : [mapRecord(webhooks, record, { portalId: '62515' })]));
  }
  const events: unknown[] = [];
  let receiver: VendorServer;
  beforeEach(async () => {
    receiver = await startVendorServer(({ text }) => {
      events.push(...(JSON.parse(text) as unknown[]));
      return { status: 200 };
    });
  });
  afterEach(() => receiver.close());
  async function during(act: () => void): Promise<void> {
    hubspot.subscribe({ url: `${receiver.url}/hooks/crm` });
    act();
    await hubspot.webhooksSettled();
    hubspot.subscribe(undefined);
  }

  it('a merge says no more than what it changed: both ids, and the value that stands against a newer one', async () => {
    const ana = hubspot.addContact({ email: 'ana@example.com', city: 'Bonn', phone: '+4930111' }, START);
    const other = hubspot.addContact({ email: 'a.lima@example.com', city: 'Kiel', jobtitle: 'Buyer' }, START + DAY);
    let into = '';
    await during(() => void (into = hubspot.mergeContacts(ana.id, other.id, START + 2 * DAY).id));
    const records = await told();
    expect(records).toHaveLength(2);
    for (const { record } of records) {
      expect(record?.type).toBe('identify');
      expect(record?.identities.map(({ value }) => value)).toEqual([`hubspot:62515:${into}`, `hubspot:62515:${ana.id}`, `hubspot:62515:${other.id}`, 'ana@example.com', 'a.lima@example.com']);
      expect(record?.profile).toEqual({ email: 'ana@example.com', city: 'Bonn' });
    }
  });

  it('a restoration says who is back, and nothing that is older', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com', city: 'Bonn', hs_email_optout: 'true' }, START);
    hubspot.removeContact(id, START + DAY);
    await during(() => hubspot.restoreContact(id, START + 2 * DAY));
    expect(await told()).toMatchObject([{ record: { type: 'identify', identities: [{ value: `hubspot:62515:${id}` }, { value: 'ana@example.com' }] } }]);
    await during(() => void hubspot.editContact(id, { city: 'Kiel' }, START + 3 * DAY));
    expect((await told()).map(({ record }) => [record?.profile, record?.consents])).toEqual([[{ city: 'Kiel' }, {}]]);
  });

  it('a deletion is one where the contact is gone, or still there under its own id', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com' }, START);
    const early = hubspot.event('contact.deletion', id);
    await expect(fetched([early])).resolves.toEqual([early]);
    await during(() => hubspot.removeContact(id));
    expect(await told()).toMatchObject([{ record: { type: 'delete', identities: [{ value: `hubspot:62515:${id}` }], properties: { reason: 'deleted-in-crm' } } }]);
  });

  it('our own writes are told as ours', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com' }, START);
    const write = (properties: JsonObject) => fetch(`${hubspot.url}/crm/v3/objects/contacts/batch/update`, {
      method: 'POST', headers: { authorization: `Bearer ${hubspot.settings.accessToken}`, 'content-type': 'application/json' }, body: JSON.stringify({ inputs: [{ id, properties }] }),
    });
    hubspot.subscribe({ url: `${receiver.url}/hooks/crm` });
    await write({ city: ' Kiel ', firstname: '' });
    await hubspot.webhooksSettled();
    expect((await told()).map(({ record }) => [record?.profile, record?.properties, record?.context])).toEqual([
      [{ city: 'Kiel' }, { method: 'OWN_INTEGRATION' }, { app: { namespace: '54321' } }],
    ]);
  });
});
