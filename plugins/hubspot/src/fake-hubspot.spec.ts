import { jest } from '@jest/globals';
import { InvalidSignature, type JsonValue } from '@firsthand/plugin-sdk';
import { breakEachField } from '../../../test/support/break-each-field.js';
import { startFakeHubspot, type FakeHubspot } from '../../../test/support/fake-hubspot.js';
import { startVendorServer, type VendorRequest, type VendorServer } from '../../../test/support/vendor-server.js';
import { addMembers, batchRead, batchReadWithHistory, batchUpdate, batchUpsert, gdprDelete, search } from './fixtures/request-bodies.js';
import { verifyWebhook } from './verify-webhook.js';

const CONTACTS = '/crm/v3/objects/contacts';
let hubspot: FakeHubspot;

beforeEach(async () => {
  hubspot = await startFakeHubspot();
  hubspot.addList('7');
});
afterEach(() => hubspot.close());

async function call(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(`${hubspot.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${hubspot.settings.accessToken}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

const DOCUMENTED: [string, string, JsonValue, number][] = [
  ['POST', `${CONTACTS}/batch/upsert`, batchUpsert, 200],
  ['POST', `${CONTACTS}/batch/update`, batchUpdate, 207],
  ['POST', `${CONTACTS}/batch/read`, batchRead, 207],
  ['POST', `${CONTACTS}/batch/read`, batchReadWithHistory, 207],
  ['POST', `${CONTACTS}/search`, search, 200],
  ['POST', `${CONTACTS}/gdpr-delete`, gdprDelete, 204],
  ['PUT', '/crm/v3/lists/7/memberships/add', addMembers, 200],
];

describe('the fake HubSpot takes the documented bodies', () => {
  it.each(DOCUMENTED)('%s %s', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
  });
});

describe('the fake HubSpot refuses each of them with one field broken', () => {
  it.each(DOCUMENTED)('%s %s, whichever it is', async (method, path, documented) => {
    for (const { path: at, body } of breakEachField(documented)) expect([at, (await call(method, path, body)).status]).toEqual([at, 400]);
    expect(hubspot.contacts.size).toBe(0);
  });

  const upsert = batchUpsert.inputs[0];
  const filter = { propertyName: 'firstname', operator: 'EQ', value: 'Alice' };
  it.each<[string, string, unknown]>([
    ['no inputs', `${CONTACTS}/batch/upsert`, {}],
    ['empty inputs', `${CONTACTS}/batch/upsert`, { inputs: [] }],
    ['101 inputs', `${CONTACTS}/batch/upsert`, { inputs: Array.from({ length: 101 }, (_, at) => ({ ...upsert, id: `a${at}@example.com` })) }],
    ['the same email twice', `${CONTACTS}/batch/upsert`, { inputs: [upsert, { ...upsert, id: 'LUKE@lukesdiner.com' }] }],
    ['no id', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, id: undefined }] }],
    ['no idProperty', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, idProperty: undefined }] }],
    ['an idProperty that is not unique', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, idProperty: 'phone' }] }],
    ['an invalid email', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, id: 'luke' }] }],
    ['a property that is no text', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, properties: { phone: 5 } }] }],
    ['a null property', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, properties: { phone: null } }] }],
    ['an unknown property', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, properties: { shoeSize: '42' } }] }],
    ['a read-only property', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, properties: { lastmodifieddate: '0' } }] }],
    ['an unknown lifecycle stage', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, properties: { lifecyclestage: 'Customer' } }] }],
    ['an unknown field', `${CONTACTS}/batch/upsert`, { inputs: [{ ...upsert, email: 'luke@lukesdiner.com' }] }],
    ['no JSON', `${CONTACTS}/batch/upsert`, '{'],
    ['an update by email', `${CONTACTS}/batch/update`, { inputs: [{ ...batchUpdate.inputs[0], id: 'luke@lukesdiner.com', idProperty: 'email' }] }],
    ['an update of one contact twice', `${CONTACTS}/batch/update`, { inputs: [batchUpdate.inputs[0], batchUpdate.inputs[0]] }],
    ['51 histories', `${CONTACTS}/batch/read`, { ...batchReadWithHistory, inputs: Array.from({ length: 51 }, (_, at) => ({ id: String(at) })) }],
    ['read by a property that is not unique', `${CONTACTS}/batch/read`, { ...batchRead, idProperty: 'city' }],
    ['an id that is no text', `${CONTACTS}/batch/read`, { ...batchRead, inputs: [{ id: 5 }] }],
    ['properties as text', `${CONTACTS}/batch/read`, { ...batchRead, properties: 'email' }],
    ['an unknown operator', `${CONTACTS}/search`, { filterGroups: [{ filters: [{ ...filter, operator: 'IS' }] }] }],
    ['a filter value that is no text', `${CONTACTS}/search`, { filterGroups: [{ filters: [{ ...filter, value: 5 }] }] }],
    ['two sortings', `${CONTACTS}/search`, { sorts: [...search.sorts, ...search.sorts] }],
    ['a page of 201', `${CONTACTS}/search`, { limit: 201 }],
    ['a page past the 10,000th result', `${CONTACTS}/search`, { limit: 100, after: '9950' }],
    ['no objectId', `${CONTACTS}/gdpr-delete`, { idProperty: 'email' }],
    ['an unknown idProperty', `${CONTACTS}/gdpr-delete`, { ...gdprDelete, idProperty: 'phone' }],
  ])('%s', async (_, path, body) => {
    const { status, json } = await call('POST', path, body);
    expect(status).toBe(400);
    expect(json).toMatchObject({ status: 'error', correlationId: expect.any(String) });
    expect(hubspot.contacts.size).toBe(0);
  });

  it.each([
    ['ids that are no texts', '/crm/v3/lists/7/memberships/add', [101], 400],
    ['an object', '/crm/v3/lists/7/memberships/add', { ids: ['101'] }, 400],
    ['a list that is not there', '/crm/v3/lists/8/memberships/add', ['101'], 404],
  ])('members: %s', async (_, path, body, status) => {
    expect((await call('PUT', path, body)).status).toBe(status);
  });

  it('another method, path, content type or token', async () => {
    expect((await call('PUT', `${CONTACTS}/batch/upsert`, batchUpsert)).status).toBe(405);
    expect((await call('POST', `${CONTACTS}/batch/upserts`, batchUpsert)).status).toBe(404);
    expect((await call('POST', `${CONTACTS}/batch/upsert`, batchUpsert, { 'content-type': 'text/plain' })).status).toBe(415);
    expect(await call('POST', `${CONTACTS}/batch/upsert`, batchUpsert, { authorization: 'Bearer other' })).toMatchObject({ status: 401, json: { category: 'INVALID_AUTHENTICATION' } });
    expect(hubspot.contacts.size).toBe(0);
  });

  it('members of a dynamic list', async () => {
    hubspot.addList('9', 'DYNAMIC');
    expect((await call('PUT', '/crm/v3/lists/9/memberships/add', ['101'])).status).toBe(400);
  });
});

describe('the fake HubSpot keeps state and makes trouble', () => {
  it('takes the good inputs of a batch where all have a trace id', async () => {
    const inputs = [{ ...batchUpsert.inputs[0], objectWriteTraceId: 'a' }, { ...batchUpsert.inputs[1], properties: { shoeSize: '42' }, objectWriteTraceId: 'b' }];
    const { status, json } = await call('POST', `${CONTACTS}/batch/upsert`, { inputs });
    expect(status).toBe(207);
    expect(json).toMatchObject({ numErrors: 1, errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['b'] } }] });
    expect([...hubspot.contacts.keys()]).toEqual(['luke@lukesdiner.com']);
  });

  it('keeps what is not named, and clears what is empty', async () => {
    hubspot.addContact({ email: 'luke@lukesdiner.com', firstname: 'Luke', city: 'Stars Hollow' });
    await call('POST', `${CONTACTS}/batch/upsert`, { inputs: [{ id: 'luke@lukesdiner.com', idProperty: 'email', properties: { city: '', phone: '1' } }] });
    expect(hubspot.contacts.get('luke@lukesdiner.com')?.properties).toMatchObject({ firstname: 'Luke', city: null, phone: '1' });
  });

  it('updates by id, also by one of before a merge, and names the ids it does not have', async () => {
    const [luke, lorelai] = [hubspot.addContact({ email: 'luke@lukesdiner.com', city: 'Hartford' }), hubspot.addContact({ email: 'lorelai@thedragonfly.com', city: 'Stars Hollow', phone: '1' })];
    const merged = hubspot.mergeContacts(luke.id, lorelai.id);
    expect(merged.properties).toMatchObject({ email: 'luke@lukesdiner.com', hs_additional_emails: 'lorelai@thedragonfly.com', city: 'Hartford', phone: '1', hs_merged_object_ids: `${luke.id};${lorelai.id}` });
    const { json } = await call('POST', `${CONTACTS}/batch/update`, { inputs: [{ id: luke.id, properties: { phone: ' 5 ' } }, { id: '999', properties: { phone: '6' } }] });
    expect(json).toMatchObject({ results: [{ id: merged.id, properties: { phone: '5' } }], errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['999'] } }] });
  });

  it('gives an email to one contact alone, in lower case, and moves a stage forward only', async () => {
    const { id } = hubspot.addContact({ email: 'Luke@lukesdiner.com', lifecyclestage: 'customer' });
    hubspot.addContact({ email: 'lorelai@thedragonfly.com' });
    const update = (properties: Record<string, string>) => call('POST', `${CONTACTS}/batch/update`, { inputs: [{ id, properties, objectWriteTraceId: 'a' }] });
    expect(await update({ email: 'LORELAI@thedragonfly.com' })).toMatchObject({ status: 207, json: { errors: [{ category: 'CONFLICT', context: { objectWriteTraceId: ['a'] } }] } });
    expect((await update({ lifecyclestage: 'lead', email: ' LUKE@lukesdiner.com ' })).status).toBe(200);
    expect(hubspot.contact(id)?.properties).toMatchObject({ email: 'luke@lukesdiner.com', lifecyclestage: 'customer' });
  });

  it('keeps what each property was, with who changed it', async () => {
    const { id } = hubspot.addContact({ email: 'luke@lukesdiner.com', phone: '1' }, 1000);
    hubspot.editContact(id, { phone: '' }, 2000);
    await call('POST', `${CONTACTS}/batch/update`, { inputs: [{ id, properties: { phone: '2', email: 'luke@lukesdiner.com' } }] });
    const { json } = await call('POST', `${CONTACTS}/batch/read`, { inputs: [{ id }], properties: ['phone'], propertiesWithHistory: ['phone', 'email'] });
    expect(json.results).toMatchObject([{ properties: { phone: '2' }, propertiesWithHistory: {
      phone: [{ value: '2', sourceType: 'INTEGRATION', sourceId: '54321' }, { value: '', timestamp: '1970-01-01T00:00:02.000Z', sourceType: 'CRM_UI' }, { value: '1' }],
      email: [{ value: 'luke@lukesdiner.com' }],
    } }]);
    expect(JSON.stringify(json)).not.toMatch(/"email":\[[^\]]*},/);
  });

  it('takes so many requests in ten seconds', async () => {
    const busy = await startFakeHubspot({ requestsPerTenSeconds: 2, now: () => now });
    let now = 50_000;
    const ask = async (): Promise<number> => (await fetch(`${busy.url}/account-info/v3/details`, { headers: { authorization: `Bearer ${busy.settings.accessToken}` } })).status;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    now += 10_001;
    expect(await ask()).toBe(200);
    await busy.close();
  });

  it('changes members of a list, and names those it does not know', async () => {
    const { id } = hubspot.addContact({ email: 'luke@lukesdiner.com' });
    const { json } = await call('PUT', '/crm/v3/lists/7/memberships/add', [id, '999']);
    expect(json).toEqual({ recordsIdsAdded: [id], recordIdsRemoved: [], recordIdsMissing: ['999'] });
    await call('PUT', '/crm/v3/lists/7/memberships/remove', [id]);
    expect(hubspot.lists.get('7')?.members.size).toBe(0);
  });

  it('fails as often as it is told, limits the rate, and resets connections', async () => {
    hubspot.script({ times: 2, answer: { status: 503 } });
    hubspot.rateLimit({ retryAfterSeconds: 3 });
    const read = (): Promise<{ status: number }> => call('POST', `${CONTACTS}/batch/read`, batchRead);
    expect([(await read()).status, (await read()).status, (await read()).status, (await read()).status]).toEqual([503, 503, 429, 207]);

    hubspot.script({ reset: 'before' });
    await expect(call('POST', `${CONTACTS}/batch/upsert`, batchUpsert)).rejects.toThrow();
    expect(hubspot.contacts.size).toBe(0);
    hubspot.script({ reset: 'after' });
    await expect(call('POST', `${CONTACTS}/batch/upsert`, batchUpsert)).rejects.toThrow();
    expect(hubspot.contacts.size).toBe(2);
  });

  it('can be slow', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      hubspot.script({ delayMs: 60_000 });
      const answer = call('POST', `${CONTACTS}/batch/read`, batchRead);
      while (hubspot.requests.length === 0 || jest.getTimerCount() === 0) await new Promise(setImmediate);
      await jest.advanceTimersByTimeAsync(60_000);
      jest.useRealTimers();
      expect((await answer).status).toBe(207);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('the webhooks of the fake HubSpot', () => {
  interface Told { subscriptionType: string; attemptNumber: number; eventId: number; propertyName?: string; changeSource: string; sourceId: string }
  const calls: Told[][] = [];
  let receiver: VendorServer;
  beforeEach(async () => {
    calls.length = 0;
    receiver = await startVendorServer(({ text }) => {
      calls.push(JSON.parse(text) as Told[]);
      return { status: 200 };
    });
  });
  afterEach(() => receiver.close());
  const names = (): string[] => calls.flat().map(({ subscriptionType, propertyName }) => `${subscriptionType.slice(8)}${propertyName === undefined ? '' : ` ${propertyName}`}`);

  it('tell of each change and of nothing that is as it was, whoever made it, what happens together in one call', async () => {
    const { id } = hubspot.addContact({ email: 'luke@lukesdiner.com', phone: '1' });
    hubspot.subscribe({ url: receiver.url });
    hubspot.editContact(id, { phone: '1 ', city: 'Hartford' });
    await hubspot.webhooksSettled();
    await call('POST', `${CONTACTS}/batch/upsert`, { inputs: [{ id: 'luke@lukesdiner.com', idProperty: 'email', properties: { city: 'Hartford', phone: '2' } }, { id: 'lorelai@thedragonfly.com', idProperty: 'email', properties: {} }] });
    await hubspot.webhooksSettled();
    expect(names()).toEqual(['propertyChange city', 'propertyChange phone', 'creation', 'propertyChange email']);
    expect(calls.map((events) => events.map(({ changeSource }) => changeSource))).toEqual([['CRM_UI'], ['INTEGRATION', 'INTEGRATION', 'INTEGRATION']]);
  });

  it('tell of a merge, and that the one merged away was deleted; of deletions and what comes back', async () => {
    const [luke, lorelai] = [hubspot.addContact({ email: 'luke@lukesdiner.com' }), hubspot.addContact({ email: 'lorelai@thedragonfly.com' })];
    hubspot.subscribe({ url: receiver.url });
    const { id } = hubspot.mergeContacts(luke.id, lorelai.id);
    hubspot.removeContact(id);
    hubspot.restoreContact(id);
    await hubspot.webhooksSettled();
    await call('POST', `${CONTACTS}/gdpr-delete`, { objectId: id });
    await hubspot.webhooksSettled();
    expect(names()).toEqual(['merge', 'deletion', 'deletion', 'restore', 'privacyDeletion', 'deletion']);
    expect(calls[0]?.[0]).toMatchObject({ primaryObjectId: Number(luke.id), mergedObjectIds: [Number(lorelai.id)], newObjectId: Number(id) });
  });

  it('can be held, sent in another order, late and twice, and are tried again until they are taken', async () => {
    hubspot.subscribe({ url: receiver.url, isHeld: true, isDoubled: true, delayMs: 1 });
    hubspot.addContact({ email: 'luke@lukesdiner.com', phone: '1' });
    await hubspot.webhooksSettled();
    expect(calls).toEqual([]);
    receiver.script({ answer: { status: 503 } });
    hubspot.release((events) => events.reverse());
    await hubspot.webhooksSettled();
    expect(names().slice(0, 3)).toEqual(['propertyChange phone', 'propertyChange email', 'creation']);
    expect(calls.map((events) => events[0]?.attemptNumber).sort()).toEqual([0, 1]);
    expect(new Set(calls.map((events) => events.map(({ eventId }) => eventId).join()))).toHaveProperty('size', 1);
  });

  it('are signed as the connector asks for it', async () => {
    hubspot.subscribe({ url: `${receiver.url}/hooks/crm?a=%7Eb` });
    hubspot.addContact({ email: 'luke@lukesdiner.com' });
    await hubspot.webhooksSettled();
    const { headers, text, method } = receiver.requests[0] as VendorRequest;
    const request = { method, headers, query: {}, body: Buffer.from(text), url: `${receiver.url}/hooks/crm?a=%7Eb` };
    expect(() => verifyWebhook(request, hubspot.settings, { now: Date.now() })).not.toThrow();
    expect(() => verifyWebhook({ ...request, url: `${receiver.url}/hooks/other` }, hubspot.settings, { now: Date.now() })).toThrow(InvalidSignature);
  });
});
