import type { HttpRequest, JsonObject, JsonValue } from '@firsthand/plugin-sdk';
import { testDestination, testSource } from '@firsthand/plugin-testing';
import { hubspotSignature } from '../../../test/support/fake-hubspot.js';
import { batchRead, batchUpdate, batchUpsert, gdprDelete, listContacts } from '../../../test/support/fake-hubspot-batches.js';
import { FakeHubspotContacts } from '../../../test/support/fake-hubspot-contacts.js';
import { HubspotProblem } from '../../../test/support/fake-hubspot-problem.js';
import { searchContacts } from '../../../test/support/fake-hubspot-search.js';
import { canonicalContact, contact, contactWithHistory } from './fixtures/contact.js';
import { cityChange, creation, creationOfNobody, deletion, deletionOfMerged, merge, optOut, phoneChange, phoneCleared, privacyDeletion, unknownProperty } from './fixtures/webhook-events.js';
import plugin from './index.js';

const NOW = Date.UTC(2026, 10, 24, 8);
const settings = { accessToken: 'pat-na1-1111-2222', clientSecret: 'yyyyyyyy-yyyy-yyyy-zzzz', portalId: '62515' };

type Answer = { status: number; json?: JsonValue };

/** The same account at every request: one contact, whoever is asked for. */
function account({ url, json }: HttpRequest): Answer {
  const contacts = new FakeHubspotContacts(() => NOW);
  contacts.add({ email: 'ana@example.com', hs_additional_emails: 'bo@example.com' });
  const endpoint = [['/batch/read', batchRead], ['/batch/update', batchUpdate], ['/batch/upsert', batchUpsert], ['/gdpr-delete', gdprDelete]] as const;
  const handle = endpoint.find(([path]) => url.endsWith(path))?.[1];
  if (handle === undefined) return { status: 200, json: { recordsIdsAdded: json ?? [], recordIdsMissing: [] } };
  try {
    return handle(contacts, json) as Answer;
  } catch (error) {
    if (error instanceof HubspotProblem) return error.answer() as Answer;
    throw error;
  }
}

const many = new FakeHubspotContacts(() => NOW);
for (let at = 0; at < 450; at += 1) many.add({ email: `p${at}@example.com`, firstname: `P${at}` }, NOW - 3_600_000 + at);

testDestination(plugin, 'upsert-contact', {
  settings,
  payloads: [
    {
      contactId: 'hubspot:62515:101', email: 'ana@example.com', firstName: 'Ana-Sofia', lastName: 'Limabeira', phone: '+8613912345678', city: 'Shanghai', country: 'CN', lifecycleStage: 'customer', language: 'zh-CN',
      birthday: null, properties: { favorite_food: 'Donuts' },
    },
    { email: 'bo@example.com' },
    { contactId: 'hubspot:999:101', email: 'cy@example.com' },
    { contactId: 'hubspot:62515:999', email: 'dee@example.com' },
  ],
  respond: account,
  list: { respond: ({ url }) => listContacts(many, Object.fromEntries(new URL(url).searchParams)) as Answer, records: 450 },
});

testDestination(plugin, 'list-membership', {
  settings,
  payloads: [{ email: 'ana@example.com', listId: '2043' }, { email: 'bo@example.com', listId: '2043' }, { email: 'bo@example.com', listId: '2044' }],
  respond: account,
});

const known = { identities: canonicalContact.identities };
const merged = { identities: canonicalContact.identities.toSpliced(3, 0, { namespace: 'crmId', value: 'hubspot:62515:79' }) };

testSource(plugin, 'webhooks', {
  settings,
  sign: (request, { now }) => ({ ...request, headers: { ...request.headers, ...hubspotSignature({ ...request, at: now, clientSecret: settings.clientSecret }) } }),
  maxAgeSeconds: 300,
  // Each property is as it was made; where a contact is asked for as it is, its history is not.
  respond: ({ json }) => ({ status: 207, json: { status: 'COMPLETE', results: [(json as JsonObject).propertiesWithHistory === undefined ? contact : contactWithHistory] } }),
  fixtures: [
    {
      name: 'a contact is made', body: [creation, creationOfNobody],
      expected: { type: 'identify', name: 'Profile Updated', messageId: 'contact.creation-1-512--1795507200001', occurredAt: 1795507200001, ...canonicalContact },
    },
    {
      name: 'properties change', body: [cityChange, phoneChange, phoneCleared, optOut, unknownProperty],
      expected: [
        { ...known, type: 'identify', occurredAt: 1795507200002, profile: { city: 'Hangzhou' }, consents: {} },
        { ...known, profile: { phone: '+8613900005678' } },
        { ...known, profile: { phone: null } },
        { ...known, profile: {}, consents: { emailMarketing: false } },
        { ...known, profile: {}, consents: {} },
      ],
    },
    {
      name: 'contacts are deleted', body: [deletion, privacyDeletion],
      expected: [
        { type: 'delete', name: 'Profile Deleted', identities: [{ namespace: 'crmId', value: 'hubspot:62515:512' }], properties: { reason: 'deleted-in-crm' } },
        { type: 'delete', name: 'Profile Deleted', identities: [{ namespace: 'crmId', value: 'hubspot:62515:512' }], properties: { reason: 'privacy-request' } },
      ],
    },
    {
      name: 'contacts are merged', body: [merge, deletionOfMerged],
      expected: [
        { ...merged, type: 'identify', occurredAt: 1795507200010, profile: {}, consents: {} },
        { ...known, type: 'identify', messageId: 'contact.deletion-11-78--1795507200011', profile: {}, properties: {} },
      ],
    },
    {
      name: 'somebody, another app and we ourselves make a change', body: [cityChange, { ...phoneChange, changeSource: 'INTEGRATION', sourceId: '7' }, { ...phoneCleared, changeSource: 'INTEGRATION', sourceId: '54321' }],
      expected: [
        { properties: { method: 'CRM' }, context: {} },
        { properties: { method: 'INTEGRATION' }, context: { app: { namespace: '7' } } },
        { properties: { method: 'OWN_INTEGRATION' }, context: { app: { namespace: '54321' } } },
      ],
    },
    { name: 'a repeated attempt', body: [{ ...cityChange, attemptNumber: 3 }], expected: { messageId: 'contact.propertyChange-2-512-city-1795507200002' } },
    { name: 'another object', body: [{ ...creation, subscriptionType: 'deal.creation' }], expected: [] },
    { name: 'another account', body: [{ ...creation, portalId: 999 }], expected: [] },
  ],
});

const changed = { ...contact, changedAt: '2026-05-01T08:00:00.000Z', changed: ';phone;state;hs_email_optout;', changeSource: 'INTEGRATION', sourceId: '54321' };

testSource(plugin, 'contacts', {
  settings,
  fixtures: [
    { body: contact, expected: { type: 'identify', name: 'Profile Updated', messageId: '512-2026-11-24T08:00:00.000Z', occurredAt: NOW, ...canonicalContact } },
    {
      name: 'what changed at one moment', body: changed,
      expected: {
        ...known, messageId: '512-2026-05-01T08:00:00.000Z', occurredAt: Date.UTC(2026, 4, 1, 8), profile: { phone: '+8613912345678', region: null }, consents: { emailMarketing: false },
        properties: { method: 'INTEGRATION' }, context: { app: { namespace: '54321' } },
      },
    },
    { name: 'nothing that is mapped', body: { ...changed, changed: ';' }, expected: { ...known, profile: {}, consents: {} } },
  ],
  // Two pages begin with the contact that ended the page before.
  poll: { respond: ({ url, json }) => (url.endsWith('/search') ? searchContacts(many.all(), json) : batchRead(many, json)) as Answer, records: 452 },
});
