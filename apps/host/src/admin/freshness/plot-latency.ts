/** What a picture of latencies is drawn from, in units of its own. */
export interface LatencyPlot {
  width: number;
  height: number;
  /** Of polylines, `x,y x,y`: half of all, and all but a hundredth. */
  p50: string;
  p99: string;
  /** Points of the second one, for those that stand alone. */
  dots: { x: string; y: string; title: string }[];
  /** Where times stand that are ten times the one below. */
  scale: { y: string; textY: string; label: string }[];
  firstAt: string;
  lastAt: string;
}

const WIDTH = 640;
const HEIGHT = 120;
const EDGE = 8;
/** Below nobody sees a difference. */
const LEAST_MS = 10;

/**
 * Places latencies on a picture: time from left to right over the whole span, and upwards each tenfold as high as the last, since what takes a minute must not hide what takes a second.
 *
 * @example plotLatency([{ at: '2026-11-24T08:00:00.000Z', p50Ms: 90, p99Ms: 800 }], { from, to }).dots
 */
export function plotLatency(points: readonly { at: string; p50Ms: number | null; p99Ms: number | null }[], { from, to }: { from: string; to: string }): LatencyPlot {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const tenfolds = Math.max(2, Math.ceil(Math.log10(Math.max(LEAST_MS, ...points.map(({ p99Ms }) => p99Ms ?? 0)) / LEAST_MS)));
  const x = (at: string): string => (EDGE + Math.min(1, Math.max(0, (Date.parse(at) - begin) / Math.max(1, end - begin))) * (WIDTH - 2 * EDGE)).toFixed(1);
  const y = (ms: number): number => EDGE + (1 - Math.log10(Math.max(LEAST_MS, ms) / LEAST_MS) / tenfolds) * (HEIGHT - 2 * EDGE);
  const line = (of: 'p50Ms' | 'p99Ms'): { x: string; y: string; title: string }[] => points.map((point) => ({ x: x(point.at), y: y(point[of] ?? 0).toFixed(1), title: `${point.at.slice(0, 16)}Z: ${duration(point[of])}` }));
  const polyline = (dots: readonly { x: string; y: string }[]): string => dots.map((dot) => `${dot.x},${dot.y}`).join(' ');
  const dots = line('p99Ms');
  const scale = Array.from({ length: tenfolds + 1 }, (_, power) => LEAST_MS * 10 ** power).map((ms) => ({ y: y(ms).toFixed(1), textY: Math.max(10, y(ms) - 2).toFixed(1), label: duration(ms) }));
  return { width: WIDTH, height: HEIGHT, p50: polyline(line('p50Ms')), p99: polyline(dots), dots, scale, firstAt: `${from.slice(0, 16)}Z`, lastAt: `${to.slice(0, 16)}Z` };
}

const UNITS: readonly (readonly [string, number])[] = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]];

/** A time as people read it; a dash where there is none. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  const [unit, length] = UNITS.find(([, least]) => ms >= least) ?? ['ms', 1];
  return `${Number((ms / length).toPrecision(3))}\u00a0${unit}`;
}
