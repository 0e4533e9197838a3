import { z } from 'zod';
import { getAccessSettings } from '../access-settings/access-settings.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';

/** A number of people as it is told. */
export const groupSizeSchema = z.union([z.int(), z.string().regex(/^fewer than \d+$/)])
  .meta({ description: 'To who may not read profiles only groups are told: rounded down to a multiple of the smallest group, and `fewer than 50` below it.' });
export type GroupSize = z.infer<typeof groupSizeSchema>;

/** Tells numbers of people to somebody who must not learn of a person. */
export interface Groups {
  /** The smallest group that is told of. */
  smallest: number;
  size(count: number): GroupSize;
  /** As a number where there must be one; 0 stands for fewer than the smallest group. */
  rounded(count: number): number;
}

/**
 * Groups of at least `smallest` people. All numbers are multiples of it, so that the difference of any two of them is one as well: whoever subtracts a part from a whole,
 * or one step from the next, finds no smaller group than they would be told of.
 *
 * @example groupsOf(50).size(130) // 100
 */
export function groupsOf(smallest: number): Groups {
  const rounded = (count: number): number => Math.floor(count / smallest) * smallest;
  return { smallest, rounded, size: (count) => (count < smallest ? `fewer than ${smallest}` : rounded(count)) };
}

/** How numbers of people are told to the caller; null when as they are, to who may read profiles anyway. */
export async function groupsFor(admin: Pick<AdminContext, 'repository'>, { workspaceId, ability }: Pick<Caller, 'workspaceId' | 'ability'>): Promise<Groups | null> {
  if (ability.can('read', 'profile')) return null;
  return groupsOf((await getAccessSettings(admin, workspaceId)).minimumGroupSize);
}
