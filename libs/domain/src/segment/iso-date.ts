/** Year, month, day, hour, minute, second, fraction, offset. One pattern for every place that reads stored dates. */
export const ISO_DATE = /^((?!0000)\d{4})-(0[1-9]|1[0-2])-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/**
 * Reads an ISO 8601 date (`2026-11-24`, midnight UTC) or a date and time with its offset (`2026-11-24T08:00:00Z`).
 * A time without an offset is refused: it would mean something else on each server. So is a day that does not exist.
 *
 * @returns epoch milliseconds, or NaN
 * @example parseIsoDate('2026-11-24') // 1795478400000
 */
export function parseIsoDate(text: string): number {
  if (text.length < 10 || text.length > 35) return NaN;
  const parts = ISO_DATE.exec(text);
  if (parts === null) return NaN;
  const daysInMonth = new Date(Date.UTC(Number(parts[1]), Number(parts[2]), 0)).getUTCDate();
  return Number(parts[3]) > daysInMonth ? NaN : Date.parse(text);
}
