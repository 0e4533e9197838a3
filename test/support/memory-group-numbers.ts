import { GROUP_NUMBER_DAYS, type GroupNumberStore } from '@firsthand/persistence';

const DAY_MS = 86_400_000;

/** Numbers of groups of one workspace, in memory. */
export function memoryGroupNumbers(): GroupNumberStore {
  const rows = new Map<string, { number: number; day: string; isShaped: boolean }>();
  const idOf = (day: string, isShaped: boolean, key: string): string => `${day} ${isShaped} ${key}`;
  return {
    find: ({ day, isShaped }, keys) => Promise.resolve(new Map(keys.flatMap((key) => {
      const row = rows.get(idOf(day, isShaped, key));
      return row === undefined ? [] : [[key, row.number] as const];
    }))),
    insert({ day, isShaped, numbers }) {
      for (const { key, number } of numbers) if (!rows.has(idOf(day, isShaped, key))) rows.set(idOf(day, isShaped, key), { number, day, isShaped });
      return Promise.resolve();
    },
    countShaped(_, until) {
      const from = Date.parse(until) - (GROUP_NUMBER_DAYS - 1) * DAY_MS;
      const days = [...rows.values()].filter(({ day, isShaped }) => isShaped && Date.parse(day) >= from && day <= until).map(({ day }) => day).sort();
      return Promise.resolve({ count: days.length, firstDay: days[0] ?? null });
    },
  };
}
