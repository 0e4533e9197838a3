import type { JsonObject, JsonValue, RecordPage } from '@firsthand/plugin-sdk';
import { settle, type DestinationHandler } from './destination-handler.js';
import { fakeHttp, type FakeRespond } from './fake-http.js';
import { fakeLog } from './fake-log.js';
import { mapRecord } from './map-record.js';
import { settlesAfter } from './settles-after.js';
import type { DestinationSubject } from './test-destination-options.js';

const MAX_PAGES = 50;

/** The listing of what a system holds, once for each payload; undefined where a destination has none. */
export function recordListingOf({ destination, settings, options }: DestinationSubject): DestinationHandler | undefined {
  const { listRecords } = destination;
  if (listRecords === undefined) return undefined;
  return {
    name: 'listRecords',
    isRemoval: false,
    run: (items, http, { log = fakeLog(), signal = new AbortController().signal } = {}) => settle(items, async () => {
      await listRecords.page({ settings, http, log, signal, now: options.now, cursor: null, fields: options.list?.fields ?? Object.keys(destination.fields) });
      return items.map(() => ({ ok: true }));
    }),
  };
}

/** Registers the tests of a listing when all is well: to the end, from a cursor that was stored, read by its source, and an abort. */
export function testRecordListing({ plugin, destination, settings, options }: DestinationSubject): void {
  const { listRecords, fields } = destination;
  if (listRecords === undefined) return;
  const list = (cursor: string | null, respond: FakeRespond | undefined, signal = new AbortController().signal): Promise<RecordPage> =>
    listRecords.page({ settings, http: fakeHttp({ respond }), log: fakeLog(), signal, now: options.now, cursor, fields: options.list?.fields ?? Object.keys(fields) });

  it('lists every page to the end, the same page for the same cursor', async () => {
    expect(options.list).toBeDefined();
    const { records, pages } = await listAll(list, options.list?.respond);
    expect(pages).toBeGreaterThan(1);
    expect(records).toHaveLength(options.list?.records ?? -1);
    expect(await list(null, options.list?.respond)).toEqual(await list(null, options.list?.respond));
  });

  it('lists records that its source reads, each of a person', async () => {
    const source = plugin.sources?.[listRecords.source];
    if (source === undefined) return expect(Object.keys(plugin.sources ?? {})).toContain(listRecords.source);
    const { records } = await listAll(list, options.list?.respond);
    for (const raw of records) {
      const { record, error } = mapRecord(source, raw, settings as JsonObject, options.now);
      expect(error).toBeUndefined();
      expect(record?.identities).not.toEqual([]);
    }
  });

  it('stops at once when it is told to', async () => {
    const controller = new AbortController();
    const run = list(null, () => new Promise(() => undefined), controller.signal).then(() => 'listed', () => 'stopped');
    await settlesAfter(() => controller.abort(), run);
    expect(await run).toBe('stopped');
  });
}

async function listAll(list: (cursor: string | null, respond: FakeRespond | undefined) => Promise<RecordPage>, respond: FakeRespond | undefined): Promise<{ records: JsonValue[]; pages: number }> {
  const records: JsonValue[] = [];
  let pages = 0;
  for (let cursor: string | null = null; pages < MAX_PAGES; pages += 1) {
    const page: RecordPage = await list(cursor, respond);
    records.push(...page.records);
    cursor = page.next;
    if (cursor === null) return { records, pages: pages + 1 };
  }
  return { records, pages: Infinity };
}
