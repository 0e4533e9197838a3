import { canonicalise, compileMapping, createDictionary, deriveMessageId, type CanonicalRecord, type CompiledMapping } from '@firsthand/domain';
import type { JsonValue } from '@firsthand/plugin-sdk';
import { fakeHttp } from './fake-http.js';
import { fakeLog } from './fake-log.js';
import type { SourceFixture, SourceSubject } from './test-source-options.js';
import { receive, signed, unsignedRequest } from './webhook-request.js';

const dictionary = createDictionary();

/** Registers the tests from raw record to canonical record. */
export function testMapping(subject: SourceSubject): void {
  const { source, options } = subject;
  const compile = (): CompiledMapping => compileMapping(source.mapping, { targets: dictionary.isTarget });

  it('has a mapping that compiles', () => expect(compile).not.toThrow());

  it('has a sample that is a valid record', () => expect(toRecord(source.sample, compile(), subject)).toMatchObject({ flags: [] }));

  describe.each(options.fixtures.map((fixture, index) => [fixture.name ?? `fixture ${index + 1}`, fixture] as const))('%s', (_, fixture) => {
    it('becomes the expected records', async () => {
      const expected = [fixture.expected].flat();
      const records = (await rawRecords(fixture, subject)).map((raw) => toRecord(raw, compile(), subject));
      expect(records).toHaveLength(expected.length);
      records.forEach((record, index) => expect(record).toMatchObject({ flags: [], ...expected[index] }));
    });

    it('gives only event names that the source declares', async () => {
      const records = (await rawRecords(fixture, subject)).map((raw) => toRecord(raw, compile(), subject));
      const names = records.filter(({ type }) => type === 'track').map(({ name }) => name);
      expect(names.filter((name) => !source.emits.includes(name))).toEqual([]);
    });

    it('gives the same again, message ids too, and no id twice', async () => {
      const once = (await rawRecords(fixture, subject)).map((raw) => toRecord(raw, compile(), subject));
      const again = (await rawRecords(fixture, subject)).map((raw) => toRecord(raw, compile(), subject));
      expect(again).toEqual(once);
      const ids = once.map(({ messageId }) => messageId);
      expect(ids).toEqual([...new Set(ids)]);
    });

    if (source.trigger.kind === 'webhook') {
      const { trigger } = source;
      it('is read without a change to its bytes', () => {
        const request = signed(unsignedRequest(fixture), subject);
        const before = Buffer.from(request.body);
        expect(receive(request, subject, trigger)).toEqual(receive(request, subject, trigger));
        expect(Buffer.from(request.body).equals(before)).toBe(true);
      });
    }
  });
}

/** The raw records of a fixture, fetched in full when the source is a thin one. */
async function rawRecords(fixture: SourceFixture, subject: SourceSubject): Promise<JsonValue[]> {
  const { source, settings, options } = subject;
  const { trigger } = source;
  const records = trigger.kind === 'webhook' ? receive(signed(unsignedRequest(fixture), subject), subject, trigger) : [fixture.body as JsonValue];
  if (source.fetch === undefined || records.length === 0) return records;
  const full = await source.fetch({ records, settings, http: fakeHttp({ respond: options.respond }), log: fakeLog(), signal: new AbortController().signal });
  expect(full).toHaveLength(records.length);
  return full.filter((record) => record !== null);
}

/** Maps and checks one raw record as the host does. A record that does not fit fails the test with its reason. */
export function toRecord(raw: JsonValue, mapping: CompiledMapping, { settings, options }: SourceSubject): CanonicalRecord {
  const tree = mapping.apply(raw, { settings, receivedAt: new Date(options.now).toISOString(), connectionId: 'connection-1' });
  const result = canonicalise(tree, { dictionary, receivedAt: options.now, defaultCountry: options.defaultCountry, derivedMessageId: () => deriveMessageId(raw) });
  expect(result.error).toBeUndefined();
  return result.record as CanonicalRecord;
}
