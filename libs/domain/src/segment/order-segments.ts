import { FirsthandError } from '../errors/firsthand-error.js';

/** A segment and the ids of the segments that its condition reads. */
export interface SegmentReads {
  segmentId: string;
  segments: readonly string[];
}

/**
 * Orders segments so that each comes after those it reads, else in the given order: evaluated so, one pass settles all. An id
 * that is not in the list is passed over.
 *
 * @throws FirsthandError INVALID_SEGMENT if segments read each other in a circle
 * @example orderSegments([{ segmentId: 'b', segments: ['a'] }, { segmentId: 'a', segments: [] }]) // a, b
 */
export function orderSegments<T extends SegmentReads>(segments: readonly T[]): T[] {
  const byId = new Map(segments.map((segment) => [segment.segmentId, segment]));
  const ordered = new Set<T>();
  const visit = (segment: T, path: readonly string[]): void => {
    if (ordered.has(segment)) return;
    if (path.includes(segment.segmentId)) throw circleError([...path, segment.segmentId]);
    for (const id of segment.segments) {
      const read = byId.get(id);
      if (read !== undefined) visit(read, [...path, segment.segmentId]);
    }
    ordered.add(segment);
  };
  for (const segment of segments) visit(segment, []);
  return [...ordered];
}

function circleError(path: readonly string[]): FirsthandError {
  const circle = path.slice(path.indexOf(path.at(-1) as string)).join(' → ');
  return new FirsthandError('INVALID_SEGMENT', `Segments read each other in a circle: ${circle}`, [{ path: '', message: `reads itself: ${circle}` }]);
}
