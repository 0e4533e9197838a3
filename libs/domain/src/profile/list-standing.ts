import type { ListStanding, Profile } from './profile.js';

/** What stands before the flow's id where a flow has put somebody on a list: in the `origin` of a standing. */
export const FLOW_ORIGIN = 'flow|';

/**
 * Whether a person stands on a static list. Who stands on it is in its segment only with consent to the segment's purpose.
 *
 * @example standsOn(profile, 'vip')
 */
export function standsOn({ lists }: Partial<Pick<Profile, 'lists'>>, segmentId: string): boolean {
  return lists?.some((standing) => standing.segmentId === segmentId) === true;
}

/**
 * Puts a person on a list or takes them off, in place. Gives whether that changed anything: who stands there already stays as they came.
 *
 * @example changeStanding(profile, 'vip', true, { at: now, origin: 'upload' })
 */
export function changeStanding(profile: Pick<Profile, 'lists'>, segmentId: string, isListed: boolean, given: Omit<ListStanding, 'segmentId'>): boolean {
  if (standsOn(profile, segmentId) === isListed) return false;
  const others = profile.lists?.filter((standing) => standing.segmentId !== segmentId) ?? [];
  // A person on no list has no field: only listed people are in the index of lists.
  if (!isListed && others.length === 0) delete profile.lists;
  else profile.lists = isListed ? [...others, { segmentId, ...given }] : others;
  return true;
}

/** The lists of two people found to be one: on each that either stands on, since the earlier of the two. */
export function unionLists(one: readonly ListStanding[] = [], other: readonly ListStanding[] = []): Pick<Profile, 'lists'> {
  const first = new Map<string, ListStanding>();
  for (const standing of [...one, ...other]) {
    const known = first.get(standing.segmentId);
    if (known === undefined || isBefore(standing, known)) first.set(standing.segmentId, standing);
  }
  return first.size === 0 ? {} : { lists: [...first.values()].sort((a, b) => (a.segmentId < b.segmentId ? -1 : 1)) };
}

/** The same of two whichever is asked first. */
function isBefore(one: ListStanding, other: ListStanding): boolean {
  return one.at === other.at ? one.origin < other.origin : one.at < other.at;
}
