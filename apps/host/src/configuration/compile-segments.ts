import { compileCondition, orderSegments, type PushLimits, type SegmentReads } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { SegmentDefinition } from '@firsthand/pipeline';
import { segmentDocument } from './documents.js';
import type { ProblemList } from './problem-list.js';

type Ordered = SegmentReads & { segment: SegmentDefinition };

/** Compiles the live segments, each after those it reads. One that would close a circle is left out. */
export function compileSegments(rows: readonly Configured[], workspaceId: string, list: ProblemList): SegmentDefinition[] {
  let ordered: Ordered[] = [];
  for (const { id, content: { status, published } } of list.read('segments', rows, segmentDocument)) {
    if (status !== 'live' || published === null) continue;
    const { version, name, purpose } = published;
    ordered = list.attempt('segments', id, () => {
      const condition = compileCondition(published.condition);
      const segment: SegmentDefinition = { segmentId: id, workspaceId, version, name, purpose, condition };
      return orderSegments([...ordered, { segmentId: id, segments: condition.segments, segment }]);
    }) ?? ordered;
  }
  return ordered.map(({ segment }) => segment);
}

/** What is said of how far segments may move; also of those that are not live, whose people may be on their way still. What cannot be read says nothing, so that the built-in limits hold. */
export function compilePushLimits(rows: readonly Configured[]): ReadonlyMap<string, PushLimits | null> {
  return new Map(rows.flatMap(({ id, content }): [string, PushLimits | null][] => {
    const { data } = segmentDocument.shape.pushLimits.safeParse((content as { pushLimits?: unknown }).pushLimits);
    return data === undefined ? [] : [[id, data]];
  }));
}
