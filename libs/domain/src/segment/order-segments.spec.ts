import { orderSegments } from './order-segments.js';

const segment = (segmentId: string, ...segments: string[]) => ({ segmentId, segments });
const idsOf = (...given: ReturnType<typeof segment>[]) => orderSegments(given).map(({ segmentId }) => segmentId);

describe('orderSegments', () => {
  it('puts each after those it reads, else keeps the order', () => {
    expect(idsOf(segment('d', 'b', 'c'), segment('a'), segment('b', 'a'), segment('c', 'a'))).toEqual(['a', 'b', 'c', 'd']);
    expect(idsOf(segment('b'), segment('a', 'gone'))).toEqual(['b', 'a']);
  });

  it.each([[[segment('a', 'a')], 'a → a'], [[segment('x', 'a'), segment('a', 'b'), segment('b', 'a')], 'a → b → a']])('refuses a circle', (given, circle) => {
    expect(() => orderSegments(given)).toThrow(expect.objectContaining({ code: 'INVALID_SEGMENT', detail: `Segments read each other in a circle: ${circle}` }));
  });
});
