/** What a picture of scores is drawn from, in units of its own. */
export interface ScorePlot {
  width: number;
  height: number;
  /** Of a polyline: `x,y x,y`. */
  line: string;
  /** The same as dots, for points that stand alone. */
  dots: { x: string; y: string; title: string }[];
  firstAt: string;
  lastAt: string;
}

const WIDTH = 640;
const HEIGHT = 90;
const EDGE = 6;

/**
 * Places scores on a picture: time from left to right over the whole span, 1 at the top and 0 at the bottom. A gap in time is a gap on the line's way.
 *
 * @example plotScore([{ at: '2026-11-24T08:00:00.000Z', score: 1 }], { from, to }).dots
 */
export function plotScore(points: readonly { at: string; score: number }[], { from, to }: { from: string; to: string }): ScorePlot {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const x = (at: string): string => (EDGE + Math.min(1, Math.max(0, (Date.parse(at) - begin) / Math.max(1, end - begin))) * (WIDTH - 2 * EDGE)).toFixed(1);
  const y = (score: number): string => (EDGE + (1 - score) * (HEIGHT - 2 * EDGE)).toFixed(1);
  const dots = points.map(({ at, score }) => ({ x: x(at), y: y(score), title: `${at.slice(0, 16)}Z: ${percent(score)}` }));
  return { width: WIDTH, height: HEIGHT, line: dots.map((dot) => `${dot.x},${dot.y}`).join(' '), dots, firstAt: `${from.slice(0, 16)}Z`, lastAt: `${to.slice(0, 16)}Z` };
}

/** A share as people read it; a dash where there is none. */
export function percent(score: number | null): string {
  return score === null ? '–' : `${(score * 100).toFixed(score === 1 || score === 0 ? 0 : 1)}\u00a0%`;
}
