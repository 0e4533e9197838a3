import type { JsonObject } from '@firsthand/plugin-sdk';
import { mapRecord } from '@firsthand/plugin-testing';
import { contacts } from './contacts.js';
import { contact } from './fixtures/contact.js';
import { deletion } from './fixtures/webhook-events.js';
import { ownIds, recordIdOf } from './record-id.js';
import { webhooks } from './webhooks.js';

const EU = { portalId: '62515' };
const crmIdsOf = (source: typeof contacts | typeof webhooks, raw: object, settings: JsonObject): string[] =>
  (mapRecord(source, raw as JsonObject, settings).record?.identities ?? []).flatMap(({ namespace, value }) => (namespace === 'crmId' ? [value] : []));

describe('ids of contacts', () => {
  it('have the account before them: one number in two accounts is two people', () => {
    expect(crmIdsOf(contacts, contact, EU)).toEqual(['hubspot:62515:512', 'hubspot:62515:77', 'hubspot:62515:78']);
    expect(crmIdsOf(contacts, contact, { portalId: '999' })).toEqual(['hubspot:999:512', 'hubspot:999:77', 'hubspot:999:78']);
    expect(crmIdsOf(webhooks, deletion, EU)).toEqual(['hubspot:62515:512']);
  });

  it('are brought in both forms where the connection says that bare ones are of its account', () => {
    expect(crmIdsOf(contacts, contact, { ...EU, bareIds: true })).toEqual(['hubspot:62515:512', 'hubspot:62515:77', 'hubspot:62515:78', '512', '77', '78']);
    expect(crmIdsOf(webhooks, deletion, { ...EU, bareIds: true })).toEqual(['hubspot:62515:512', '512']);
  });

  it('are none where the record has none: an account alone would be everybody', () => {
    for (const settings of [EU, { ...EU, bareIds: true }]) {
      expect(mapRecord(webhooks, { ...deletion, objectId: null }, settings).error?.code).toBe('MISSING_IDENTITY');
      expect(crmIdsOf(contacts, { ...contact, id: null, properties: { ...contact.properties, hs_merged_object_ids: null } }, settings)).toEqual([]);
    }
  });

  it.each([
    ['hubspot:62515:512', '512', '512'], ['hubspot:999:512', undefined, undefined], ['512', undefined, '512'], ['0035g00000XyZ', undefined, undefined], ['hubspot:62515:', undefined, undefined],
    ['shopify:acme.myshopify.com:512', undefined, undefined], [undefined, undefined, undefined],
  ])('lead to a record: %s', (id, plain, bare) => {
    expect([recordIdOf(id, EU), recordIdOf(id, { ...EU, bareIds: true })]).toEqual([plain, bare]);
    if (id !== undefined) expect([ownIds(EU).crmId?.(id), ownIds({ ...EU, bareIds: true }).crmId?.(id)]).toEqual([plain !== undefined, bare !== undefined]);
  });
});
