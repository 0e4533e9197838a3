import fc from 'fast-check';
import { readOffset, readTime } from './read-time.js';

const midnight = Date.UTC(2026, 10, 24);

describe('readTime', () => {
  it.each<[unknown, string | undefined, number | undefined]>([
    ['2026-11-24T00:00:00Z', undefined, midnight],
    ['2026-11-24T00:00:00.5Z', undefined, midnight + 500],
    ['2026-11-24T00:00:00.123456789Z', undefined, midnight + 123],
    ['2026-11-24T08:00:00+08:00', undefined, midnight],
    ['2026-11-24T08:00:00+0800', undefined, midnight],
    ['2026-11-23T16:00:00-08', undefined, midnight],
    ['2026-11-24 08:00:00', '+08:00', midnight],
    ['2026-11-24 00:00:00Z', '+08:00', midnight],
    ['2026/11/24 00:00', undefined, midnight],
    ['2026-11-24', undefined, midnight],
    ['20261124', undefined, midnight],
    ['20261124080000', '+08:00', midnight],
    ['20261124T000000Z', undefined, midnight],
    [midnight, undefined, midnight],
    [midnight / 1000, undefined, midnight],
    [String(midnight), undefined, midnight],
    ['1795478400.5', undefined, midnight + 500],
    ['2024-02-29', undefined, Date.UTC(2024, 1, 29)],
    ['2016-12-31T23:59:60Z', undefined, Date.UTC(2016, 11, 31, 23, 59, 59)],
    ['2026-02-29', undefined, undefined],
    ['2026-02-30T00:00:00Z', undefined, undefined],
    ['2026-13-01', undefined, undefined],
    ['2026-11-23T24:00:00Z', undefined, midnight],
    ['2026-11-23 24:00', undefined, midnight],
    ['2026-11-24 24:01', undefined, undefined],
    ['2026-11-24 25:00', undefined, undefined],
    ['2026-11-24T25:00:00Z', undefined, undefined],
    ['2026-11-24T00:00:00+25:00', undefined, undefined],
    ['24/11/2026', undefined, undefined],
    ['', undefined, undefined],
    ['now', undefined, undefined],
    ['2026-11-24 00:00:00', 'Asia/Shanghai', undefined],
    [NaN, undefined, undefined],
    [1e20, undefined, undefined],
    [null, undefined, undefined],
    [{}, undefined, undefined],
  ])('%j with offset %s', (value, offset, expected) => {
    expect(readTime(value, offset)).toBe(expected);
  });

  it('reads days and months in the order it is told', () => {
    expect(readTime('03/04/2026', 'Z', 'dmy')).toBe(Date.UTC(2026, 3, 3));
    expect(readTime('03/04/2026 10:30', 'Z', 'mdy')).toBe(Date.UTC(2026, 2, 4, 10, 30));
  });

  it('reads back every ISO time', () => {
    fc.assert(fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
      expect(readTime(date.toISOString())).toBe(date.getTime());
    }));
  });
});

describe('readOffset', () => {
  it.each([['Z', 0], ['+08:00', 28_800_000], ['-0530', -19_800_000], ['+08', 28_800_000], ['+15:00', undefined], ['8', undefined]])('%s', (zone, expected) => {
    expect(readOffset(zone)).toBe(expected);
  });
});
