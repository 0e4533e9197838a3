import { canonicalJson, DAY_MS, FirsthandError, utcDay, type JsonValue } from '@firsthand/domain';
import { createGroupNumberStore, GROUP_NUMBER_DAYS, type GroupNumberStore } from '@firsthand/persistence';
import { createHmac, hkdfSync } from 'node:crypto';
import { z } from 'zod';
import { getAccessSettings } from '../access-settings/access-settings.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { noiseOf } from './group-noise.js';

/** A number of people as it is told. */
export const groupSizeSchema = z.union([z.int(), z.string().regex(/^fewer than \d+$/)])
  .meta({ description: 'To who may not read profiles only groups are told: with noise, rounded down to a multiple of the smallest group, and `fewer than 100` below twice that group.' });
export type GroupSize = z.infer<typeof groupSizeSchema>;

/** A count, and what it is of: the same question has the same answer all day. */
export interface AskedCount {
  question: JsonValue;
  count: number;
}

/** Tells numbers of people to somebody who must not learn of a person. */
export interface Groups {
  smallest: number;
  /** Below this no number is told: with its noise taken off it is a group at least. */
  least: number;
  /** The counts with their noise, of groups that a condition of the caller's own makes. @throws FirsthandError `RATE_LIMITED` when too many have been told */
  shaped(asked: readonly AskedCount[]): Promise<number[]>;
  /** The counts with their noise, of what is there whoever asks. */
  fixed(asked: readonly AskedCount[]): Promise<number[]>;
  /** A count with its noise that never changes, such as of a day that is over. */
  lasting(asked: AskedCount): number;
  /** What is told of a number with its noise: a multiple of the smallest group, 0 for fewer than {@link least}. */
  told(noised: number): number;
  size(noised: number): GroupSize;
}

/** What {@link groupsOf} works on. */
export interface GroupOptions {
  workspaceId: string;
  smallest: number;
  /** How many numbers of conditions may be told in 30 days. */
  mostNumbers: number;
  numbers: GroupNumberStore;
  /** Of the host: it makes the noise, and hides what was asked. */
  secret: Uint8Array;
  now: number;
}

const KEY_LENGTH = 32;
const DRAW_BYTES = 6;

/**
 * Groups of at least `smallest` people, with noise ({@link noiseOf}) of at most as many. What is told of a question first stands all day: neither asking again nor a person who comes or goes
 * meanwhile shows anything.
 *
 * @example const [told] = (await groups.shaped([{ question: ['matching', condition], count: 130 }])).map(groups.size); // 100, 150, or 'fewer than 100'
 */
export function groupsOf({ workspaceId, smallest, mostNumbers, numbers, secret, now }: GroupOptions): Groups {
  const least = 2 * smallest;
  const day = utcDay(now);
  const noise = noiseOf(smallest);
  const secretKey = Buffer.from(hkdfSync('sha256', secret, '', 'firsthand numbers of groups', 32));
  const told = (noised: number): number => (noised < least ? 0 : Math.floor(noised / smallest) * smallest);
  const noised = (when: string, { question, count }: AskedCount): { key: string; number: number } => {
    const digest = createHmac('sha256', secretKey).update(canonicalJson([workspaceId, smallest, when, question])).digest();
    return { key: digest.toString('hex').slice(-KEY_LENGTH), number: count + noise(digest.readUIntBE(0, DRAW_BYTES)) };
  };

  async function keep(asked: readonly AskedCount[], isShaped: boolean): Promise<number[]> {
    const place = { workspaceId, day, isShaped };
    const drawn = asked.map((one) => noised(day, one));
    const keys = drawn.map(({ key }) => key);
    const known = await numbers.find(place, keys);
    const missing = drawn.filter(({ key }) => !known.has(key));
    if (missing.length === 0) return keys.map((key) => known.get(key) as number);
    if (isShaped) await spend(new Set(missing.map(({ key }) => key)).size);
    await numbers.insert({ ...place, numbers: missing });
    // Again: of two who ask at once neither goes beyond.
    if (isShaped) await spend(0);
    const kept = await numbers.find(place, keys);
    return keys.map((key) => kept.get(key) ?? nothingKept());
  }

  async function spend(more: number): Promise<void> {
    const { count, firstDay } = await numbers.countShaped(workspaceId, day);
    if (count + more <= mostNumbers) return;
    const frees = Date.parse(firstDay ?? day) + GROUP_NUMBER_DAYS * DAY_MS;
    throw new FirsthandError('RATE_LIMITED', `No more numbers of groups are told: at most ${mostNumbers} in ${GROUP_NUMBER_DAYS} days.`, [], { retryAfterSeconds: Math.ceil((frees - now) / 1_000) });
  }

  return {
    smallest, least, told,
    shaped: (asked) => keep(asked, true),
    fixed: (asked) => keep(asked, false),
    lasting: (asked) => noised('', asked).number,
    size: (number) => (number < least ? `fewer than ${least}` : told(number)),
  };
}

/** How numbers of people are told to the caller; null when as they are, to who may read profiles anyway. */
export async function groupsFor({ repository, collections, secretKey, clock }: Pick<AdminContext, 'repository' | 'collections' | 'secretKey' | 'clock'>, { workspaceId, ability }: Pick<Caller, 'workspaceId' | 'ability'>): Promise<Groups | null> {
  if (ability.can('read', 'profile')) return null;
  const { minimumGroupSize, groupNumbers } = await getAccessSettings({ repository }, workspaceId);
  return groupsOf({ workspaceId, smallest: minimumGroupSize, mostNumbers: groupNumbers, numbers: createGroupNumberStore(collections), secret: secretKey.bytes, now: clock() });
}

/** What is told of everybody in the workspace, as counted or as estimated. */
export async function toldPopulation(groups: Groups, count: number, isEstimate = false): Promise<number> {
  const [number = 0] = await groups.fixed([{ question: ['population', isEstimate], count }]);
  return groups.told(number);
}

function nothingKept(): never {
  throw new FirsthandError('UNAVAILABLE', 'What was told of a group was not kept.');
}
