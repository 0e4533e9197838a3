import { RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { mapRecord } from '@firsthand/plugin-testing';
import type { FakeContact } from '../../../test/support/fake-hubspot-contacts.js';
import { startFakeHubspot, type FakeHubspot } from '../../../test/support/fake-hubspot.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { contacts } from './contacts.js';

const log = { info: () => undefined, warn: () => undefined };
const START = Date.UTC(2026, 10, 24);
const HOUR = 3_600_000;
let hubspot: FakeHubspot;

beforeEach(async () => void (hubspot = await startFakeHubspot({ now: () => START + HOUR })));
afterEach(() => hubspot.close());

type Page = { records: JsonValue[]; cursor: JsonValue; hasMore: boolean };

function page(cursor: JsonValue | undefined, now = START + HOUR): Promise<Page> {
  if (contacts.trigger.kind !== 'poll') throw new Error('not a poll');
  return contacts.trigger.poll({ settings: hubspot.settings, cursor, http: fetchHttpClient(), log, signal: new AbortController().signal, now });
}

/** Reads to the end; calls `between` after each page. */
async function readAll(cursor: JsonValue | undefined, between: (pages: number) => void = () => undefined): Promise<{ ids: Set<string>; cursor: JsonValue; pages: number; records: number }> {
  const ids = new Set<string>();
  for (let pages = 1, records = 0, at = cursor; ; pages += 1) {
    const given = await page(at);
    for (const record of given.records) ids.add((record as JsonObject & { id: string }).id);
    records += given.records.length;
    at = given.cursor;
    if (!given.hasMore || pages > 100) return { ids, cursor: at, pages, records };
    between(pages);
  }
}

describe('contacts', () => {
  it('reads all contacts at first, oldest change first, each page once', async () => {
    for (let at = 0; at < 450; at += 1) hubspot.addContact({ email: `p${at}@example.com` }, START + at * 10);
    const { ids, pages, records } = await readAll(undefined);
    expect(ids.size).toBe(450);
    expect(pages).toBe(3);
    // The contact that ends a page begins the next one.
    expect(records).toBe(452);
    const reads = hubspot.requests.filter(({ path }) => path.endsWith('/batch/read')).map(({ text }) => (JSON.parse(text) as { inputs: unknown[] }).inputs.length);
    expect(Math.max(...reads)).toBe(50);
  });

  it('says each property as of the time since which it is so, and a cleared one as cleared', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com', city: 'Bonn', jobtitle: 'Buyer', country: 'Germany' }, START);
    hubspot.editContact(id, { phone: '030 12345678', city: 'Kiel' }, START + 60_000);
    hubspot.editContact(id, { jobtitle: '', city: 'Kiel ' }, START + 120_000);
    hubspot.editContact(id, { hs_email_optout: 'true' }, START + 180_000);
    const { records } = await page(undefined);
    expect(records.map((record) => mapRecord(contacts, record).record).map((record) => [record?.occurredAt, record?.profile, record?.consents])).toEqual([
      [START, { email: 'ana@example.com', country: 'DE' }, {}],
      [START + 60_000, { phone: '+493012345678', city: 'Kiel' }, {}],
      [START + 120_000, { jobTitle: null }, {}],
      [START + 180_000, {}, { emailMarketing: false }],
    ]);
    expect(new Set(records.map((record) => mapRecord(contacts, record).record?.messageId)).size).toBe(4);
  });

  it('says nothing anew of a contact that HubSpot itself has touched, but who it is', async () => {
    const ana = hubspot.addContact({ email: 'ana@example.com', city: 'Bonn' }, START);
    const messageIds = async (): Promise<unknown[]> => (await page(undefined)).records.map((record) => mapRecord(contacts, record).record?.messageId);
    const before = await messageIds();
    hubspot.addContact({ email: 'ana@example.com', hs_additional_emails: 'a.lima@example.com' }, START + 60_000);
    expect(await messageIds()).toEqual([...before, `${ana.id}-${new Date(START + 60_000).toISOString()}`]);
    const { records } = await page(undefined);
    expect(records.map((record) => mapRecord(contacts, record).record?.profile)).toEqual([{ email: 'ana@example.com', city: 'Bonn' }, {}]);
  });

  it('gives what two contacts were merged into once, and leaves out one that is gone by the time it is read', async () => {
    const [one, two, gone] = ['ana', 'bo', 'cy'].map((name, at) => hubspot.addContact({ email: `${name}@example.com` }, START + at)) as [FakeContact, FakeContact, FakeContact];
    const index = { total: 3, results: [one, two, gone].map(({ id, properties }) => ({ id, properties })) };
    hubspot.mergeContacts(one.id, two.id);
    hubspot.removeContact(gone.id);
    hubspot.script({ path: /search$/, answer: { status: 200, json: index } });
    const { records } = await page(undefined);
    expect(new Set(records.map((record) => (record as { id: string }).id)).size).toBe(1);
    expect(mapRecord(contacts, records[0] ?? null, { portalId: '62515' }).record?.identities.map(({ value }) => value)).toEqual(expect.arrayContaining([`hubspot:62515:${one.id}`, `hubspot:62515:${two.id}`, 'ana@example.com', 'bo@example.com']));
  });

  it('asks for fewer at a time where histories are too long for one answer, and for none where one is', async () => {
    for (let at = 0; at < 3; at += 1) hubspot.addContact({ email: `p${at}@example.com` }, START + at);
    const tooLong = { status: 200, json: { results: [], filler: 'x'.repeat(1_000_000) } };
    // All three, then the first two, then one of these.
    hubspot.script({ path: /batch\/read$/, times: 3, answer: tooLong });
    const { records } = await page(undefined);
    expect(records.map((record) => (record as { id: string }).id)).toEqual(['101', '102', '103']);
    const reads = hubspot.requests.filter(({ path }) => path.endsWith('/batch/read')).map(({ text }) => JSON.parse(text) as { inputs: unknown[]; propertiesWithHistory?: unknown });
    expect(reads.map(({ inputs, propertiesWithHistory }) => [inputs.length, propertiesWithHistory !== undefined])).toEqual([[3, true], [2, true], [1, true], [1, false], [1, true], [1, true]]);
  });

  it('then reads what changed only', async () => {
    for (let at = 0; at < 5; at += 1) hubspot.addContact({ email: `p${at}@example.com` }, START + at);
    const { cursor } = await readAll(undefined);
    await expect(page(cursor)).resolves.toEqual({ records: [], cursor, hasMore: false });
    const { id } = hubspot.addContact({ email: 'p2@example.com', city: 'Hangzhou' }, START + HOUR - 120_000);
    const { records } = await page(cursor);
    expect(new Set(records.map((record) => (record as { id: string }).id))).toEqual(new Set([id]));
    expect(records.at(-1)).toMatchObject({ properties: { city: 'Hangzhou' }, changed: ';city;' });
  });

  it('reads the last minute again, for changes that the search learns of late', async () => {
    hubspot.addContact({ email: 'p1@example.com' }, START + HOUR - 30_000);
    const { cursor } = await page(undefined);
    expect(cursor).toEqual({ since: START + HOUR - 60_000 });
    hubspot.addContact({ email: 'late@example.com' }, START + HOUR - 45_000);
    expect((await page(cursor)).records).toHaveLength(2);
    const later = await page(cursor, START + 2 * HOUR);
    expect(later.cursor).toEqual({ since: START + HOUR - 30_000 + 1 });
  });

  it('skips nobody when a contact of an earlier page changes meanwhile', async () => {
    for (let at = 0; at < 400; at += 1) hubspot.addContact({ email: `p${at}@example.com` }, START + at * 10);
    const { ids } = await readAll(undefined, (pages) => {
      if (pages === 1) for (let at = 0; at < 30; at += 1) hubspot.addContact({ email: `p${at}@example.com`, city: 'Hangzhou' }, START + HOUR - 1000 + at);
    });
    expect(ids.size).toBe(400);
  });

  it('reads more than a page of contacts that changed in one moment', async () => {
    for (let at = 0; at < 3; at += 1) hubspot.addContact({ email: `before${at}@example.com` }, START - 1);
    for (let at = 0; at < 500; at += 1) hubspot.addContact({ email: `import${at}@example.com` }, START);
    for (let at = 0; at < 3; at += 1) hubspot.addContact({ email: `after${at}@example.com` }, START + 1);
    const { ids } = await readAll(undefined);
    expect(ids.size).toBe(506);
  });

  it('gets past the 10,000th result', async () => {
    for (let at = 0; at < 10_500; at += 1) hubspot.addContact({ email: `p${at}@example.com` }, START + at);
    // Whom the search names is asked for; what is answered is not what this is about.
    hubspot.script({ path: /batch\/read$/, times: Infinity, answer: { status: 200, json: { results: [] } } });
    await readAll(undefined);
    const asked = hubspot.requests.filter(({ path }) => path.endsWith('/batch/read')).flatMap(({ text }) => (JSON.parse(text) as { inputs: { id: string }[] }).inputs.map(({ id }) => id));
    expect(new Set(asked).size).toBe(10_500);
    // Sixty searches over 10,500 contacts, on whatever else the machine is doing.
  }, 60_000);

  it('asks again when HubSpot fails or gives nonsense', async () => {
    hubspot.script({ answer: { status: 502 } });
    await expect(page(undefined)).rejects.toThrow(RetryableError);
    hubspot.script({ answer: { status: 200, json: { total: 1 } } });
    await expect(page(undefined)).rejects.toThrow(RetryableError);
  });
});
