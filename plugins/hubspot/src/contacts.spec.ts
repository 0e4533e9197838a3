import { RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
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
  });

  it('then reads what changed only', async () => {
    for (let at = 0; at < 5; at += 1) hubspot.addContact({ email: `p${at}@example.com` }, START + at);
    const { cursor } = await readAll(undefined);
    await expect(page(cursor)).resolves.toEqual({ records: [], cursor, hasMore: false });
    const { id } = hubspot.addContact({ email: 'p2@example.com', city: 'Hangzhou' }, START + HOUR - 120_000);
    await expect(page(cursor)).resolves.toMatchObject({ records: [{ id, properties: { city: 'Hangzhou' } }] });
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
    const { ids } = await readAll(undefined);
    expect(ids.size).toBe(10_500);
    // Sixty searches over 10,500 contacts, on whatever else the machine is doing.
  }, 30_000);

  it('asks again when HubSpot fails or gives nonsense', async () => {
    hubspot.script({ answer: { status: 502 } });
    await expect(page(undefined)).rejects.toThrow(RetryableError);
    hubspot.script({ answer: { status: 200, json: { total: 1 } } });
    await expect(page(undefined)).rejects.toThrow(RetryableError);
  });
});
