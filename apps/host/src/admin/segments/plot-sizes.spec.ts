import { plotSizes } from './plot-sizes.js';

const at = (hour: number): string => `2026-11-24T0${hour}:00:00.000Z`;
const points = [{ at: at(1), size: 0 }, { at: at(2), size: 50 }, { at: at(3), size: 100 }];

it('draws sizes from zero up over the width of the span', () => {
  const svg = plotSizes({ segmentId: 'vip', points, changes: [{ at: at(3), before: 50, after: 100 }] });
  expect(svg).toContain('<polyline points="70.0,260.0 425.0,150.0 780.0,40.0"');
  expect(svg).toContain('<circle cx="780.0" cy="40.0"');
  expect(svg).toContain('2026-11-24T01:00Z');
});

it('says so where there is nothing, or one point', () => {
  expect(plotSizes({ segmentId: 'vip', points: [], changes: [] })).toContain('No snapshot');
  expect(plotSizes({ segmentId: 'vip', points: points.slice(1, 2), changes: [] })).toContain('<polyline points="425.0,40.0"');
});

it('lets no markup in', () => {
  expect(plotSizes({ segmentId: '<script>"&', points, changes: [] })).not.toContain('<script>');
});
