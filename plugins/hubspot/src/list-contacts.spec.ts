import type { RecordPage } from '@firsthand/plugin-sdk';
import { mapRecord } from '@firsthand/plugin-testing';
import { startFakeHubspot, type FakeHubspot } from '../../../test/support/fake-hubspot.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { contacts } from './contacts.js';
import { upsertContact } from './upsert-contact.js';

const log = { info: () => undefined, warn: () => undefined };
let hubspot: FakeHubspot;

beforeEach(async () => void (hubspot = await startFakeHubspot()));
afterEach(() => hubspot.close());

async function list(cursor: string | null, ...fields: string[]): Promise<RecordPage> {
  const settings = { ...hubspot.settings, contactProperties: ['favorite_food'] };
  const page = await upsertContact.listRecords?.page({ settings, http: fetchHttpClient(), log, signal: new AbortController().signal, now: 0, cursor, fields });
  return page ?? { records: [], next: null };
}

const asked = (): string[][] => hubspot.requests.map(({ query }) => query.properties?.split(',') ?? []);

describe('upsert-contact: the listing', () => {
  it('gives each contact once, in pages, while contacts change', async () => {
    for (let number = 0; number < 150; number += 1) hubspot.addContact({ email: `p${number}@example.com` });
    const first = await list(null, 'phone');
    hubspot.addContact({ email: 'p3@example.com', city: 'Hangzhou' });
    const second = await list(first.next, 'phone');
    expect([first.records.length, second.records.length, second.next]).toEqual([100, 50, null]);
    expect(new Set([...first.records, ...second.records].map((record) => (record as { id: string }).id)).size).toBe(150);
  });

  it('asks for what it has to compare, for who it is, and for the country of a phone', async () => {
    await list(null, 'phone', 'birthday', 'properties.favorite_food', 'contactId');
    await list(null, 'city', 'properties');
    const naming = ['email', 'hs_additional_emails', 'hs_merged_object_ids'];
    expect(asked()).toEqual([['phone', 'date_of_birth', 'favorite_food', 'country', ...naming], ['city', 'favorite_food', ...naming]]);
  });

  it('is read by the source: all that a contact is now, whoever wrote it and when', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com', phone: '139 1234 5678', country: 'China' });
    const { records: [record = null] } = await list(null, 'phone', 'city');
    expect(mapRecord(contacts, record, { portalId: '62515' }).record).toMatchObject({
      identities: [{ namespace: 'crmId', value: `hubspot:62515:${id}` }, { namespace: 'email', value: 'ana@example.com' }], profile: { phone: '+8613912345678', email: 'ana@example.com' },
    });
  });
});
