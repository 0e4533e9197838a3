import type { Groups, GroupSize } from '../insight/groups.js';
import type { SegmentCount, SegmentInsight } from './preview-bodies.js';

/**
 * A preview for somebody who must not learn of a person, of counts that are told already, 0 for fewer than the least: no sample of people, no overlaps (ask for them by a condition), and a margin
 * that covers noise and rounding. What comes from a sample was told of the people in it and then raised, and so is the least.
 *
 * @example previewInGroups(await previewSegment(admin, caller, body, groups), groups)
 */
export function previewInGroups({ change, ...count }: SegmentCount, { smallest, least }: Pick<Groups, 'smallest' | 'least'>): SegmentInsight {
  const { population, evaluated, margin, isExact } = count;
  const raise = evaluated > 0 && evaluated < population ? population / evaluated : 1;
  const size = (told: number, by = raise): GroupSize => (told === 0 ? `fewer than ${Math.ceil(least * by)}` : Math.floor(told / smallest) * smallest);
  const wider = (given: number, by: number): number => given + Math.ceil(least * by);
  const exact = isExact ? 1 : raise;
  return {
    ...count, population: size(population, 1), evaluated: size(evaluated, 1), matching: size(count.matching, exact), members: size(count.members, exact), isExact: false,
    margin: { population: wider(margin.population, 1), matching: wider(margin.matching, exact), members: wider(margin.members, exact) },
    notes: [...count.notes, `Numbers have noise of at most ${Math.ceil(smallest * raise)} and are rounded down to multiples of ${smallest}; parts of the condition that decide on few people are passed over. They stay as they are all day.`],
    waterfall: count.waterfall.map(({ path, remaining }) => ({ path, remaining: size(remaining) })),
    overlap: [], change: change === null ? null : { entering: size(change.entering), leaving: size(change.leaving), enteringSample: [], leavingSample: [] }, sample: [],
  };
}
