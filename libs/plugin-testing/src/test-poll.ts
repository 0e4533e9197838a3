import { compileMapping, createDictionary } from '@firsthand/domain';
import { InvalidCredentials, RetryableError, type JsonValue, type PollTrigger } from '@firsthand/plugin-sdk';
import { fakeHttp, type FakeRespond } from './fake-http.js';
import { fakeLog } from './fake-log.js';
import { settlesAfter } from './settles-after.js';
import { toRecord } from './test-mapping.js';
import type { SourceSubject } from './test-source-options.js';

const MAX_PAGES = 50;

/** Registers the tests of a poll: to the end, from a cursor, failures, abort. */
export function testPoll(subject: SourceSubject, trigger: PollTrigger<object>): void {
  const { options, settings, source } = subject;
  const poll = (respond: FakeRespond | undefined, cursor?: JsonValue, signal = new AbortController().signal): ReturnType<typeof trigger.poll> =>
    trigger.poll({ settings, cursor, http: fakeHttp({ respond }), log: fakeLog(), signal, now: options.now });

  it('reads every page to the end, from cursors that were stored as JSON', async () => {
    expect(options.poll).toBeDefined();
    const http = fakeHttp({ respond: options.poll?.respond });
    const records: JsonValue[] = [];
    let cursor: JsonValue | undefined;
    let pages = 0;
    let hasMore = true;
    for (; hasMore && pages < MAX_PAGES; pages += 1) {
      const page = await trigger.poll({ settings, cursor, http, log: fakeLog(), signal: new AbortController().signal, now: options.now });
      records.push(...page.records);
      cursor = JSON.parse(JSON.stringify(page.cursor)) as JsonValue;
      ({ hasMore } = page);
    }
    expect(hasMore).toBe(false);
    expect(records).toHaveLength(options.poll?.records ?? -1);
    const mapping = compileMapping(source.mapping, { targets: createDictionary().isTarget });
    for (const record of records) toRecord(record, mapping, subject);
  });

  it.each([429, 500, 503])('hands a %i on as one that may pass', async (status) => {
    await expect(poll(() => ({ status }))).rejects.toMatchObject({ code: expect.stringMatching(/^DESTINATION_(RETRYABLE|RATE_LIMITED)$/) });
  });

  it('hands refused credentials on', async () => expect(poll(() => ({ status: 401 }))).rejects.toThrow(InvalidCredentials));

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const run = expect(poll(() => new Promise(() => undefined), undefined, controller.signal)).rejects.toThrow(RetryableError);
    await settlesAfter(() => controller.abort(), run);
  });
}
