/** Below this a number is seconds (until the year 5138), from here on milliseconds (since 1973). */
const SECONDS_BELOW = 1e11;
/** The last moment with a four-digit year. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const NUMERIC = /^-?\d{9,13}(?:\.\d{1,6})?$/;
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;
const ISO = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:(?:[T ]|, ?)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?()(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const DAY_FIRST_OR_MONTH_FIRST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(.*)$/;

/** The order of day and month in dates like `03/04/2026`. */
export type DateOrder = 'dmy' | 'mdy';

/**
 * Reads a moment: ISO 8601, `YYYY-MM-DD HH:mm:ss` and near relatives, `YYYYMMDDHHmmss`, or Unix time in seconds or milliseconds (number or digits).
 * `offset` (`+08:00`, `Z`) is used where the text names none; UTC by default. `order` allows `03/04/2026`.
 * Gives epoch milliseconds, or undefined when it is no moment between the years 1 and 9999.
 *
 * @example readTime('2026-11-24 08:00:00', '+08:00') // Date.UTC(2026, 10, 24)
 */
export function readTime(value: unknown, offset?: string, order?: DateOrder): number | undefined {
  if (typeof value === 'number') return inRange(Math.abs(value) < SECONDS_BELOW ? value * 1000 : value);
  if (typeof value !== 'string' || value.length > 40) return undefined;
  if (CANONICAL.test(value) && Number(value.slice(8, 10)) <= 28) return inRange(Date.parse(value));
  const text = value.trim();
  if (NUMERIC.test(text)) return readTime(Number(text));
  const fields = ISO.exec(text) ?? COMPACT.exec(text) ?? (order === undefined ? null : ISO.exec(yearFirst(text, order)));
  return fields === null ? undefined : toEpoch(fields, offset);
}

function yearFirst(text: string, order: DateOrder): string {
  return text.replace(DAY_FIRST_OR_MONTH_FIRST, (_, first: string, second: string, year: string, rest: string) =>
    order === 'dmy' ? `${year}-${second}-${first}${rest}` : `${year}-${first}-${second}${rest}`);
}

function toEpoch(fields: RegExpExecArray, offset: string | undefined): number | undefined {
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = '', zone = offset ?? 'Z'] = fields;
  const offsetMs = readOffset(zone);
  if (offsetMs === undefined || +hour > 24 || (+hour === 24 && +minute + +second > 0) || +minute > 59 || +second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(+year, +month - 1, +day);
  // Date rolls 30 February over to March; a date that does not exist is no date.
  if (date.getUTCMonth() !== +month - 1 || date.getUTCDate() !== +day) return undefined;
  date.setUTCHours(+hour, +minute, Math.min(+second, 59), +fraction.slice(0, 3).padEnd(3, '0'));
  return inRange(date.getTime() - offsetMs);
}

/**
 * Reads a zone offset (`Z`, `+08:00`, `-0530`, `+08`). Gives milliseconds east of UTC, or undefined.
 *
 * @example readOffset('+08:00') // 28800000
 */
export function readOffset(zone: string): number | undefined {
  if (/^(?:z|utc|gmt)$/i.test(zone)) return 0;
  const fields = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (fields === null) return undefined;
  const [, sign, hours = '0', minutes = '0'] = fields;
  if (+hours > 14 || +minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (+hours * 60 + +minutes) * 60_000;
}

function inRange(ms: number): number | undefined {
  return Number.isFinite(ms) && ms <= LAST_MS && ms >= -62_135_596_800_000 ? Math.round(ms) + 0 : undefined;
}
