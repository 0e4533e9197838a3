import type { LoginTryStore } from '@firsthand/pipeline';

/** Tries of credentials, in memory. */
export function memoryLoginTries(): LoginTryStore {
  const rows = new Map<string, { count: number; until: number }>();
  return {
    countTry({ key, most, now, until }) {
      const row = rows.get(key);
      const isOpen = row !== undefined && row.until > now && row.count > 0;
      const next = isOpen ? { count: row.count + 1, until: row.until } : { count: 1, until };
      const isCounted = next.count <= most;
      if (isCounted) rows.set(key, next);
      return Promise.resolve({ key, ...next, isCounted });
    },
    takeBackTries({ key, until, count }) {
      const row = rows.get(key);
      if (row?.until === until) rows.set(key, { until, count: row.count - count });
      return Promise.resolve();
    },
  };
}
