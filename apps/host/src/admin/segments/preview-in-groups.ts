import type { Groups } from '../insight/groups.js';
import type { SegmentCount, SegmentInsight } from './preview-bodies.js';

/**
 * A preview for somebody who must not learn of a person: every number in groups, no sample of people, no overlap that is smaller than a group (even that there is one
 * would tell), no shares, from which exact numbers could be worked out, and a margin that covers the rounding.
 *
 * @example previewInGroups(await previewSegment(admin, caller, body), groupsOf(50))
 */
export function previewInGroups({ change, ...count }: SegmentCount, { smallest, size, rounded }: Groups): SegmentInsight {
  const margin = (given: number): number => rounded(given) + smallest;
  return {
    ...count, population: size(count.population), evaluated: size(count.evaluated), matching: size(count.matching), members: size(count.members), isExact: false,
    margin: { population: margin(count.margin.population), matching: margin(count.margin.matching), members: margin(count.margin.members) }, notes: [...count.notes, `Numbers are rounded down to multiples of ${smallest}, and parts of the condition that decide on fewer people are passed over.`],
    waterfall: count.waterfall.map(({ path, remaining }) => ({ path, remaining: size(remaining) })),
    overlap: count.overlap.filter(({ both }) => both >= smallest).map(({ segmentId, name, both }) => ({ segmentId, name, both: size(both), shareOfThis: null, shareOfThat: null }))
      .sort((one, other) => (one.segmentId < other.segmentId ? -1 : 1)),
    change: change === null ? null : { entering: size(change.entering), leaving: size(change.leaving), enteringSample: [], leavingSample: [] },
    sample: [],
  };
}
