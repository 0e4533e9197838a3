import { DAY_MS, utcDay } from '@firsthand/domain';
import type { Collections } from '../store/collections.js';
import { storeKey } from '../store/store-key.js';
import { withStoreFailures } from '../store/with-store-failures.js';

/** The days over which numbers of conditions are counted. */
export const GROUP_NUMBER_DAYS = 30;

/** A number of people with its noise. */
export interface GroupNumber {
  /** A keyed hash of what is counted. */
  key: string;
  number: number;
}

/** Which numbers: those of one day (`2026-11-24`), of conditions that somebody wrote or of what is there anyway. */
export interface GroupNumbersOfDay {
  workspaceId: string;
  day: string;
  isShaped: boolean;
}

/** The numbers that were told of groups. What was told first stands all day. */
export interface GroupNumberStore {
  /** By key; a number that is not there is left out. */
  find(place: GroupNumbersOfDay, keys: readonly string[]): Promise<Map<string, number>>;
  /** Keeps numbers; one that is there already stays. */
  insert(asked: GroupNumbersOfDay & { numbers: readonly GroupNumber[] }): Promise<void>;
  /** How many of conditions there are of the {@link GROUP_NUMBER_DAYS} days up to this one, and the first of these days that has any. */
  countShaped(workspaceId: string, day: string): Promise<{ count: number; firstDay: string | null }>;
}

/**
 * Numbers of groups on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const numbers = createGroupNumberStore(collections);
 */
export function createGroupNumberStore({ groupNumbers }: Pick<Collections, 'groupNumbers'>): GroupNumberStore {
  const idOf = ({ workspaceId, day, isShaped }: GroupNumbersOfDay, key: string): string => storeKey(workspaceId, isShaped ? 'shaped' : 'fixed', day, key);
  return withStoreFailures<GroupNumberStore>({
    async find(place, keys) {
      const rows = await groupNumbers.find({ _id: { $in: keys.map((key) => idOf(place, key)) } }).toArray();
      return new Map(rows.map(({ _id, number }) => [_id.slice(_id.lastIndexOf('|') + 1), number]));
    },

    async insert({ numbers, ...place }) {
      if (numbers.length === 0) return;
      const expireAt = new Date(Date.parse(place.day) + (place.isShaped ? GROUP_NUMBER_DAYS + 1 : 1) * DAY_MS);
      await groupNumbers.bulkWrite(numbers.map(({ key, number }) => (
        { updateOne: { filter: { _id: idOf(place, key) }, update: { $setOnInsert: { schemaVersion: 1, workspaceId: place.workspaceId, number, expireAt } }, upsert: true } })), { ordered: false });
    },

    async countShaped(workspaceId, day) {
      const from = utcDay(Date.parse(day) - (GROUP_NUMBER_DAYS - 1) * DAY_MS);
      const range = { _id: { $gte: storeKey(workspaceId, 'shaped', from), $lt: storeKey(workspaceId, 'shaped', `${day}}`) } };
      const [count, first] = [await groupNumbers.countDocuments(range), await groupNumbers.findOne(range, { sort: { _id: 1 }, projection: { _id: 1 } })];
      return { count, firstDay: first?._id.split('|')[2] ?? null };
    },
  });
}
