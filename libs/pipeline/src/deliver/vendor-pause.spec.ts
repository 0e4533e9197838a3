import { vendorPauseMs } from './vendor-pause.js';

const now = Date.UTC(2026, 10, 24, 8);
const HOUR_MS = 3_600_000;

describe('vendorPauseMs', () => {
  it.each<[number, Record<string, string>, number]>([
    [429, { 'retry-after': '30' }, 30_000],
    [503, { 'retry-after': 'Tue, 24 Nov 2026 08:01:00 GMT' }, 60_000],
    [429, { 'retry-after': '999999' }, 24 * HOUR_MS],
    [429, {}, 0],
    // The client's own business (RFC 9110 allows it on a 3xx), or nobody's.
    [301, { 'retry-after': '30' }, 0],
    [200, { 'retry-after': '30' }, 0],
    [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '12' }, 12_000],
    [200, { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '12' }, 0],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 7) }, 7_000],
    [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 1_500) }, 1_500],
    [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' + '0'.repeat(8) }, HOUR_MS],
    [200, { 'x-ratelimit-remaining': '0' }, 0],
    [200, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' }, 0],
    [200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '3' }, 3_000],
    [200, { ratelimit: 'limit=100, remaining=0, reset=50' }, 50_000],
    [200, { ratelimit: 'limit=100, remaining=10, reset=50' }, 0],
    [200, { ratelimit: '"default";r=0;t=30' }, 30_000],
    [200, { ratelimit: '"burst";r=0;t=2, "daily";r=0;t=40, "hour";r=9;t=99' }, 40_000],
    [200, { ratelimit: '"default";r=05;t=30' }, 0],
    [429, { 'retry-after': '5', ratelimit: '"default";r=0;t=9' }, 9_000],
    [200, { ratelimit: 'nonsense;;;=' }, 0],
  ])('%i %j', (status, headers, expected) => expect(vendorPauseMs({ status, headers }, now)).toBe(expected));
});
