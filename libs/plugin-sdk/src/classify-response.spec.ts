import { DestinationGone, DestinationMoved, InvalidCredentials, InvalidPayload, RateLimited, RetryableError } from './errors.js';
import { classifyResponse, readRetryAfter } from './classify-response.js';

const now = Date.UTC(2026, 10, 24, 8);
const answer = (status: number, headers: Record<string, string> = {}): (() => void) => () => classifyResponse({ status, headers }, now);

describe('classifyResponse', () => {
  it.each([200, 201, 202, 204, 299])('passes %i', (status) => expect(answer(status)).not.toThrow());
  it.each([401, 403])('%i is the credentials', (status) => expect(answer(status)).toThrow(InvalidCredentials));
  it.each([400, 404, 409, 413, 422])('%i stops', (status) => expect(answer(status)).toThrow(InvalidPayload));
  it.each([301, 302, 304, 307, 308])('%i is a destination that is elsewhere', (status) => expect(answer(status)).toThrow(DestinationMoved));
  it('410 is the end of the destination', () => expect(answer(410)).toThrow(DestinationGone));
  it.each([408, 500, 502, 503, 504, 599])('%i may pass later', (status) => expect(answer(status)).toThrow(RetryableError));
  it('429 is a rate limit, with or without a time', () => expect(answer(429)).toThrow(RateLimited));

  it.each([[408, 'RetryableError'], [429, 'RateLimited'], [503, 'RetryableError']])('%i waits as long as Retry-After says', (status, name) => {
    expect(answer(status, { 'retry-after': '120' })).toThrow(expect.objectContaining({ name, retryAfterMs: 120_000, retryAfterSeconds: 120 }));
  });

  it('tells the status and nothing of the answer', () => {
    const response = { status: 422, headers: {}, text: 'ana@example.com is not valid', json: () => null };
    expect(() => classifyResponse(response)).toThrow(/^The destination answered 422\.$/);
  });
});

describe('readRetryAfter', () => {
  it.each([
    ['0', 0],
    [' 5 ', 5000],
    ['999999999', 86_400_000],
    ['Tue, 24 Nov 2026 08:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 07:00:00 GMT', 0],
    ['Fri, 24 Nov 2028 08:00:00 GMT', 86_400_000],
    // The two older forms of a date, which are still to be taken.
    ['Tuesday, 24-Nov-26 08:00:30 GMT', 30_000],
    ['Tue Nov 24 08:00:30 2026', 30_000],
    ['Sat Dec  5 08:00:30 2026', 86_400_000],
    ['Tue, 24 Nov 2026 99:00:30 GMT', undefined],
    ['1.5', undefined],
    ['-1', undefined],
    ['+5', undefined],
    ['5, 6', undefined],
    ['2026-11-24T08:00:30Z', undefined],
    ['later', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, ms) => expect(readRetryAfter(header, now)).toBe(ms));
});
