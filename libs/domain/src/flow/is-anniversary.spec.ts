import { isAnniversary } from './is-anniversary.js';

it.each([
  ['1990-05-17', '2026-05-17T10:00:00Z', 'UTC', true],
  ['1990-05-17T00:00:00.000Z', '2026-05-17T10:00:00Z', 'UTC', true],
  ['1990-05-17', '2026-05-16T20:00:00Z', 'Asia/Shanghai', true],
  ['1990-05-17', '2026-05-18T10:00:00Z', 'UTC', false],
  ['1992-02-29', '2026-02-28T10:00:00Z', 'UTC', true],
  ['1992-02-29', '2028-02-28T10:00:00Z', 'UTC', false],
  ['1992-02-29', '2028-02-29T10:00:00Z', 'UTC', true],
  ['soon', '2026-05-17T10:00:00Z', 'UTC', false],
  [undefined, '2026-05-17T10:00:00Z', 'UTC', false],
])('%s at %s in %s: %s', (date, now, zone, expected) => {
  expect(isAnniversary(date, Date.parse(now), zone)).toBe(expected);
});
